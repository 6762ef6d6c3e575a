import { sequenceAdd, sequenceDistance, type Stamp } from "../flow/mod.ts";

/**
 * Whether TCP's own order allows that a response answers a request: its sender had
 * acknowledged the `needed` first bytes of the request when it sent the first byte of the
 * response, and the client had not yet acknowledged that byte when it sent the last one of the
 * request. Where stamps do not tell, it is allowed.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const at = { seconds: 0, nanos: 0 };
 * const request = { ...at, packet: 1, sequence: 100, acknowledged: 500 };
 * const response = { ...at, packet: 2, sequence: 500, acknowledged: 120 };
 * assertEquals(mayAnswer(request, 20, response), true);
 * assertEquals(mayAnswer(request, 21, response), false);
 * assertEquals(mayAnswer({ ...request, acknowledged: 508 }, 20, response), false);
 * ```
 */
export function mayAnswer(request: Stamp, needed: number, response: Stamp): boolean {
  const { acknowledged } = response.begun ?? response;
  if (request.sequence !== undefined && acknowledged !== undefined) {
    const end = sequenceAdd(request.sequence, needed);
    if (sequenceDistance(end, acknowledged) < 0) return false;
  }
  if (request.acknowledged !== undefined && response.sequence !== undefined) {
    if (sequenceDistance(request.acknowledged, response.sequence) < 0) return false;
  }
  return true;
}

/**
 * Whether an end received at least so many bytes of the other flow between two packets of its
 * own; not where stamps do not tell.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * const at = { packet: 1, seconds: 0, nanos: 0 };
 * assert(hasHeard({ ...at, acknowledged: 500 }, { ...at, acknowledged: 508 }, 8));
 * assert(!hasHeard(at, { ...at, acknowledged: 508 }, 8));
 * ```
 */
export function hasHeard(earlier: Stamp, later: Stamp, length: number): boolean {
  const { acknowledged: from } = earlier;
  const { acknowledged: to } = later;
  return from !== undefined && to !== undefined && sequenceDistance(from, to) >= length;
}

/**
 * Whether a response is the very next thing its sender said after all that the client had
 * received when it sent the request. A client that waits for each answer has received all that
 * was ever said, so only the answer to its request can begin there. Where stamps do not tell,
 * it is so.
 */
export function isNext(request: Stamp, response: Stamp): boolean {
  if (request.acknowledged === undefined || response.sequence === undefined) return true;
  return request.acknowledged === response.sequence;
}
