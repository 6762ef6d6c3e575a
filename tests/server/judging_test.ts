import { assert, assertEquals } from "@std/assert";
import { dissect } from "../../mod.ts";
import type {
  Comparison,
  FindingList,
  VectorList,
} from "../../server/schemas/judging.ts";
import { requirePeer, run } from "../support/peer.ts";
import { fixture, problemOf, withServer } from "./support.ts";

Deno.test("GET …/check gives what the command line finds", async () => {
  await withServer({}, async ({ json, upload }) => {
    const { id } = await upload("classic-080-go.pcap");
    const all = await json<FindingList>(`/api/captures/${id}/check`);
    assertEquals(all.total, all.items.length);
    const [malformed] = all.items.filter(({ id }) => id === "malformed");
    assertEquals(malformed?.message, "1 trailing bytes");
    const some = await json<FindingList>(`/api/captures/${id}/check?limit=1`);
    assertEquals([some.total, some.items.length], [all.total, 1]);
    const filter = encodeURIComponent('iggy.command == "update_user"');
    const { items } = await json<FindingList>(
      `/api/captures/${id}/check?severity=warn&filter=${filter}`,
    );
    assertEquals(items.map(({ command }) => command), ["update_user"]);
  });
});

Deno.test("GET …/diff compares two captures of the server", async () => {
  await withServer({}, async ({ json, ask, upload }) => {
    const a = await upload("classic-070-all.pcap");
    const b = await upload("classic-080-all.pcap");
    const path = `/api/captures/${a.id}/diff`;
    const found = await json<Comparison>(`${path}?with=${b.id}`);
    assertEquals([found.pairs, found.different], [90, 6]);
    const version = found.fields.find(({ path }) => path === "request.version");
    assertEquals([version?.a, version?.b], ['"0.9.0"', '"0.10.0"']);
    const same = await json<Comparison>(`${path}?with=${a.id}`);
    assertEquals([same.pairs, same.different, same.fields], [90, 0, []]);
    await problemOf(await ask(`${path}?with=nosuch`), 400);
    await problemOf(await ask(path), 400);
  });
});

Deno.test("GET …/anonymized gives the same transactions without their names", async () => {
  await withServer({}, async ({ ask, upload }) => {
    const { id } = await upload("classic-080-all.pcap");
    const response = await ask(`/api/captures/${id}/anonymized`);
    assertEquals(response.status, 200);
    const bytes = new Uint8Array(await response.arrayBuffer());
    const text = new TextDecoder("latin1").decode(bytes);
    for (const name of ["orders", "alice", "127.0.0.1"]) {
      assert(!text.includes(name), name);
    }
    const names = await Array.fromAsync(dissect(bytes), ({ command }) => command);
    assertEquals(names.length, 90);
    assertEquals(names.slice(0, 3), ["ping", "login_user", "login_user"]);
  });
});

Deno.test("GET …/anonymized with a filter gives the conversations that match", async () => {
  await withServer({}, async ({ ask, upload }) => {
    const { id } = await upload("classic-080-groups.pcap");
    const counted = async (query: string) => {
      const response = await ask(`/api/captures/${id}/anonymized${query}`);
      assertEquals(response.status, 200);
      const names = await Array.fromAsync(
        dissect(await response.bytes()),
        ({ command }) => command,
      );
      return names.length;
    };
    const filter = "tcp.stream == 2";
    const whole = await Array.fromAsync(
      dissect(fixture("classic-080-groups.pcap"), { filter }),
    );
    assertEquals(await counted(`?filter=${encodeURIComponent(filter)}`), whole.length);
    assert(await counted("") > whole.length);
    await problemOf(await ask(`/api/captures/${id}/anonymized?filter=nosuch`), 422);
    await problemOf(await ask(`/api/captures/${id}/anonymized?view=row`), 400);
  });
});

Deno.test("GET /api/commands/…/vectors gives payloads with what they say", async () => {
  await withServer({}, async ({ json, ask }) => {
    const { items } = await json<VectorList>("/api/commands/create_stream/vectors");
    const request = items.find(({ direction }) => direction === "request");
    assertEquals([request?.why, request?.valid], ["lowest values", true]);
    assert(items.some(({ valid }) => !valid));
    await problemOf(await ask("/api/commands/nosuch/vectors"), 404);
  });
});

Deno.test("GET /api/vectors gives all vectors as an archive that tar reads", async () => {
  if (!requirePeer("tar")) return;
  const folder = await Deno.makeTempDir();
  try {
    await withServer({}, async ({ ask }) => {
      // It begins before it is whole; who leaves early takes nothing from others.
      const left = (await ask("/api/vectors")).body!.getReader();
      assertEquals((await left.read()).done, false);
      await left.cancel();
      const [response, other] = [await ask("/api/vectors"), await ask("/api/vectors")];
      assertEquals(response.status, 200);
      const same = other.bytes();
      await Deno.writeFile(`${folder}/vectors.tar.gz`, response.body!);
      assertEquals(await same, await Deno.readFile(`${folder}/vectors.tar.gz`));
    });
    const archive = `${folder}/vectors.tar.gz`;
    const { code, stderr } = await run("tar", ["-xzf", archive, "-C", folder]);
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
    const made = `${folder}/vectors`;
    const names: string[] = JSON.parse(await Deno.readTextFile(`${made}/index.json`));
    assert(names.length > 1000, `${names.length} vectors`);
    for (const name of [names[0]!, names.at(-1)!]) {
      const record = JSON.parse(await Deno.readTextFile(`${made}/${name}.json`));
      const { length } = await Deno.readFile(`${made}/${name}.bin`);
      assertEquals(record.length, length);
    }
    assert((await Deno.readTextFile(`${made}/README.md`)).includes("index.json"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
