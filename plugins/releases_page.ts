/**
 * Writes `docs/releases.md`: `deno task releases`. What each release added, changed and retired
 * is what the marks of the plugins say.
 *
 * @module
 */
import {
  afterRelease,
  firstOf,
  type Kind,
  lastOf,
  walkFields,
} from "../core/schema/mod.ts";
import { optionKeys } from "./_types/option_keys.ts";
import { vsr, VSR_FRAMES } from "./framings/vsr/mod.ts";
import { iggyCommands } from "./mod.ts";
import { type Release, releases } from "./releases.ts";
import { statusCodes } from "./status_codes.ts";

const HEAD = `# What each release changed

Made by \`deno task releases\` from the marks in \`plugins/\`; do not edit it. Releases from 0.9 on are named by their protocol crate, \`iggy_binary_protocol\` on crates.io; upstream has no changelog of the wire. A field is listed where it begins or ends in that release and its command does not.

Which release a connection speaks is read of its login, else of its bytes; what is not certain is shown as a range. Bytes behind the last field of a payload or part are told as "newer than this program knows" where the login states a later protocol version, as "newer than this program knows, or malformed" where the release may be the newest one or later, and as malformed where login or bytes tell an older one. Nothing after 0.8 speaks the classic framing, so they are malformed there.

The layouts of 0.9-edge.2 are those of the server's tag. The headers of the published crate 0.11.0-edge.1 are older: requests and replies have a \`namespace\` at byte 184 and 216 that moves what follows by 8 bytes. They are not read.
`;

/** Something with a life: a name, and the first and last release that has it. */
interface Life {
  readonly name: string;
  readonly from?: number;
  readonly to?: number;
}

/** The page as Markdown. */
export function releasesPage(): string {
  const fields = fieldLives();
  const frames = VSR_FRAMES.map(({ name, from, to, spec }) => ({
    name: `${name} (${spec.number})`,
    from,
    to,
  }));
  const commands = iggyCommands.map(({ name, code, operation, from, to }) => {
    const numbers = [
      ...code === null ? [] : [`code ${code}`],
      ...operation === null ? [] : [`operation ${operation}`],
    ];
    return { name: `${name} (${numbers.join(", ")})`, from, to };
  });
  const options = optionKeys.map(({ name, of, since, upTo }) => ({
    name: `${name} (${of.join(", ")})`,
    from: since === undefined ? undefined : firstOf(since),
    to: upTo === undefined ? undefined : lastOf(upTo),
  }));
  const parts = releases.map((release, i) => {
    const range = rangeOf(release);
    const before = releases[i - 1];
    const begun = (lives: readonly Life[]) =>
      lives.filter(({ from }) => isIn(from, range));
    const ended = (lives: readonly Life[]) =>
      before === undefined
        ? []
        : lives.filter(({ to }) =>
          to !== undefined && isIn(to, rangeOf(before)) &&
          isIn(afterRelease(to), { ...range, first: rangeOf(before).first })
        );
    const statuses = statusCodes.flatMap(([status, name, marks]) =>
      marks?.since === release.name ? [{ name: `${name} (${status})` }] : []
    );
    const lines = [
      line("Commands added", begun(commands)),
      line("Commands retired", ended(commands)),
      line("Frames added", begun(frames)),
      line("Fields added or changed", begun(fields)),
      line("Fields gone or changed", ended(fields)),
      line("Options added", begun(options)),
      line("Options retired", ended(options)),
      line("Statuses added", statuses),
    ].flat();
    const none = ["No change of the wire.", ""];
    return [
      `## ${release.name}`,
      "",
      factsOf(release),
      "",
      ...lines.length > 0 ? lines : none,
    ]
      .join("\n");
  });
  return `${HEAD}\n${parts.join("\n")}`;
}

function rangeOf({ name }: Release) {
  return { first: firstOf(name), last: lastOf(name) };
}

function isIn(at: number | undefined, range: { first: number; last: number }): boolean {
  return at !== undefined && at >= range.first && at <= range.last;
}

function factsOf({ crate, published, protocol, sdk }: Release): string {
  const facts = [
    ...crate === undefined ? [] : [`crate iggy_binary_protocol ${crate}`],
    ...published === undefined ? [] : [`published ${published}`],
    ...protocol === undefined ? [] : [`protocol version ${protocol.join(".")}`],
    ...sdk === undefined ? [] : [`Rust SDK ${sdk}`],
  ];
  return facts.length === 0 ? "Read from the server's tag." : `${facts.join(", ")}.`;
}

function line(title: string, lives: readonly Life[]): string[] {
  const names = [...new Set(lives.map(({ name }) => name))];
  if (names.length === 0) return [];
  return [`${title}:`, "", ...names.map((name) => `- ${name}`), ""];
}

/** Fields with marks of their own, by path; forms of one field count each. */
function fieldLives(): Life[] {
  const lives: Life[] = [];
  const add = (layout: Kind<unknown>, path: string) =>
    walkFields(layout, path, ({ path: name, kind }) => {
      for (const { from, to } of kind.forms ?? [kind]) {
        if (from !== undefined || to !== undefined) lives.push({ name, from, to });
      }
    });
  for (const { name, request, response, prepare } of iggyCommands) {
    add(request, `${name} request`);
    add(response, `${name} response`);
    if (prepare !== null) add(prepare, `${name} prepare`);
  }
  VSR_FRAMES.forEach(({ name }, i) => {
    add(vsr.headers![i]!, `vsr.${name} header`);
  });
  for (const [name, body] of Object.entries(vsr.bodies!)) add(body, `${name} body`);
  return lives;
}

if (import.meta.main) {
  await Deno.writeTextFile(
    new URL("../docs/releases.md", import.meta.url),
    releasesPage(),
  );
}
