import { Malformed } from "../bytes/cursor.ts";

/**
 * What becomes of an exception out of a field kind: the fault of a plugin, not of the bytes. It
 * goes the way of {@link Malformed}, so that it spoils only the PDU being read.
 */
export class KindFault extends Malformed {
  override name = "KindFault";
}

/**
 * The fault behind whatever was thrown while reading at `offset`; bytes that are too short stay
 * what they are.
 */
export function faultOf(thrown: unknown, offset: number): Malformed {
  if (thrown instanceof Malformed) return thrown;
  return new KindFault(describe(thrown), offset);
}

/** What was thrown, in one line. */
export function describe(thrown: unknown): string {
  try {
    const text = thrown instanceof Error
      ? `${thrown.name}: ${thrown.message}`
      : String(thrown);
    return text.split("\n")[0]!.slice(0, 200);
  } catch {
    return "something that cannot be shown was thrown";
  }
}
