import { u16be, u16le, u32be, u32le } from "../bytes/integers.ts";
import type { CaptureInterface } from "./record_parser.ts";
import { i64, TickClock } from "./time.ts";

const OPT_END = 0;
const IF_NAME = 2;
const IF_TSRESOL = 9;
const IF_TSOFFSET = 14;

/** A pcapng interface with the clock its timestamps count by. */
export interface PcapngInterface extends CaptureInterface {
  clock: TickClock;
}

/**
 * Reads the body of an Interface Description Block, `bytes[start..end)` without the block's
 * own header and trailer. `malformed` hears of options that are not as they should be; what
 * was read before them counts.
 *
 * Source: draft-ietf-opsawg-pcapng sections 3.5 and 4.2.
 */
export function readInterface(
  bytes: Uint8Array,
  start: number,
  end: number,
  little: boolean,
  malformed: (message: string) => void,
): PcapngInterface {
  const u16 = little ? u16le : u16be;
  const u32 = little ? u32le : u32be;
  let name: string | null = null;
  let resolution = 6;
  let offset = 0;
  let at = start + 8;
  while (at + 4 <= end) {
    const code = u16(bytes, at);
    const length = u16(bytes, at + 2);
    at += 4;
    if (code === OPT_END) break;
    if (length > end - at) {
      malformed(`interface option ${code} claims ${length} bytes of ${end - at}`);
      break;
    }
    if (code === IF_NAME) {
      name = new TextDecoder().decode(bytes.subarray(at, at + length)).replace(
        /\0+$/,
        "",
      );
    } else if (code === IF_TSRESOL) {
      if (length === 1) resolution = bytes[at]!;
      else malformed(`interface option if_tsresol has ${length} bytes, not 1`);
    } else if (code === IF_TSOFFSET) {
      if (length === 8) offset = i64(bytes, at, little);
      else malformed(`interface option if_tsoffset has ${length} bytes, not 8`);
    }
    at += length + 3 & ~3;
  }
  return {
    linktype: u16(bytes, start),
    snaplen: u32(bytes, start + 4),
    name,
    clock: new TickClock(resolution, offset),
  };
}
