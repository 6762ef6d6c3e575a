/**
 * Tables of transactions, read by those who read such tables: DuckDB, pandas and pyarrow.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, equal } from "@std/assert";
import { dissect } from "../../mod.ts";
import { ndjsonExporter } from "../../core/export/mod.ts";
import {
  TABLE_COLUMNS,
  TABLE_FORMATS,
  tableWriter,
} from "../../core/export/table/mod.ts";
import { cli, fixture, MAIN, withFolder, writingCli } from "../cli/support.ts";
import { captures } from "../golden/golden.ts";
import { withServer } from "../server/support.ts";
import { keysOf } from "../support/keys.ts";
import { requirePython } from "../support/python.ts";
import { run } from "../support/peer.ts";

const READERS = new URL("table_readers.py", import.meta.url).pathname;
const OPTIONS = { maxBytes: 64, showSecrets: false };

/** Holds the schemas of tables without rows against those of one with rows. */
const SAME_SCHEMA = `
import pyarrow, pyarrow.parquet as parquet
read = lambda name: pyarrow.ipc.open_stream(name).read_all()
full = parquet.read_table("classic-080-all.parquet").schema
for table in parquet.read_table("empty.parquet"), read("empty.arrow"):
    assert table.num_rows == 0 and table.schema.equals(full), table.schema
`;

/** Bytes that come in parts. */
class Parts {
  readonly #parts: Uint8Array[] = [];

  readonly add = (bytes: Uint8Array) => void this.#parts.push(bytes.slice());

  async all(): Promise<Uint8Array> {
    return new Uint8Array(await new Blob(this.#parts as BlobPart[]).arrayBuffer());
  }
}

/** Writes a capture's records and tables into a folder; gives how many records. */
async function writeTables(capture: string, folder: string): Promise<number> {
  const name = capture.replace(/\.pcap.*$/, "");
  const lines = ndjsonExporter(OPTIONS);
  const files = TABLE_FORMATS.map((format) => ({ format, parts: new Parts() }));
  const tables = await Promise.all(
    files.map(({ format, parts }) => tableWriter(format, OPTIONS, parts.add)),
  );
  const records: string[] = [];
  for await (
    const { raw: transaction } of dissect(fixture(capture), { keys: keysOf(capture) })
  ) {
    records.push(lines.transaction(transaction));
    for (const table of tables) table.add(transaction);
  }
  for (const table of tables) table.end();
  for (const { format, parts } of files) {
    await Deno.writeFile(`${folder}/${name}.${format}`, await parts.all());
  }
  await Deno.writeTextFile(`${folder}/${name}.ndjson`, records.join(""));
  return records.length;
}

Deno.test("DuckDB, pandas and pyarrow read of every capture what its records say", async () => {
  if (!await requirePython("duckdb", "pandas", "pyarrow")) return;
  await withFolder(async (folder) => {
    let rows = 0;
    for (const capture of captures()) rows += await writeTables(capture, folder);
    const { stdout, stderr } = await run("python3", [READERS, folder]);
    assertEquals(new TextDecoder().decode(stdout), `${rows} rows\n`, stderr);
  });
});

Deno.test("-T parquet writes the file that the API gives", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/written.parquet`;
    const { code, stderr } = await writingCli(folder, [
      "-T",
      "parquet",
      "-o",
      path,
      fixture("classic-080-all.pcap"),
    ]);
    assertEquals([code, stderr], [0, ""]);
    const written = await Deno.readFile(path);
    await withServer({}, async ({ upload, ask }) => {
      const { id } = await upload("classic-080-all.pcap");
      const answer = await ask(`/api/captures/${id}/transactions?format=parquet`);
      assertEquals(
        answer.headers.get("content-type"),
        "application/vnd.apache.parquet",
      );
      const given = new Uint8Array(await answer.arrayBuffer());
      assert(equal(given, written), `${given.length} and ${written.length} bytes`);
    });
  });
});

Deno.test("a table that has no file and no permission says so in one line", async () => {
  const capture = fixture("classic-080-all.pcap");
  for (
    const [args, words] of [
      [["-T", "arrow", "-o", "a.arrow", capture], /--allow-write=a\.arrow/],
      [["-T", "csv", "-o", "a.csv", capture], /-o goes with -T parquet/],
    ] as const
  ) {
    const { code, stderr } = await cli(args);
    assertEquals(code, 2);
    assertMatch(stderr, words);
    assert(stderr.trim().split("\n").length === 1, stderr);
  }
});

Deno.test("a device that Deno lets nobody write is one line", async () => {
  for (const format of TABLE_FORMATS) {
    const { code, stderr } = await run(Deno.execPath(), [
      ...["run", "--no-prompt", "--allow-read", "--allow-write=/dev", MAIN],
      ...["-T", format, "-o", "/dev/full", fixture("classic-080-all.pcap")],
    ]);
    assertEquals(code, 2);
    assertMatch(stderr, /^iggyscope: \/dev\/full cannot be written: .*\n$/);
  }
});

Deno.test("a capture without packets makes a table with every column", async () => {
  if (!await requirePython("pyarrow")) return;
  const header = "d4c3b2a1020004000000000000000000ffff000001000000";
  await withFolder(async (folder) => {
    await Deno.writeFile(`${folder}/empty.pcap`, Uint8Array.fromHex(header));
    for (const format of TABLE_FORMATS) {
      const args = ["-T", format, "-o", `${folder}/empty.${format}`];
      const { code } = await writingCli(folder, [...args, `${folder}/empty.pcap`]);
      assertEquals(code, 0);
    }
    await writeTables("classic-080-all.pcap", folder);
    const { code, stderr } = await run("python3", ["-c", SAME_SCHEMA], { cwd: folder });
    assertEquals(code, 0, stderr);
  });
});

Deno.test("groups of rows are bounded, so a table of any length fits in memory", async () => {
  const sizes: number[] = [];
  const table = await tableWriter("arrow", OPTIONS, (bytes) => sizes.push(bytes.length));
  for await (const { raw: transaction } of dissect(fixture("classic-080-load.pcap.gz"))) {
    table.add(transaction);
  }
  table.end();
  assert(sizes.length > 20, `${sizes.length} parts`);
  assert(Math.max(...sizes) < 16 * 1024 * 1024, `${Math.max(...sizes)} bytes`);
});

Deno.test("docs/tables.md tells every column", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/tables.md", import.meta.url));
  const told = page.matchAll(/^\| `(\w+)` +\| (\w+) +\| (.*?) +\|$/gm);
  assertEquals(
    [...told].map(([, name, type, doc]) => ({ name, type, doc })),
    TABLE_COLUMNS.map(({ name, type, doc }) => ({ name, type, doc })),
  );
});
