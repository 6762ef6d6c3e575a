// Asks an MCP server what a file of calls says, with the protocol's own client library.
// usage: node mcp_client.mjs SDK_FOLDER CALLS.json COMMAND ARGS…; prints the answers as JSON.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [sdk, calls, command, ...args] = process.argv.slice(2);
const load = (path) => import(pathToFileURL(`${sdk}/dist/esm/client/${path}`).href);
const { Client } = await load("index.js");
const { StdioClientTransport } = await load("stdio.js");

const client = new Client({ name: "test", version: "1" });
await client.connect(new StdioClientTransport({ command, args }));
const answers = {
  server: client.getServerVersion(),
  instructions: client.getInstructions(),
  tools: (await client.listTools()).tools,
  calls: [],
};
for (const [name, given] of JSON.parse(readFileSync(calls, "utf8"))) {
  const { content, isError } = await client.callTool({ name, arguments: given });
  answers.calls.push({ text: content[0].text, isError });
}
await client.close();
console.log(JSON.stringify(answers));
