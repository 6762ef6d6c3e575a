/**
 * `deno run -R -W -E --allow-run --allow-net=127.0.0.1 tests/bench/rows.ts [COPIES]`: what the
 * table of a long capture waits for. Twenty copies of the capture of small packets are 1 045 620
 * transactions. Each question is asked three times in variants, so that no answer is known from
 * before: wall time and the server's CPU. It tells and never judges.
 *
 * @module
 */
import { Copies } from "./copies.ts";
import { ServerProcess } from "./serve.ts";

const COPIES = 20, TIMES = 3;
const ROWS = "view=row&limit=100";

/** What is asked: N is a number that is another one each time. */
const QUESTIONS: readonly (readonly [string, string])[] = [
  ["first rows", ""],
  ["rows at 900 000", "offset=90000N"],
  ["rare command", 'filter=iggy.command == "create_topic" and iggy.transaction > N'],
  ["common command", 'filter=iggy.command == "ping" and iggy.transaction > N'],
  ["half of all", 'filter=iggy.command == "poll_messages" and iggy.transaction > N'],
  ["status", "filter=iggy.status != 0 and iggy.transaction > N"],
  ["slow answers", "filter=iggy.response_time > 1N00us"],
  ["many response times", "filter=iggy.response_time > 20Nus"],
  ["a conversation", "filter=tcp.stream == N"],
  ["packets", "filter=frame.number > 200000N"],
  ["length", "filter=iggy.length > 70N"],
  ["two copies", "from=179525500N&to=179526000N"],
  ["field of a rare command", 'filter=iggy.create_topic.request.name == "tN"'],
  ["field of half, first", "wait=100&filter=iggy.poll_messages.request.count > N"],
  ["by response time", "sort=-response_time"],
  ["by client", "sort=client"],
  ["by command", "sort=command"],
  ["by arguments", "sort=arguments"],
];

if (import.meta.main) {
  const copies = Number(Deno.args[0] ?? COPIES);
  const scratch = await Deno.makeTempDir();
  try {
    const capture = `${scratch}/grown.pcap`;
    const grown = await Copies.create(capture);
    await grown.reach(copies);
    grown.close();
    await Deno.mkdir(`${scratch}/data`);
    const server = await ServerProcess.start(`${scratch}/data`);
    const start = await server.cpu();
    const { readable: body } = await Deno.open(capture);
    const made = await fetch(`${server.url}/api/captures`, { method: "POST", body });
    const { id, transactions } = await made.json();
    const seconds = ((await server.cpu() - start) / 1000).toFixed(1);
    console.log(`${transactions} transactions, sent and dissected in ${seconds} CPU s`);
    for (const [name, question] of QUESTIONS) {
      const walls: string[] = [], cpus: string[] = [];
      let told = "";
      for (let n = 1; n <= TIMES; n++) {
        const query = question.split("&").map((part) => {
          const [key, ...value] = part.replaceAll("N", String(n)).split("=");
          return `${key}=${encodeURIComponent(value.join("="))}`;
        }).join("&");
        const path = `/api/captures/${id}/transactions?${ROWS}`;
        const [before, asked] = [await server.cpu(), performance.now()];
        const answer = await fetch(
          `${server.url}${path}${question === "" ? "" : `&${query}`}`,
        );
        const { total, complete, items } = await answer.json();
        walls.push((performance.now() - asked).toFixed(0));
        cpus.push((await server.cpu() - before).toFixed(0));
        told = `${items?.length} rows of ${total}${complete ? "" : " so far"}`;
      }
      console.log(
        `${name}: wall ${walls.join(" ")} ms, CPU ${cpus.join(" ")} ms; ${told}`,
      );
    }
    await server.stop();
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}
