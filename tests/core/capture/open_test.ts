import { gzipSync, zstdCompressSync } from "node:zlib";
import {
  CaptureError,
  type CaptureSource,
  PcapWriter,
  readCapture,
  readCaptures,
} from "../../../core/capture/mod.ts";
import type { Issue } from "../../../core/issue.ts";
import { assert, assertEquals, assertRejects } from "../../support/assert.ts";
import { concat } from "../../support/packets.ts";

/** A pcap file with one packet per second given; the packet's byte is `tag`. */
function pcap(
  tag: number,
  seconds: readonly number[],
  size = 60,
): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const writer = new PcapWriter((bytes) => parts.push(bytes));
  for (const second of seconds) {
    writer.write(second, 0, new Uint8Array(size).fill(tag));
  }
  return new Uint8Array(concat(...parts));
}

function streamOf(bytes: Uint8Array, size = bytes.length): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at + size));
      at += size;
    },
  });
}

async function read(...sources: CaptureSource[]) {
  const packets: string[] = [];
  const issues: Issue[] = [];
  const summaries = await readCaptures(
    sources,
    (p) => packets.push(`${p.number} ${p.seconds} ${p.bytes[p.start]}`),
    (issue) => issues.push(issue),
  );
  return { summaries, packets, issues };
}

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const seconds = Array.from({ length: 3000 }, (_, index) => index);
const many = pcap(1, seconds);

Deno.test("readCapture reads streams, gzip and zstd alike", async (t) => {
  const half = many.length >> 1;
  const rows: [string, Uint8Array][] = [
    ["plain", many],
    ["gzip", gzipSync(many)],
    ["zstd", zstdCompressSync(many)],
    [
      "two gzip members",
      concat(gzipSync(many.subarray(0, half)), gzipSync(many.subarray(half))),
    ],
    [
      "two zstd frames",
      concat(
        zstdCompressSync(many.subarray(0, half)),
        zstdCompressSync(many.subarray(half)),
      ),
    ],
    [
      "zstd behind a skippable frame",
      concat(
        Uint8Array.of(0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 9, 9, 9),
        zstdCompressSync(many),
      ),
    ],
  ];
  for (const [name, bytes] of rows) {
    for (const size of [bytes.length, 1000, 3]) {
      await t.step(`${name} in chunks of ${size}`, async () => {
        const { packets, summaries, issues } = await read(streamOf(bytes, size));
        assertEquals([packets.length, packets.at(-1), issues], [3000, "3000 2999 1", []]);
        assertEquals<unknown>([summaries[0]!.file, summaries[0]!.cut], ["-", false]);
      });
    }
  }
});

Deno.test("readCapture gives what comes before a cut in compressed bytes", async () => {
  // Random bytes, so that the compressed file has many blocks.
  const parts: Uint8Array[] = [];
  const writer = new PcapWriter((bytes) => parts.push(bytes));
  for (const second of seconds) {
    writer.write(second, 0, crypto.getRandomValues(new Uint8Array(200)));
  }
  const random = concat(...parts);
  for (const bytes of [gzipSync(random), zstdCompressSync(random)]) {
    const { packets, summaries, issues } = await read(
      streamOf(bytes.subarray(0, bytes.length >> 1)),
    );
    assert(packets.length > 100, `${packets.length} packets`);
    assertEquals([summaries[0]!.cut, issues.length], [true, 1]);
  }
});

Deno.test("readCapture refuses decompression bombs early", async (t) => {
  const header = pcap(1, []);
  const gibibyte = 1024 ** 3;
  const zeros = new Uint8Array(gibibyte);
  const rows: [string, Uint8Array, string][] = [
    ["gzip of zeros", gzipSync(zeros, { level: 1 }), "not_a_capture"],
    ["zstd of zeros", zstdCompressSync(zeros), "not_a_capture"],
  ];
  zeros.set(header);
  rows.push(["gzip of a capture of zeros", gzipSync(zeros), "bomb"]);
  rows.push(["zstd of a capture of zeros", zstdCompressSync(zeros), "bomb"]);
  for (const [name, bytes, kind] of rows) {
    await t.step(name, async () => {
      const error = await assertRejects(
        () => readCapture(streamOf(bytes, 65536), () => {}, () => {}),
        CaptureError,
      );
      assertEquals<string>(error.kind, kind);
    });
  }
});

Deno.test("readCapture says in one line why a source cannot be read", async () => {
  await inFolder(async (folder) => {
    await Deno.writeFile(`${folder}/empty`, new Uint8Array(0));
    await Deno.writeTextFile(`${folder}/text`, "hello, capture");
    await Deno.writeFile(`${folder}/cut.gz`, gzipSync(many).subarray(0, 20));
    await Deno.writeFile(`${folder}/empty.gz`, gzipSync(new Uint8Array(0)));
    const rows: [string, string, string][] = [
      ["", "directory", "is a directory"],
      ["/none", "missing", "no such file"],
      ["/text/none", "missing", "no such file"],
      ["/empty", "empty", "the capture is empty"],
      ["/empty.gz", "empty", "the capture is empty"],
      ["/text", "not_a_capture", "not a capture (pcap or pcapng)"],
      ["/cut.gz", "unreadable", "gzip data is cut or damaged: unexpected end of file"],
    ];
    for (const [path, kind, message] of rows) {
      const error = await assertRejects(() => read(folder + path), CaptureError);
      assertEquals<unknown>(
        [error.kind, error.message],
        [kind, `${folder}${path}: ${message}`],
      );
    }
  });
});

Deno.test("readCaptures merges files by time, each in its own order", async () => {
  await inFolder(async (folder) => {
    await Deno.writeFile(`${folder}/a`, pcap(1, [1, 5, 3, 9]));
    await Deno.writeFile(`${folder}/b`, gzipSync(pcap(2, [1, 2, 8])));
    await Deno.writeFile(`${folder}/c`, pcap(3, []));
    const { packets, summaries } = await read(
      `${folder}/a`,
      `${folder}/b`,
      `${folder}/c`,
    );
    assertEquals(packets, [
      "1 1 1",
      "2 1 2",
      "3 2 2",
      "4 5 1",
      "5 3 1",
      "6 8 2",
      "7 9 1",
    ]);
    assertEquals(summaries.map(({ packets }) => packets), [4, 3, 0]);
  });
});

Deno.test("readCaptures merges files of many chunks", async () => {
  await inFolder(async (folder) => {
    const even = seconds.filter((second) => second % 2 === 0);
    const odd = seconds.filter((second) => second % 2 === 1);
    await Deno.writeFile(`${folder}/even`, pcap(0, even, 1400));
    await Deno.writeFile(`${folder}/odd`, pcap(1, odd, 1400));
    const { packets } = await read(`${folder}/odd`, `${folder}/even`);
    assertEquals(
      packets,
      seconds.map((second) => `${second + 1} ${second} ${second % 2}`),
    );
  });
});

Deno.test("readCaptures names the file in issues of a merge", async () => {
  await inFolder(async (folder) => {
    await Deno.writeFile(`${folder}/a`, pcap(1, [1, 2]).subarray(0, -1));
    await Deno.writeFile(`${folder}/b`, pcap(2, [3]));
    const { packets, issues, summaries } = await read(`${folder}/a`, `${folder}/b`);
    assertEquals([packets.length, summaries[0]!.cut, summaries[1]!.cut], [
      2,
      true,
      false,
    ]);
    assert(issues[0]!.message.startsWith(`${folder}/a: `), issues[0]!.message);
  });
});

Deno.test("readCapture follows a file that is still being written", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/growing`;
    await Deno.writeFile(path, many.subarray(0, 1000));
    const follow = new AbortController();
    let packets = 0;
    const reading = readCapture(
      path,
      () => {
        packets += 1;
        if (packets === 3000) follow.abort();
      },
      () => {},
      { follow: follow.signal },
    );
    await Deno.writeFile(path, many.subarray(1000), { append: true });
    const summary = await reading;
    assertEquals([packets, summary.packets, summary.cut], [3000, 3000, false]);
  });
});

Deno.test("readCapture stops when it is told", async () => {
  let chunks = 0;
  const summary = await readCapture(streamOf(many, 10_000), () => {}, () => {}, {
    stopped: () => ++chunks === 2,
  });
  assert(summary.packets < 300 && !summary.cut, `${summary.packets} packets`);
});
