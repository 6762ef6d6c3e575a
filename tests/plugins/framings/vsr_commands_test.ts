import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  type Command,
  decode,
  encode,
  type Fields,
  firstOf,
  type Kind,
} from "../../../core/schema/mod.ts";
import { iggyRegistry } from "../../../plugins/iggy.ts";
import { type Release, releases } from "../../../plugins/releases.ts";
import { dialogue, issuesOf } from "../../support/dialogue.ts";
import { concat } from "../../support/packets.ts";
import { reply, request, sealed, vsrFrame } from "../../support/vsr.ts";

const { commands } = iggyRegistry();
const RELEASES = releases.filter(({ protocol }) => protocol !== undefined);
const OPTIONS = { maxBytes: 64, showSecrets: true };

const known = (release: number) =>
  commands.all.filter(({ from, to, code, operation }) =>
    from <= release && release <= to && (code !== null || operation !== null)
  );

function sampled(kind: Kind<unknown>, release: number) {
  return fc.infiniteStream(fc.nat()).map((numbers) =>
    kind.sample({
      release,
      random: { below: (below) => (numbers.next().value ?? 0) % below },
    }, {})
  );
}

const versionOf = ({ protocol }: Release): number => {
  const [major, minor, patch] = protocol!;
  return major << 20 | minor << 10 | patch;
};

/** A request of a login states the version that it is written by. */
function statedBy(release: Release, request: unknown): unknown {
  const { version_info } = request as { version_info?: object };
  if (version_info === undefined) return request;
  const protocol_version = versionOf(release);
  return { ...request as object, version_info: { ...version_info, protocol_version } };
}

/** A login whose answer settles the release that is spoken from then on. */
function settled(spoken: Release, release: number) {
  const { name } = spoken;
  const version = versionOf(spoken);
  const answer = encode(commands.byName("login_register")!.response, {
    user_id: 0,
    session: 7n,
    server_protocol_version: version,
    server_version: name.replace("-", name.startsWith("0.9-") ? ".0-" : "-"),
  }, release);
  const login = encode(commands.byName("login_register")!.request, {
    version_info: { protocol_version: version, sdk_name: "s", sdk_version: "1" },
    bind_secret: new Uint8Array(32),
    username: "iggy",
    password: "iggy",
    client_context: null,
  }, release);
  return [
    ["client", request({ operation: "register", session: 0n, request: 0n }, login)],
    [
      "server",
      reply({ operation: "register", request: 0n }, concat(new Uint8Array(4), answer)),
    ],
  ] as const;
}

function sentAs({ operation, code }: Command): Fields {
  if (operation === null) return { operation: "non_replicated", _code: code };
  return operation === 1
    ? { operation, session: 0n, request: 0n }
    : { operation, request: 3n };
}

function answeredAs({ name, operation }: Command): Fields {
  if (operation === null) return { operation: "non_replicated" };
  const replicated = commands.all.find(({ replicates }) => replicates === name)
    ?.operation;
  return { operation: replicated ?? operation, request: operation === 1 ? 0n : 3n };
}

for (const spoken of RELEASES) {
  const edge = spoken.name;
  const release = firstOf(edge);
  for (const command of known(release)) {
    // What only replicas send has no request of a client.
    if (command.code === null) continue;

    Deno.test(`${command.name} of ${edge} goes over VSR and reads back`, () => {
      fc.assert(
        fc.property(
          sampled(command.request, release),
          sampled(command.response, release),
          (sample, answered) => {
            const asked = statedBy(spoken, sample);
            const body = encode(command.request, asked, release);
            const payload = encode(command.response, answered, release);
            // Few bytes may fit a later release too, which a login can leave open.
            const readAs = (at: number) => {
              const { fields, problems } = decode(command.response, payload, at);
              const text = command.response.json?.(fields, OPTIONS) ?? fields;
              return problems === 0 ? JSON.stringify(text) : null;
            };
            const own = readAs(release);
            fc.pre(
              RELEASES.every(({ name }) => [own, null].includes(readAs(firstOf(name)))),
            );
            const section = command.resultSection && payload.length > 0
              ? new Uint8Array(4)
              : new Uint8Array(0);
            const { transactions } = dialogue([
              ...settled(spoken, release),
              ["client", request(sentAs(command), body)],
              ["server", reply(answeredAs(command), concat(section, payload))],
            ]);
            const found = transactions[1]!;
            assertEquals(found.name, command.name);
            assertEquals(found.code, command.code);
            const { request: sent, response } = found.toRecord(OPTIONS);
            const json = (kind: Kind<unknown>, value: unknown, { length }: Uint8Array) =>
              length === 0 ? null : kind.json!(value, OPTIONS);
            assertGiven(sent!.fields, json(command.request, asked, body));
            // A command that is never answered takes nobody else's answer either.
            if (command.unanswered) return assertEquals(response, null);
            assertGiven(response!.fields, json(command.response, answered, payload));
          },
        ),
        { numRuns: 10 },
      );
    });

    Deno.test(`${command.name} of ${edge} cut anywhere gives an issue and never throws`, () => {
      fc.assert(
        fc.property(sampled(command.request, release), fc.nat(), (sample, at) => {
          const asked = statedBy(spoken, sample);
          const body = encode(command.request, asked, release);
          if (body.length === 0) return;
          const cut = body.subarray(0, at % body.length);
          const { transactions } = dialogue([
            ...settled(spoken, release),
            ["client", request(sentAs(command), cut)],
          ]);
          assertEquals(transactions.length, 2);
          transactions[1]!.toRecord(OPTIONS);
          assert(issuesOf(transactions).length > 0);
        }),
        { numRuns: 10 },
      );
    });
  }

  Deno.test(`prepares of ${edge} carry every replicated command`, () => {
    for (const command of known(release)) {
      const { operation } = command;
      if (operation === null) continue;
      const layout = command.prepare ?? command.request;
      fc.assert(
        fc.property(sampled(layout, release), (fields) => {
          const body = encode(layout, fields, release);
          const size = 256 + body.length;
          const prepare = sealed(6, { operation, size }, body);
          const { transactions } = dialogue([
            ["client", vsrFrame(14, { cluster: 5n })],
            ["client", prepare],
          ], { serverPort: 9090 });
          const found = transactions[1]!;
          assertEquals([found.name, found.code], ["vsr.prepare", 6]);
          found.toRecord(OPTIONS);
          const wrong = found.issues.filter(({ group }) => group === "malformed");
          assertEquals(wrong, [], command.name);
        }),
        { numRuns: 5 },
      );
    }
  });
}

/** Whether the record has all that was sampled; generated fields come on top. */
function assertGiven(record: unknown, given: unknown): void {
  if (Array.isArray(given)) {
    assert(Array.isArray(record));
    assertEquals(record.length, given.length);
    given.forEach((item, i) => assertGiven(record[i], item));
  } else if (given !== null && typeof given === "object") {
    for (const [name, value] of Object.entries(given)) {
      if (name.startsWith("_")) continue;
      assertGiven((record as Fields)[name], value);
    }
  } else assertEquals(record, given);
}
