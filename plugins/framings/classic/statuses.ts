import { firstOf } from "../../../core/schema/mod.ts";

/** The status of a command before a login. */
export const STATUS_UNAUTHENTICATED = 40;
/** The status of bytes that are no request a server knows; before 0.7 they end the connection. */
export const STATUS_INVALID_COMMAND = 3;
/** Statuses a server sends without being asked: going away, read error, bad frame. */
export const UNSOLICITED = new Map([
  [8, "the server is going away"],
  [31, "the server could not read from the connection"],
  [STATUS_INVALID_COMMAND, "the server read bytes that are no request"],
]);
/** Servers since this release read a staged request by its parts. */
export const STAGED_READS_SINCE = firstOf("0.7");

/**
 * Statuses from here on speak of streams, topics and the like, so a server that gives one has
 * read the request; but those of 4000 and more speak of its messages.
 */
const LATE_STATUS = 1000;
const MESSAGE_THOUSAND = 4;

/** Whether a server may give a status before it has read the whole request. */
export function mayComeEarly(status: number): boolean {
  return status !== 0 &&
    (status < LATE_STATUS || Math.floor(status / 1000) === MESSAGE_THOUSAND);
}
