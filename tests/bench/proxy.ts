/**
 * `deno run -R -W -E --allow-run --allow-net=127.0.0.1 tests/bench/proxy.ts [ROUNDS]`: round
 * trips of a ping to a server that answers at once: direct, through a pass-through of a few
 * lines, and through our proxy, in turn; at rest, during uploads and during a search. It tells
 * and never judges.
 *
 * @module
 */
import { Copies } from "./copies.ts";
import { ServerProcess } from "./serve.ts";

const ROUNDS = 2000, TURNS = 20, WARM_UP = 2000;
const PING = Uint8Array.of(4, 0, 0, 0, 1, 0, 0, 0), PONG = new Uint8Array(8);
/** The two peers run in processes of their own, as Iggy's would. */
const SELF = new URL(import.meta.url).pathname;

/** Answers each ping. */
async function answer(connection: Deno.TcpConn): Promise<void> {
  connection.setNoDelay(true);
  const buffer = new Uint8Array(4096);
  for (let rest = 0;;) {
    const read = await connection.read(buffer);
    if (read === null) return connection.close();
    rest += read;
    for (; rest >= PING.length; rest -= PING.length) await connection.write(PONG);
  }
}

/** Passes on what comes, and nothing else. */
async function pass(client: Deno.TcpConn, port: number): Promise<void> {
  const server = await Deno.connect({ hostname: "127.0.0.1", port });
  client.setNoDelay(true);
  server.setNoDelay(true);
  await Promise.all([
    client.readable.pipeTo(server.writable),
    server.readable.pipeTo(client.writable),
  ]);
}

/** Runs as one of the peers: tells its port, and goes on until it is ended. */
async function bePeer(target: number): Promise<void> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  console.log(listener.addr.port);
  for await (const connection of listener) {
    const done = target === 0 ? answer(connection) : pass(connection, target);
    done.catch(() => {
      // The other side went.
    });
  }
}

/** Starts this file as a peer; gives its port. */
async function startPeer(target: number): Promise<{ port: number; stop(): void }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-net=127.0.0.1", SELF, `peer=${target}`],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value } = await reader.read();
  return { port: Number(value), stop: () => child.kill("SIGKILL") };
}

/** Round trips of one connection, in µs. */
async function roundTrips(connection: Deno.Conn, rounds: number): Promise<number[]> {
  const buffer = new Uint8Array(64), times: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const start = performance.now();
    await connection.write(PING);
    for (let rest = PONG.length; rest > 0;) rest -= await connection.read(buffer) ?? rest;
    times.push((performance.now() - start) * 1000);
  }
  return times;
}

/** Median and slowest hundredth of each way, taken in turns so that all see the same load. */
async function compare(ports: Readonly<Record<string, number>>, rounds: number) {
  const ways = await Promise.all(
    Object.entries(ports).map(async ([name, port]) => {
      const connection = await Deno.connect({ hostname: "127.0.0.1", port });
      connection.setNoDelay(true);
      await roundTrips(connection, WARM_UP);
      return { name, connection, times: [] as number[] };
    }),
  );
  for (let turn = 0; turn < TURNS; turn++) {
    for (const way of ways) {
      way.times.push(...await roundTrips(way.connection, Math.ceil(rounds / TURNS)));
    }
  }
  return ways.map(({ name, connection, times }) => {
    connection.close();
    times.sort((a, b) => a - b);
    const at = (part: number) => Math.round(times[Math.floor(times.length * part)]!);
    return `${name} ${at(0.5)} / ${at(0.99)}`;
  }).join(", ");
}

if (import.meta.main) {
  const [first = String(ROUNDS)] = Deno.args;
  const target = /^peer=(\d+)$/.exec(first);
  if (target !== null) await bePeer(Number(target[1]));
  const rounds = Number(first);
  const scratch = await Deno.makeTempDir();
  const iggy = await startPeer(0);
  const bare = await startPeer(iggy.port);
  await Deno.mkdir(`${scratch}/data`);
  const server = await ServerProcess.start(
    `${scratch}/data`,
    `--proxy=0=127.0.0.1:${iggy.port}`,
  );
  try {
    const ports = { direct: iggy.port, bare: bare.port, proxy: server.proxyPort };
    const tell = async (when: string) => {
      console.log(`${when}, p50 / p99 in µs: ${await compare(ports, rounds)}`);
    };
    await tell("at rest");
    const capture = `${scratch}/grown.pcap`;
    const copies = await Copies.create(capture);
    await copies.reach(2);
    copies.close();
    const body = await Deno.readFile(capture);
    let isOver = false, uploads = 0, id = "";
    const uploading = (async () => {
      while (!isOver) {
        const made = await fetch(`${server.url}/api/captures`, { method: "POST", body });
        id = (await made.json()).id;
        uploads++;
      }
    })();
    await tell("during uploads");
    isOver = true;
    await uploading;
    isOver = false;
    let searches = 0;
    const searching = (async () => {
      while (!isOver) {
        const filter = `iggy.poll_messages.response.messages.offset > ${++searches}`;
        const query = `filter=${encodeURIComponent(filter)}&limit=1`;
        const answer = await fetch(
          `${server.url}/api/captures/${id}/transactions?${query}`,
        );
        await answer.body?.cancel();
      }
    })();
    await tell("during searches");
    isOver = true;
    await searching;
    console.log(`${uploads} uploads of ${body.length} bytes, ${searches} searches`);
  } finally {
    await server.stop();
    bare.stop();
    iggy.stop();
    await Deno.remove(scratch, { recursive: true });
  }
}
