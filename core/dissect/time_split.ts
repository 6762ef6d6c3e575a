import type { Moment, Stamp, Wire } from "../flow/mod.ts";
import type { Pdu } from "../framing/pdu.ts";

/**
 * Where the time of a transaction went, in µs, as far as the packets prove it at the place of
 * the capture. All but `networkUs` add up to the time from the request's first packet to the
 * response's last. Null is what the packets do not prove: a side that was not captured whole,
 * packets out of order, or a way to the server whose round trip nothing tells.
 */
export interface TimeSplit {
  /** From the request's first packet to its last, without what is lost or blocked. */
  readonly requestUs: number | null;
  /** To the server and back: the shortest round trip from the capture that was seen before. */
  readonly roundTripUs: number | null;
  /** Between the request's last packet and the response's first, without all else. */
  readonly serverUs: number | null;
  /** From the response's first packet to its last, without what is lost or blocked. */
  readonly responseUs: number | null;
  /** Bytes had been lost and were still to be sent again. */
  readonly lostUs: number | null;
  /** The receiver's window was zero: the server read no further, or the client did. */
  readonly zeroWindowUs: number | null;
  /** All that is the network's: both ways on the wire, the round trip, and what was lost. */
  readonly networkUs: number | null;
}

const UNKNOWN: TimeSplit = Object.freeze({
  requestUs: null,
  roundTripUs: null,
  serverUs: null,
  responseUs: null,
  lostUs: null,
  zeroWindowUs: null,
  networkUs: null,
});

/** Time lost and blocked while the request, the server and the response had their turn, in µs. */
export interface Delays {
  readonly lost: readonly [request: number, server: number, response: number];
  readonly blocked: readonly [request: number, server: number, response: number];
}

/** What the segments of a conversation said of a transaction when it completed. */
export interface WireTimes {
  /** Shortest round trip from the capture to the server; null unknown. */
  readonly roundTripUs: number | null;
  /** Null where there are none. */
  readonly delays: Delays | null;
}

/** What the segments so far say of a transaction; null without both its PDUs. */
export function wireTimes(
  wire: Wire,
  request: Pdu | null,
  response: Pdu | null,
): WireTimes | null {
  if (request === null || response === null) return null;
  const roundTripUs = wire.roundTripUs("server");
  if (!wire.hasSpans) return { roundTripUs, delays: null };
  const [asking, asked] = [begunOf(request), request.stamp];
  const [coming, came] = [begunOf(response), response.stamp];
  return {
    roundTripUs,
    delays: {
      lost: [
        wire.missingUs("client", asking, asked),
        wire.missingUs("client", asked, coming) + wire.missingUs("server", asked, coming),
        wire.missingUs("server", coming, came),
      ],
      blocked: [
        wire.closedUs("server", asking, asked),
        wire.closedUs("client", asked, coming),
        wire.closedUs("client", coming, came),
      ],
    },
  };
}

/**
 * Splits the time from a request's first packet to its response's last.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(timeSplit(null, null, null).serverUs, null);
 * ```
 */
export function timeSplit(
  request: Pdu | null,
  response: Pdu | null,
  wire: WireTimes | null,
): TimeSplit {
  if (request === null || response === null) return UNKNOWN;
  const asking = wireTime(request);
  const waiting = forward(request.stamp, begunOf(response));
  const coming = wireTime(response);
  if (asking === null || waiting === null || coming === null) {
    return { ...UNKNOWN, requestUs: asking, responseUs: coming };
  }
  const delays = wire?.delays ?? null;
  let [lostUs, zeroWindowUs] = [0, 0];
  const rest = (whole: number, turn: 0 | 1 | 2): number => {
    if (delays === null) return whole;
    const lost = Math.min(whole, delays.lost[turn]);
    const blocked = Math.min(whole - lost, delays.blocked[turn]);
    lostUs += lost;
    zeroWindowUs += blocked;
    return whole - lost - blocked;
  };
  const [requestUs, waitUs, responseUs] = [
    rest(asking, 0),
    rest(waiting, 1),
    rest(coming, 2),
  ];
  const known = wire?.roundTripUs ?? null;
  const roundTripUs = known === null ? null : Math.min(known, waitUs);
  return {
    requestUs,
    roundTripUs,
    serverUs: roundTripUs === null ? null : waitUs - roundTripUs,
    responseUs,
    lostUs,
    zeroWindowUs,
    networkUs: roundTripUs === null
      ? null
      : requestUs + roundTripUs + responseUs + lostUs,
  };
}

/** The packet that a PDU begins in. */
export function begunOf({ stamp }: Pdu): Stamp {
  return stamp.begun ?? stamp;
}

function wireTime(pdu: Pdu): number | null {
  return pdu.whole ? forward(begunOf(pdu), pdu.stamp) : null;
}

/** From one moment to another that is not before it, in µs. */
export function forward(from: Moment, to: Moment): number | null {
  const us = (to.seconds - from.seconds) * 1e6 + (to.nanos - from.nanos) / 1e3;
  return us < 0 ? null : us;
}

/**
 * How long a client did something else between a response and its next request, in µs: what
 * lies between both, without the way to the client and back and the time in which the response
 * was lost. Null where nothing tells that way, and where the request came before.
 */
export function thinkTime(
  wire: Wire | null,
  response: Moment,
  request: Moment,
): number | null {
  const whole = forward(response, request);
  const roundTrip = wire?.roundTripUs("client") ?? null;
  if (whole === null || wire === null || roundTrip === null) return null;
  const lost = wire.hasSpans ? wire.missingUs("server", response, request) : 0;
  return Math.max(0, whole - lost - roundTrip);
}
