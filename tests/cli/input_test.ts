import { assert, assertEquals } from "@std/assert";
import { PcapWriter } from "../../core/capture/mod.ts";
import { concat } from "../support/packets.ts";
import { cli, conversation, fixture, request, withFolder } from "./support.ts";

const CAPTURE = fixture("classic-080-all.pcap");

/** One row: what the program is given, and how it has to end. */
interface Row {
  readonly name: string;
  readonly bytes?: Uint8Array;
  readonly path?: string;
  readonly code: number;
  /** The one line on standard error; empty for none. */
  readonly says: RegExp | "";
  readonly prints?: RegExp;
}

const pcap = await Deno.readFile(CAPTURE);

const rows: readonly Row[] = [
  { name: "no such file", path: "nowhere.pcap", code: 3, says: /no such file/ },
  { name: "a directory", path: ".", code: 3, says: /is a directory/ },
  { name: "an empty file", bytes: new Uint8Array(), code: 3, says: /is empty/ },
  {
    name: "no capture",
    bytes: new TextEncoder().encode("hello, this is no capture at all\n"),
    code: 3,
    says: /not a capture/,
  },
  {
    name: "a cut capture",
    bytes: pcap.subarray(0, 5000),
    code: 4,
    says: /ends within a record/,
    prints: /login_user/,
  },
  { name: "a capture without packets", bytes: packets(), code: 0, says: /no TCP in 0 / },
  {
    name: "a capture without TCP",
    bytes: packets(new Uint8Array(60)),
    code: 0,
    says: /no TCP in 1 packet/,
  },
  {
    name: "a capture without Iggy",
    bytes: conversation(
      [["client", new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n")]],
      80,
    ),
    code: 0,
    says: /no Iggy in 1 TCP conversation/,
  },
  {
    name: "random bytes on Iggy's port",
    bytes: conversation([["client", new Uint8Array(300).map((_, i) => i * i * 7 + 13)]]),
    code: 0,
    says: "",
    prints: /no known framing on a port of Iggy/,
  },
  {
    name: "TLS on Iggy's port",
    path: fixture("classic-080-tls.pcap"),
    code: 0,
    says: /nothing readable .* not readable without its key log/,
    prints: /TLS: not readable without its keys/,
  },
  {
    name: "a length of 0",
    bytes: conversation([["client", request(1)], ["client", new Uint8Array(8)]]),
    code: 0,
    says: "",
    prints: /ping/,
  },
  {
    name: "a length of 4 GiB",
    bytes: conversation([
      ["client", request(1)],
      ["client", concat(new Uint8Array(4).fill(255), request(1).subarray(4))],
    ]),
    code: 0,
    says: "",
    prints: /ping/,
  },
];

/** A pcap of these packets. */
function packets(...all: readonly Uint8Array[]): Uint8Array {
  const chunks: Uint8Array[] = [];
  const writer = new PcapWriter((bytes) => chunks.push(bytes));
  for (const packet of all) writer.write(0, 0, packet);
  return concat(...chunks);
}

Deno.test("bad input has its line and its exit code", async (t) => {
  await withFolder(async (folder) => {
    for (const { name, bytes, path, code, says, prints } of rows) {
      await t.step(name, async () => {
        const file = path ?? `${folder}/${name.replaceAll(" ", "-")}.pcap`;
        if (bytes !== undefined) await Deno.writeFile(file, bytes);
        const ran = await cli(["dissect", file], { cwd: folder });
        assertEquals(ran.code, code, ran.stderr);
        if (says === "") assertEquals(ran.stderr, "");
        else {
          assert(says.test(ran.stderr), ran.stderr);
          assertEquals(ran.stderr.split("\n").length, 2, "one line");
          assert(ran.stderr.startsWith("iggyscope: "));
        }
        if (prints) assert(prints.test(ran.stdout), ran.stdout);
        else assertEquals(ran.stdout, "");
      });
    }
  });
});

Deno.test("a file without permission is one line", async () => {
  await withFolder(async (folder) => {
    const file = `${folder}/secret.pcap`;
    await Deno.writeFile(file, pcap);
    await Deno.chmod(file, 0o000);
    if (Deno.uid() === 0) {
      console.warn("SKIPPED: root may read any file");
      return;
    }
    const { code, stderr } = await cli([file]);
    assertEquals(code, 3);
    assertEquals(stderr, `iggyscope: ${file}: permission denied\n`);
  });
});

Deno.test("what cannot be read prints nothing in any format", async () => {
  for (const format of ["text", "tree", "ndjson", "json", "csv"]) {
    const { code, stdout } = await cli(["-T", format, "nowhere.pcap"]);
    assertEquals({ code, stdout }, { code: 3, stdout: "" });
  }
});

Deno.test("an unreadable file among several does not hide what info says of the others", async () => {
  const { code, stdout, stderr } = await cli(
    ["info", "-T", "ndjson", "nowhere.pcap", CAPTURE],
  );
  assertEquals(code, 3);
  assertEquals(JSON.parse(stdout).packets, 217);
  assertEquals(stderr, "iggyscope: nowhere.pcap: no such file\n");
});

Deno.test("hostile names in a file's path stay harmless", async () => {
  const { stderr } = await cli(["./\x1b[31m.pcap"]);
  assertEquals(stderr, "iggyscope: ./\\x1b[31m.pcap: no such file\n");
});
