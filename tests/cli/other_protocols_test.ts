import { PcapWriter } from "../../core/capture/mod.ts";
import { nameProtocol } from "../../core/framing/other_protocols.ts";
import { type Script, simulate } from "../../core/synth/mod.ts";
import { concat, hex } from "../support/packets.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { cli, fixture, withFolder } from "./support.ts";

const text = (value: string) => new TextEncoder().encode(value);

/** What clients and servers of other protocols say first, at any port. */
const OPENINGS:
  readonly (readonly [name: string, client: Uint8Array, server: Uint8Array])[] = [
    [
      "HTTP/1.1",
      text("POST /streams HTTP/1.1\r\nContent-Length: 0\r\n\r\n"),
      text("HTTP/1.1 200 OK\r\n\r\n"),
    ],
    ["HTTP/1.0", text(""), text("HTTP/1.0 404 Not Found\r\n\r\n")],
    [
      "HTTP/2",
      concat(text("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), hex("000000 04 00 00000000")),
      hex("000000 04 00 00000000"),
    ],
    ["HTTP/2", text(""), hex("000006 04 00 00000000 000300000064")],
    ["PROXY protocol", text("PROXY TCP4 192.0.2.1 192.0.2.2 50000 8090\r\n"), text("")],
    ["PROXY protocol", hex("0d0a0d0a000d0a515549540a 2111000c"), text("")],
    ["SSH", text("SSH-2.0-Go\r\n"), text("SSH-2.0-OpenSSH_9.9\r\n")],
    ["Redis", text("*1\r\n$4\r\nPING\r\n"), text("+PONG\r\n")],
    ["MQTT", hex("10 10 0004 4d515454 04 02 003c 0004 61626364"), hex("20020000")],
    ["AMQP", hex("414d5150 00 00 09 01"), hex("01 0000 0000")],
    ["AMQP", hex("414d5150 03 01 00 00"), text("")],
    ["NATS", text(""), text('INFO {"server_id":"a"}\r\n')],
    ["PostgreSQL", hex("00000008 04d2162f"), text("N")],
    ["PostgreSQL", concat(hex("00000017 00030000"), text("user\0iggy\0\0")), text("R")],
    ["MySQL", text(""), concat(hex("4a000000 0a"), text("8.0.36\0"), hex("0b000000"))],
    ["MongoDB", hex("29000000 01000000 00000000 dd070000 00000000"), text("")],
    ["Cassandra", hex("04 00 0000 05 00000000"), text("")],
    [
      "Kafka",
      concat(
        hex("0000001a 0012 0004 00000001 0007"),
        text("rdkafka"),
        hex("00000000000000"),
      ),
      hex("00000010 00000001"),
    ],
    ["SMTP", text(""), text("220 mail.example ESMTP\r\n")],
    ["FTP", text(""), text("220 FTP server ready\r\n")],
    ["IMAP", text(""), text("* OK IMAP4rev1 ready\r\n")],
    ["plain text", text("hello\n"), text("what?\n")],
  ];

Deno.test("what is no Iggy is told by its first bytes", () => {
  for (const [name, client, server] of OPENINGS) {
    const opening = { client, server, fromStart: true, expected: false, ended: true };
    assertEquals(nameProtocol(opening), name, `${client} ${server}`);
  }
});

Deno.test("info, conversations and dissect name what every conversation carries", async () => {
  await withFolder(async (folder) => {
    const file = await Deno.create(`${folder}/others.pcap`);
    const writer = new PcapWriter((bytes) => file.writeSync(bytes));
    const unknown: Script = [["client", hex("fedcba9876543210".repeat(9))]];
    const scripts: Script[] = [
      ...OPENINGS.map(([, client, server]): Script =>
        [["client", client] as const, ["server", server] as const].filter(([, bytes]) =>
          bytes.length > 0
        )
      ),
      unknown,
      [],
    ];
    scripts.forEach((script, i) => {
      const ports = { clientPort: 40_000 + i, serverPort: 3000 + i, startSeconds: i };
      simulate(
        script,
        ports,
        ({ seconds, nanos, bytes, start, end }) =>
          writer.write(seconds, nanos, bytes.slice(start, end)),
      );
    });
    file.close();
    const { stdout } = await cli([
      "conversations",
      "--all",
      "-T",
      "ndjson",
      `${folder}/others.pcap`,
    ]);
    const named = stdout.trim().split("\n").map((line) => JSON.parse(line).protocol);
    assertEquals(named, [
      ...OPENINGS.map(([name]) => name),
      "an unknown protocol",
      "no data",
    ]);
    const info = await cli(["info", `${folder}/others.pcap`]);
    for (const name of new Set(named)) {
      assert(info.stdout.includes(`× ${name}`), `${name}\n${info.stdout}`);
    }
    const dissected = await cli(["dissect", `${folder}/others.pcap`]);
    assertEquals(dissected.code, 0);
    assert(
      /no Iggy in 24 TCP conversations \(.*1 Kafka.*1 an unknown protocol/.test(
        dissected.stderr,
      ),
      dissected.stderr,
    );
    const listed = await cli(["conversations", `${folder}/others.pcap`]);
    assert(/no Iggy in 24 TCP conversations \(2 /.test(listed.stderr), listed.stderr);
  });
});

Deno.test("HTTP on Iggy's own port is counted", async () => {
  const { stdout } = await cli(["info", fixture("http-080.pcap")]);
  assert(/HTTP\/1\.1, 25 requests/.test(stdout), stdout);
});
