/**
 * The least that a program with that output does: reads a file, and writes as many bytes as
 * told. `read_write.ts FILE BYTES`.
 *
 * @module
 */
const [path = "", bytes = "0"] = Deno.args;
const buffer = new Uint8Array(64 * 1024);
const file = Deno.openSync(path);
while (file.readSync(buffer) !== null);
file.close();
for (let left = Number(bytes); left > 0;) {
  left -= Deno.stdout.writeSync(buffer.subarray(0, Math.min(left, buffer.length)));
}
