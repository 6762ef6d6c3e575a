import {
  type Command,
  encode as encodePayload,
  firstOf,
  releaseOf,
} from "../core/schema/mod.ts";
import { ClassicSpeech, VsrSpeech } from "./framings/speech.ts";
import { vsr } from "./framings/vsr/mod.ts";
import { releases } from "./releases.ts";

/** Values to be written: what follows from others, such as a length, may be left out. */
export type Values<T> = T extends Uint8Array ? T
  : T extends readonly (infer Item)[] ? readonly Values<Item>[]
  : T extends object ? { readonly [Name in keyof T]?: Values<T[Name]> }
  : T;

/** What {@link encode} writes. */
export type EncodeOptions<Request, Response> =
  & {
    /** Release whose layout and framing are written, such as `0.8`; default: the newest. */
    readonly release?: string;
    /** Who sends it in which session, where the framing says so; 1 each unless told. */
    readonly client?: bigint;
    readonly session?: bigint;
  }
  & (
    | { readonly request: Values<Request> }
    | {
      /** Fields of the response; null for none, as an error has none. */
      readonly response: Values<Response> | null;
      /** Status; default 0, ok. */
      readonly status?: number;
    }
  );

/**
 * The bytes of a whole PDU, framing included, as a client or a server of a release writes it.
 * Throws `TypeError` or `RangeError` on values without a wire form, and on a command that the
 * release does not have.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { commands } from "./mod.ts";
 * const ping = encode(commands.ping, { request: {}, release: "0.8" });
 * assertEquals(ping.toHex(), "0400000001000000");
 * const refused = encode(commands.ping, { response: null, status: 3, release: "0.8" });
 * assertEquals(refused.toHex(), "0300000000000000");
 * ```
 */
export function encode<Request, Response>(
  command: Command<Request, Response>,
  options: EncodeOptions<Request, Response>,
): Uint8Array {
  const named = options.release ?? releases.at(-1)!.name;
  const release = releaseOf(named);
  if (release === null) throw new TypeError(`no release "${named}"`);
  if (release < command.from || release > command.to) {
    throw new TypeError(`${command.name} is not in ${named}`);
  }
  const speech = release >= firstOf(vsr.since)
    ? new VsrSpeech(release, options.client ?? 1n, options.session ?? 1n)
    : new ClassicSpeech();
  if ("request" in options) {
    const { request } = options;
    return speech.request(
      command,
      encodePayload(command.request, request as Request, release),
    );
  }
  const { response, status = 0 } = options;
  const payload = response === null
    ? new Uint8Array(0)
    : encodePayload(command.response, response as Response, release);
  // A response echoes what its request said.
  speech.request(command, new Uint8Array(0));
  return speech.response(command, payload, status);
}
