import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { dissectFixture } from "../support/dissect.ts";
import { withServer } from "./support.ts";

const DASHBOARD = new URL("../../docs/grafana.json", import.meta.url);

Deno.test("/metrics counts live traffic by command, status and topic, and tells the lag", async () => {
  const transactions = await dissectFixture("classic-080-groups.pcap");
  await withServer({}, async ({ ask, services }) => {
    for (const each of transactions) services.feed.add(each);
    const text = await (await ask("/metrics")).text();
    const polls = transactions.filter(({ name, statusName }) =>
      name === "poll_messages" && statusName === "ok"
    );
    assertStringIncludes(
      text,
      `iggyscope_live_commands_total{command="poll_messages",status="ok"} ${polls.length}\n`,
    );
    assert(
      /^iggyscope_live_messages_total\{topic="[^"]+",direction="consumed"\} \d+$/m.test(
        text,
      ),
    );
    assert(
      /^iggyscope_live_consumer_lag\{partition="[^"]+",consumer="[^"]+"\} \d+$/m.test(
        text,
      ),
    );
    const wrong = text.trim().split("\n").filter((line) =>
      !/^(# (HELP|TYPE) .*|\w+(\{\w+="([^"\\\n]|\\.)*"(,\w+="([^"\\\n]|\\.)*")*\})? [-\d.e+]+)$/
        .test(line)
    );
    assertEquals(wrong, []);
  });
});

Deno.test("the dashboard asks only for metrics that there are", async () => {
  await withServer({}, async ({ ask }) => {
    const text = await (await ask("/metrics")).text();
    const dashboard = await Deno.readTextFile(DASHBOARD);
    const names = [...dashboard.matchAll(/iggyscope_\w+/g)].map(([name]) => name);
    assert(names.length >= 8);
    for (const name of names) assertStringIncludes(text, `# TYPE ${name} `);
  });
});
