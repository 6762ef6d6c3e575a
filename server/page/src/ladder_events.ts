import type { Ladder, LadderPdu, LadderSegment } from "../../api.ts";

/** One rung of a ladder: a PDU, a segment worth to be seen, or both in one packet. */
export type Rung =
  | { readonly kind: "pdu"; readonly pdu: LadderPdu; readonly from: "client" | "server" }
  | {
    readonly kind: "segment";
    readonly segment: LadderSegment;
    readonly from: "client" | "server";
  };

/**
 * PDUs and segments in order of packets. Of the segments only those that say something: flags,
 * repeats, wrong order, loss; all of them with `every`.
 */
export function rungs({ pdus, segments }: Ladder, every: boolean): Rung[] {
  const telling = (segment: LadderSegment) =>
    every || segment.retransmitted || segment.out_of_order || segment.lost > 0 ||
    segment.flags.length > 0;
  const found: Rung[] = [
    ...(segments ?? []).filter(telling).map((segment): Rung => (
      { kind: "segment", segment, from: segment.side }
    )),
    ...pdus.map((pdu): Rung => ({ kind: "pdu", pdu, from: pdu.side })),
  ];
  return found.sort((a, b) => packetOf(a) - packetOf(b));
}

/** The packet of a rung. */
export function packetOf(rung: Rung): number {
  return rung.kind === "pdu" ? rung.pdu.packet : rung.segment.packet;
}

/** When it was on the wire. */
export function timeOf(rung: Rung): string {
  return rung.kind === "pdu" ? rung.pdu.time : rung.segment.time;
}

/** Microseconds from one RFC 3339 moment to another. */
export function microsBetween(from: string, to: string): number {
  const parts = (time: string) => {
    const [whole, fraction = ""] = time.replace("Z", "").split(".");
    return [
      Date.parse(`${whole}Z`),
      Number(fraction.padEnd(9, "0").slice(0, 9)),
    ] as const;
  };
  const [a, b] = [parts(from), parts(to)];
  return (b[0] - a[0]) * 1000 + (b[1] - a[1]) / 1000;
}
