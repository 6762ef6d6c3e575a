import type { Segment } from "../../../core/net/segment.ts";
import { type TcpOptions, TcpTracker } from "../../../core/tcp/mod.ts";

/** Sequence number of each side's SYN in these tests. */
export const CLIENT_ISN = 1000;
export const SERVER_ISN = 5000;

const FLAGS: Record<string, number> = { F: 1, S: 2, R: 4, P: 8, A: 16, U: 32 };

/** One row's segment: `from` c or s, sequence and acknowledgment relative to the SYNs. */
export interface Row {
  from: "c" | "s";
  /** Relative sequence number: the first byte after the SYN is 1. */
  seq: number;
  ack?: number;
  /** Letters of F S R P A U; A unless told. */
  flags?: string;
  data?: string;
  /** Length on the wire where more than was captured. */
  length?: number;
  /** Milliseconds since the capture began; else 10 µs after the one before. */
  ms?: number;
  isn?: number;
  port?: number;
}

/** Builds segments with packet numbers from 1. */
export function segments(rows: Row[]): Segment[] {
  let micros = 0;
  return rows.map((row, i) => {
    micros = row.ms === undefined ? micros + 10 : row.ms * 1000;
    const bytes = new TextEncoder().encode(row.data ?? "");
    const client = row.from === "c";
    const isn = row.isn ?? (client ? CLIENT_ISN : SERVER_ISN);
    const peerIsn = client ? SERVER_ISN : CLIENT_ISN;
    const flags = [...(row.flags ?? "A")].reduce((all, f) => all | (FLAGS[f] ?? 0), 0);
    return {
      packet: {
        number: i + 1,
        seconds: Math.floor(micros / 1e6),
        nanos: (micros % 1e6) * 1000,
        linktype: 1,
        bytes,
        start: 0,
        end: bytes.length,
        originalLength: bytes.length,
      },
      source: client ? 1 : 2,
      destination: client ? 2 : 1,
      sourcePort: client ? row.port ?? 40000 : 8090,
      destinationPort: client ? 8090 : row.port ?? 40000,
      sequence: (row.seq + isn) >>> 0,
      acknowledgment: (flags & 16) !== 0 ? ((row.ack ?? 1) + peerIsn) >>> 0 : 0,
      flags,
      window: 512,
      bytes,
      start: 0,
      end: bytes.length,
      length: row.length ?? bytes.length,
    };
  });
}

/** A handshake without data. */
export const HANDSHAKE: Row[] = [
  { from: "c", seq: 0, flags: "S" },
  { from: "s", seq: 0, flags: "SA", ack: 1 },
  { from: "c", seq: 1, ack: 1 },
];

/** Everything the tracker says, as short lines: `c "abc" @4` = client bytes, packet 4. */
export function events(all: Segment[], options: Partial<TcpOptions> = {}): string[] {
  const seen: string[] = [];
  const tracker = new TcpTracker({
    open: (c) => seen.push(`open ${c.number} ${c.clientEndpoint} ${c.serverEndpoint}`),
    data(_, side, bytes, start, end, { packet }) {
      const text = new TextDecoder().decode(bytes.subarray(start, end));
      seen.push(`${side[0]} ${JSON.stringify(text)} @${packet}`);
    },
    gap: (_, side, length) => seen.push(`${side[0]} gap ${length}`),
    finish: (_, side) => seen.push(`${side[0]} fin`),
    close: (c) => seen.push(`close ${c.number}`),
    release(c, { state }) {
      seen.push(`release ${c.number} ${state}`);
    },
  }, {
    addressText: (address) => `10.0.0.${address}`,
    report: (_, issue) => seen.push(`${issue.severity}: ${issue.message}`),
    ...options,
  });
  for (const segment of all) tracker.push(segment);
  seen.push("end");
  tracker.end();
  return seen;
}
