import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import {
  decode,
  encode,
  type Fields,
  firstOf,
  type Kind,
  xxh3,
} from "../../../core/schema/mod.ts";
import { FRAMES, sealed, vsrFrame } from "../../support/vsr.ts";

const RELEASE = firstOf("0.9-edge.5");

const sampled = (kind: Kind<Fields>, release: number) =>
  fc.infiniteStream(fc.nat()).map((numbers) =>
    kind.sample({
      release,
      random: { below: (below) => (numbers.next().value ?? 0) % below },
    }, {})
  );

const CASES = ["0.9-edge.5", "0.9.1-edge.1", "0.9.1-edge.2", "0.9.1-edge.8"].flatMap(
  (label) => FRAMES.all.map((frame) => ({ ...frame, label, release: firstOf(label) })),
).filter(({ from, to, release }) => from <= release && release <= to);

for (const { name: own, spec, header: kind, label, release } of CASES) {
  const command = spec.number;
  const name = `${label} ${own}`;

  Deno.test(`a ${name} header takes 256 bytes and reads back`, () => {
    fc.assert(fc.property(sampled(kind, release), (fields) => {
      const bytes = encode(kind, fields, release);
      assertEquals(bytes.length, 256);
      assertEquals(bytes[60], command);
      const { fields: read, problems } = decode(kind, bytes, release);
      assertEquals(read, fields);
      assertEquals(problems, 0);
    }));
  });

  Deno.test(`every truncation of a ${name} header is reported and keeps what it had`, () => {
    const bytes = vsrFrame(command, {}, undefined, release);
    for (let length = 0; length < bytes.length; length++) {
      const { issues, complete } = decode(kind, bytes, release, { end: length });
      assert(!complete && issues.length > 0);
    }
  });

  Deno.test(`no byte of a ${name} header goes unread: each is a field's or reserved`, () => {
    const clean = vsrFrame(command, {}, undefined, release);
    const before = decode(kind, clean, release);
    for (let at = 0; at < clean.length; at++) {
      const bytes = clean.slice();
      bytes[at]! ^= 0xff;
      const { fields, issues } = decode(kind, bytes, release);
      const seen = issues.length > before.issues.length ||
        JSON.stringify(fields, text) !== JSON.stringify(before.fields, text);
      assert(seen, `byte ${at}`);
    }
  });
}

const text = (_: string, value: unknown) =>
  typeof value === "bigint" ? String(value) : value;

Deno.test("headers have the keys of the records, in the order of the wire", () => {
  const keys = (command: number) =>
    FRAMES.byNumber(command)!.header.fields!.map(([name]) => name)
      .filter((name) => !name.startsWith("_")).slice(8).join(" ");
  assertEquals(
    [5, 8, 13, 6, 7, 9, 11, 24].map(keys),
    [
      "client request_checksum timestamp request operation session user_id " +
      "partition_incarnation owner_generation minimum_metadata_op",
      "request_checksum context client op commit timestamp request operation status " +
      "committed_result partition_incarnation",
      "client server_protocol_version server_protocol_version_min reason",
      "client parent request_checksum op commit timestamp request operation group " +
      "user_id retry_capacity partition_incarnation session",
      "parent prepare_checksum op commit timestamp request operation group",
      "commit_checksum timestamp_monotonic commit checkpoint_op group " +
      "partition_incarnation",
      "op commit group log_view flags partition_incarnation nack_bitset present_bitset",
      "nonce offset group len artifact partition_incarnation",
    ],
  );
});

Deno.test("a checksum is verified where one was made", () => {
  for (
    const command of [6, 7, 9, 10, 11, 12, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 29]
  ) {
    const kind = FRAMES.byNumber(command)!.header;
    const frame = sealed(command, {});
    assertEquals(decode(kind, frame, RELEASE).issues, [], FRAMES.names[command]);
    frame[130]! ^= 1;
    const [found] = decode(kind, frame, RELEASE).issues;
    assertStringIncludes(found!.message, "but the bytes give", FRAMES.names[command]);
  }
});

Deno.test("a prepare's checksum leaves out its view, and that it was sent for repair", () => {
  const frame = sealed(6, { op: 5n });
  frame[52] = 9;
  assertEquals(decode(FRAMES.byNumber(6)!.header, frame, RELEASE).issues, []);
  frame[60] = 19;
  assertEquals(decode(FRAMES.byNumber(19)!.header, frame, RELEASE).issues, []);
});

Deno.test("checksums of requests, replies and handshakes are not verified", () => {
  for (const command of [5, 8, 13, 14, 15, 16]) {
    const frame = vsrFrame(command, {
      checksum: 123n,
      client: 1n,
      operation: command === 13 ? undefined : "register",
    });
    const { issues } = decode(FRAMES.byNumber(command)!.header, frame, RELEASE);
    const wrong = issues.filter(({ message }) => message.includes("checksum"));
    assertEquals(wrong, [], FRAMES.names[command]);
  }
});

Deno.test("nonces and keyed hashes of the handshake are redacted", () => {
  const frame = vsrFrame(15);
  const { fields } = decode(FRAMES.byNumber(15)!.header, frame, RELEASE);
  const json = FRAMES.byNumber(15)!.header.json!(fields, {
    maxBytes: 64,
    showSecrets: false,
  }) as {
    nonce: string;
    mac: string;
  };
  assertEquals([json.nonce, json.mac], ["[redacted 32 bytes]", "[redacted 32 bytes]"]);
});

Deno.test("a manifest reads back, and a count beyond its bytes is refused", () => {
  const kind = FRAMES.byNumber(23)!.body;
  const entries = [{ kind: "client_table", frontier: 3n, len: 9n, checksum: 1n }];
  const body = encode(kind, { entries, checksum: 0n }, RELEASE);
  const end = body.length - 8;
  new DataView(body.buffer).setBigUint64(end, xxh3(body.subarray(0, end))!, true);
  const read = decode(kind, body, RELEASE);
  assertEquals([read.issues, (read.fields as Fields).entries], [[], entries]);
  body.set([0xff, 0xff, 0xff, 0xff], 4);
  assertEquals(decode(kind, body, RELEASE).complete, false);
});

Deno.test("headers in the body of a view change are checked one by one", () => {
  const blank = vsrFrame(6, { op: 3n });
  const known = sealed(6, { op: 4n, size: 900 });
  const body = new Uint8Array([...known, ...blank]);
  const { fields, issues } = decode(FRAMES.byNumber(11)!.body, body, RELEASE);
  const headers = (fields as { prepare_headers: Fields[] }).prepare_headers;
  assertEquals(headers.map(({ op }) => op), [4n, 3n]);
  assertEquals(issues, []);
});
