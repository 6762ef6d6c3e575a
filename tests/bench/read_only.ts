/**
 * The limit: a Deno program that only reads the file, in the chunks the readers use. Its
 * argument is the file; it prints the number of bytes.
 *
 * @module
 */
const CHUNK_BYTES = 128 * 1024;

const [path = ""] = Deno.args;
using file = Deno.openSync(path);
const chunk = new Uint8Array(CHUNK_BYTES);
let bytes = 0;
for (let count = file.readSync(chunk); count !== null; count = file.readSync(chunk)) {
  bytes += count;
}
console.log(bytes);
