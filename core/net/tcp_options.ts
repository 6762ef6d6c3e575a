import { u16be, u32be } from "../bytes/integers.ts";
import type { Segment } from "./segment.ts";

/** What a SYN offers in its options. */
export interface SynOptions {
  /** Maximum segment size in bytes, or null. */
  mss: number | null;
  /** Window scale as a shift count, at most 14, or null. */
  windowScale: number | null;
  sackPermitted: boolean;
}

/**
 * Reads the options of a SYN segment; malformed ones end the list quietly. Only valid until
 * the sink that got the segment returns.
 *
 * Source: RFC 9293 section 3.2, RFC 7323 section 2, RFC 2018 section 2.
 */
export function synOptions(segment: Segment): SynOptions {
  const found: SynOptions = { mss: null, windowScale: null, sackPermitted: false };
  eachOption(segment, (bytes, at, kind, length) => {
    if (kind === 2 && length === 4) found.mss = u16be(bytes, at + 2);
    if (kind === 3 && length === 3) found.windowScale = Math.min(14, bytes[at + 2]!);
    if (kind === 4 && length === 2) found.sackPermitted = true;
  });
  return found;
}

const NO_BLOCKS: readonly [number, number][] = [];
/** Shortest option of a block, and that of timestamps with its padding. */
const SACK = 10, TIMESTAMPS = 12;

/**
 * The blocks of a selective acknowledgment as pairs of sequence numbers: the first byte's, and
 * the one behind the last; none where there is no such option. Only valid as {@link synOptions}.
 *
 * Source: RFC 2018 section 3.
 */
export function sackBlocks(segment: Segment): readonly [start: number, end: number][] {
  const { bytes, start, optionsStart = start } = segment;
  const length = start - optionsStart;
  // Most segments have no options, or timestamps behind two bytes of padding.
  const isPlain = length < SACK || length === TIMESTAMPS && bytes[optionsStart + 2] === 8;
  if (isPlain) return NO_BLOCKS;
  const blocks: [number, number][] = [];
  eachOption(segment, (bytes, option, kind, length) => {
    if (kind !== 5) return;
    for (let at = option + 2; at + 8 <= option + length; at += 8) {
      blocks.push([u32be(bytes, at), u32be(bytes, at + 4)]);
    }
  });
  return blocks;
}

function eachOption(
  { bytes, start, optionsStart }: Segment,
  found: (bytes: Uint8Array, at: number, kind: number, length: number) => void,
): void {
  for (let at = optionsStart ?? start; at < start;) {
    const kind = bytes[at]!;
    if (kind === 0) break;
    if (kind === 1) {
      at += 1;
      continue;
    }
    const length = bytes[at + 1]!;
    if (at + 1 >= start || length < 2 || at + length > start) break;
    found(bytes, at, kind, length);
    at += length;
  }
}
