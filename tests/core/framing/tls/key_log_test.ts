import { KeyLog } from "../../../../core/framing/tls/key_log.ts";
import { assertEquals } from "../../../support/assert.ts";
import { keyLog } from "../../../support/keys.ts";

const random = (byte: number) => new Uint8Array(32).fill(byte);
const line = (label: string, byte: number, secret: string) =>
  `${label} ${random(byte).toHex()} ${secret}\n`;

Deno.test("KeyLog finds secrets by random and label, in any cut of its bytes", () => {
  const text = "# made by a test\n\n" +
    line("CLIENT_RANDOM", 1, "aa".repeat(48)) +
    line("SERVER_TRAFFIC_SECRET_0", 2, "bb".repeat(32)) +
    line("EXPORTER_SECRET", 2, "cc".repeat(32)) +
    "RSA 0011 22\nnonsense\r\n" +
    line("CLIENT_RANDOM", 3, "DD".repeat(48)).trimEnd() + "\r\n";
  const bytes = new TextEncoder().encode(text);
  for (const size of [1, 7, 64, bytes.length]) {
    const log = new KeyLog();
    for (let at = 0; at < bytes.length; at += size) {
      log.push(bytes.subarray(at, at + size));
    }
    const find = (byte: number, label: Parameters<KeyLog["find"]>[1]) =>
      log.find(random(byte), label)?.toHex();
    assertEquals(find(1, "CLIENT_RANDOM"), "aa".repeat(48));
    assertEquals(find(2, "SERVER_TRAFFIC_SECRET_0"), "bb".repeat(32));
    assertEquals(find(3, "CLIENT_RANDOM"), "dd".repeat(48));
    assertEquals(find(2, "CLIENT_RANDOM"), undefined);
    assertEquals([log.sessions, log.secrets, log.unreadable], [3, 3, 1]);
  }
});

Deno.test("KeyLog keeps bounded memory, whatever its lines are", () => {
  const log = new KeyLog({ maxSessions: 2 });
  for (const byte of [1, 2, 3]) {
    log.push(new TextEncoder().encode(line("CLIENT_RANDOM", byte, "ee".repeat(48))));
  }
  assertEquals([log.sessions, log.dropped], [2, 1]);
  assertEquals(log.find(random(1), "CLIENT_RANDOM"), null);
  const zeros = new Uint8Array(1 << 20);
  for (let i = 0; i < 64; i++) log.push(zeros);
  log.endLine();
  assertEquals(log.unreadable, 1);
});

Deno.test("KeyLog asks for more where a secret is missing", () => {
  const log = new KeyLog({
    refresh: () =>
      log.push(new TextEncoder().encode(line("CLIENT_RANDOM", 4, "ff".repeat(48)))),
  });
  assertEquals(log.isEmpty, false);
  assertEquals(log.find(random(4), "CLIENT_RANDOM")?.length, 48);
});

Deno.test("KeyLog gives out only the sessions that were used", () => {
  const text = line("CLIENT_RANDOM", 1, "aa".repeat(48));
  const log = keyLog(text + line("CLIENT_RANDOM", 2, "bb".repeat(48)));
  assertEquals(log.used(), "");
  log.find(random(1), "CLIENT_RANDOM");
  assertEquals(log.used(), text);
});

Deno.test("KeyLog reads 200 MB of sessions in bounded memory", () => {
  const LINES = 4096, BYTES = 200e6;
  const secret = "ab".repeat(48);
  const line = `CLIENT_RANDOM ${"0".repeat(64)} ${secret}\n`;
  const chunk = new TextEncoder().encode(line.repeat(LINES));
  const log = new KeyLog({ maxSessions: 1000 });
  const digits = new TextEncoder();
  let sessions = 0;
  for (let bytes = 0; bytes < BYTES; bytes += chunk.length) {
    for (let i = 0; i < LINES; i++) {
      // Another random in each line, in its last digits.
      const number = (sessions++).toString(16).padStart(8, "0");
      digits.encodeInto(number, chunk.subarray(i * line.length + 70));
    }
    log.push(chunk);
  }
  assertEquals(log.sessions, 1000);
  assertEquals(log.dropped, sessions - 1000);
  const last = Uint8Array.fromHex((sessions - 1).toString(16).padStart(64, "0"));
  assertEquals(log.find(last, "CLIENT_RANDOM")?.toHex(), secret);
});
