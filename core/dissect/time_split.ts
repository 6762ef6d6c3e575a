import type { Stamp } from "../flow/mod.ts";
import type { Pdu } from "../framing/pdu.ts";

/**
 * Where the time of a transaction went, in µs, as far as the packets prove it at the place of
 * the capture. Null is what they do not prove: a side that was not captured whole, or packets
 * out of order.
 */
export interface TimeSplit {
  /** From the request's first packet to its last. */
  readonly requestUs: number | null;
  /** From the request's last packet to the response's first. */
  readonly serverUs: number | null;
  /** From the response's first packet to its last. */
  readonly responseUs: number | null;
  /** Both ways on the wire together: requests and responses under way, resent parts included. */
  readonly networkUs: number | null;
}

/**
 * Splits the time from a request's first packet to its response's last.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(timeSplit(null, null).serverUs, null);
 * ```
 */
export function timeSplit(request: Pdu | null, response: Pdu | null): TimeSplit {
  const requestUs = wireTime(request);
  const responseUs = wireTime(response);
  const serverUs = requestUs === null || responseUs === null
    ? null
    : forward(request!.stamp, begunOf(response!));
  const networkUs = requestUs === null || responseUs === null
    ? null
    : requestUs + responseUs;
  return { requestUs, serverUs, responseUs, networkUs };
}

/** The packet that a PDU begins in. */
export function begunOf({ stamp }: Pdu): Stamp {
  return stamp.begun ?? stamp;
}

function wireTime(pdu: Pdu | null): number | null {
  return pdu === null || !pdu.whole ? null : forward(begunOf(pdu), pdu.stamp);
}

/** From one stamp to another that is not before it, in µs. */
export function forward(from: Stamp, to: Stamp): number | null {
  const us = (to.seconds - from.seconds) * 1e6 + (to.nanos - from.nanos) / 1e3;
  return us < 0 ? null : us;
}
