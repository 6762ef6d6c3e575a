import { assert, assertEquals } from "@std/assert";
import { Writer } from "../../core/bytes/writer.ts";
import { PcapWriter } from "../../core/capture/mod.ts";
import { keepPicture } from "../support/browser.ts";
import { concat, ethernetFrame, ipv4, tcp } from "../support/packets.ts";
import { pageTest } from "../support/page_server.ts";

/** Names that would be markup, commands of a terminal, or text read the other way round. */
const HOSTILE = [
  '<script>document.title="owned"</script>',
  "<img src=x onerror=\"document.title='owned'\">",
  "\"><svg/onload=document.title='owned'>",
  "\x1b]0;owned\x07\x1b[31mred",
  "\u202egnp.exe\u202c\u2066a\u2069",
  "javascript:alert(1)",
  "a\nb\tc\0d",
];

const [CREATE_STREAM, LOGIN_USER] = [202, 38];

function frame(first: number, payload: Uint8Array, extra: number): Uint8Array {
  const writer = new Writer();
  writer.u32(first);
  writer.u32(payload.length + extra);
  writer.bytes(payload);
  return writer.finish();
}

/** A request of the classic framing: the length counts the code too. */
function request(code: number, payload: Uint8Array): Uint8Array {
  const bytes = frame(code, payload, 4);
  return concat(bytes.subarray(4, 8), bytes.subarray(0, 4), payload);
}

function name8(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  return concat(Uint8Array.of(bytes.length), bytes);
}

/** A capture of a client that names streams and a user in hostile ways. */
function hostileCapture(): Uint8Array<ArrayBuffer> {
  const chunks: Uint8Array[] = [];
  const writer = new PcapWriter((bytes) => chunks.push(bytes));
  const next = { client: 1, server: 1 };
  let time = 0;
  const say = (side: "client" | "server", payload: Uint8Array) => {
    const isClient = side === "client";
    const segment = tcp({
      sourcePort: isClient ? 40_000 : 8090,
      destinationPort: isClient ? 8090 : 40_000,
      sequence: next[side],
      acknowledgment: next[isClient ? "server" : "client"],
      payload,
    });
    next[side] += payload.length;
    const packet = ipv4(segment);
    const [from, to] = [packet.slice(12, 16), packet.slice(16, 20)];
    if (!isClient) packet.set(concat(to, from), 12);
    writer.write(1_790_000_000, time += 1_000_000, ethernetFrame(0x0800, packet));
  };
  const ask = (code: number, payload: Uint8Array, status: number) => {
    say("client", request(code, payload));
    say("server", frame(status, new Uint8Array(0), 0));
  };
  const version = new Uint8Array(8);
  const login = concat(name8(HOSTILE[0]!), name8("hunter2-very-secret"), version);
  ask(LOGIN_USER, login, 42);
  for (const name of HOSTILE) ask(CREATE_STREAM, name8(name), 1012);
  return concat(...chunks) as Uint8Array<ArrayBuffer>;
}

pageTest(
  "hostile names create no element and run nothing",
  { captures: [hostileCapture()], allowed: /422/ },
  async ({ page, captures, visit }) => {
    const check = async (where: string) => {
      assertEquals(await page.title(), "iggyscope", where);
      const strange = await page.locator("#page").evaluate((root) =>
        [...root.querySelectorAll(
          "script, img, iframe, object, style, [onerror], [onload]",
        )]
          .map((element) => element.outerHTML)
      );
      assertEquals(strange, [], where);
      const text = await page.locator("#page").evaluate((root) => root.textContent ?? "");
      const raw = text.match(/(?![\n\t])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu);
      assertEquals(raw, null, where);
    };
    for (
      const view of ["transactions", "charts", "errors", "conversations", "topology"]
    ) {
      await visit(`capture=${captures[0]}&view=${view}`);
      await page.locator(".row, .tile, .u-over, .node, tbody tr").first().waitFor();
      await check(view);
    }
    await visit(`capture=${captures[0]}`);
    const hostile = page.getByRole("row", { name: "<script>" });
    assert(await hostile.count() > 0, "the name is shown as it is");
    await keepPicture(page, "hostile");
    for (let n = 0; n <= HOSTILE.length; n++) {
      await page.evaluate((hash) => {
        location.hash = hash;
      }, `capture=${captures[0]}&transaction=${n}`);
      await page.getByRole("region", { name: `Transaction ${n}` }).waitFor();
      await check(`transaction ${n}`);
    }
    await visit(
      `capture=${captures[0]}&filter=${
        encodeURIComponent(HOSTILE[1]!)
      }&view=transactions`,
    );
    await page.locator(".mistake").waitFor();
    await check("filter");
  },
);

pageTest(
  "secrets do not reach the page",
  { captures: [hostileCapture()] },
  async ({ page, captures, visit }) => {
    const bodies: Promise<string>[] = [];
    page.on("response", (response) => {
      if (response.url().includes("/api/")) {
        bodies.push(response.text().catch(() => ""));
      }
    });
    await visit(`capture=${captures[0]}&transaction=0`);
    await page.getByText("redacted").first().waitFor();
    assert(await page.locator(".bytes", { hasText: "**" }).count() > 0);
    const all = [await page.content(), ...await Promise.all(bodies)].join("\n");
    assert(!all.includes("hunter2"));
    assert(!all.includes("68756e746572")); // the same in hex
  },
);

pageTest(
  "a server with a token asks for it once",
  { server: { token: "open-sesame-1234567890" }, allowed: /401/ },
  async ({ page, visit }) => {
    await visit("");
    await page.getByLabel("Token", { exact: true }).fill("wrong");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").getByText("missing or wrong").waitFor();
    await page.getByLabel("Token", { exact: true }).fill("open-sesame-1234567890");
    await page.keyboard.press("Enter");
    await page.getByText("Drop a capture anywhere").waitFor();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.reload();
    await page.getByText("Drop a capture anywhere").waitFor();
    assertEquals(await page.getByRole("dialog").count(), 0);
  },
);
