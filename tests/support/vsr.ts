import { VSR_FRAMES } from "../../plugins/framings/vsr/mod.ts";
import { frameTable } from "../../plugins/framings/vsr/frames.ts";
import { iggyCommands } from "../../plugins/mod.ts";
import {
  commandTable,
  encode,
  type Fields,
  firstOf,
  xxh3,
} from "../../core/schema/mod.ts";
import { concat } from "./packets.ts";

const RELEASE = firstOf("0.9-edge.5");

/** The frames that Iggy's registry knows. */
export const FRAMES = frameTable(VSR_FRAMES, commandTable(iggyCommands));

/** Fields that every sample of a header has, 0 where nothing else is said. */
const ZEROS: Fields = {
  checksum: 0n,
  checksum_body: 0n,
  cluster: 0n,
  view: 0,
  release: 0,
  replica: 0,
};

/** A frame of a command byte, with the fields that matter and all others 0. */
export function vsrFrame(
  command: number,
  fields: Fields = {},
  body: Uint8Array = new Uint8Array(0),
  release = RELEASE,
): Uint8Array {
  const kind = FRAMES.byNumber(command)!.header;
  const zeros = Object.fromEntries(
    kind.fields!.filter(([name]) => !name.startsWith("_"))
      .map(([name, field]) => [
        name,
        field.type === "bytes"
          ? new Uint8Array(field.minSize)
          : field.type === "boolean"
          ? false
          : /uint(64|128)/.test(field.type)
          ? 0n
          : 0,
      ]),
  );
  const size = 256 + body.length;
  const name = FRAMES.names[command];
  const header = encode(
    kind,
    { ...zeros, ...ZEROS, size, command: name, ...fields },
    release,
  );
  return concat(header, body);
}

const CLIENT = 0x0123_4567_89ab_cdefn;

/** A request as an SDK without checksums sends it. */
export function request(fields: Fields, body?: Uint8Array): Uint8Array {
  return vsrFrame(5, { client: CLIENT, session: 7n, request: 1n, ...fields }, body);
}

/** A request of a command that is not replicated. */
export function ask(code: number, number = 1n, body?: Uint8Array): Uint8Array {
  return request({ operation: "non_replicated", request: number, _code: code }, body);
}

/** A reply; its operation is the one that was replicated. */
export function reply(fields: Fields, body?: Uint8Array): Uint8Array {
  return vsrFrame(8, { operation: "non_replicated", request: 1n, ...fields }, body);
}

/** A frame between replicas with its checksum made. */
export function sealed(
  command: number,
  fields: Fields,
  body: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const frame = vsrFrame(command, { cluster: 99n, replica: 1, ...fields }, body);
  const isPrepare = command === 6 || command === 19;
  const part = isPrepare ? frame.slice(0, 256) : frame.subarray(16, 256);
  if (isPrepare) {
    part.fill(0, 0, 16);
    part.fill(0, 52, 56);
    part[60] = 6;
  }
  new DataView(frame.buffer).setBigUint64(0, xxh3(part)!, true);
  return frame;
}
