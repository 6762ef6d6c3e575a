import { type Command, decode, firstOf, type Kind } from "../../core/schema/mod.ts";
import { iggyCommands } from "../../plugins/mod.ts";
import { releases } from "../../plugins/releases.ts";

/** Every release whose layouts differ from those of its neighbours, oldest first. */
export const CLASSIC_RELEASES = ["0.5", "0.6", "0.7", "0.8"];
/** The same of the VSR generation up to the first captures of it. */
export const VSR_RELEASES = ["0.9-edge.2", "0.9-edge.3", "0.9-edge.4", "0.9-edge.5"];
/** Those that came later. */
export const NEWER_RELEASES = releases.map(({ name }) => name)
  .filter((name) => firstOf(name) > firstOf("0.9-edge.5"));
/** All of them. */
export const RELEASES = [...CLASSIC_RELEASES, ...VSR_RELEASES, ...NEWER_RELEASES];

/** One of the three payloads of a command. */
export interface Body {
  readonly name: string;
  readonly kind: Kind<unknown>;
}

/** Which payload of a command. */
export type Side = "request" | "response" | "prepare";

/** The command of that name. */
export function commandOf(name: string): Command {
  const found = iggyCommands.find((command) => command.name === name);
  if (found === undefined) throw new TypeError(`no command ${name}`);
  return found;
}

/** The layout of one payload. */
export function kindOf(name: string, side: Side): Kind<unknown> {
  const command = commandOf(name);
  return side === "prepare" ? command.prepare ?? command.request : command[side];
}

/** Every payload of every command. */
export const allBodies: readonly Body[] = iggyCommands.flatMap((command) => [
  { name: `${command.name} request`, kind: command.request },
  { name: `${command.name} response`, kind: command.response },
  ...command.prepare === null
    ? []
    : [{ name: `${command.name} prepare`, kind: command.prepare }],
]);

/** Those of `releases` that explain all bytes. */
export function fits(
  kind: Kind<unknown>,
  bytes: Uint8Array,
  releases: readonly string[],
): string[] {
  return releases.filter((release) =>
    decode(kind, bytes, firstOf(release)).problems === 0
  );
}

/** The bytes of spaced hex; `|` may mark parts. */
export const fromHex = (hex: string): Uint8Array =>
  Uint8Array.fromHex(hex.replace(/[^0-9a-f]/g, ""));
