/**
 * Methods of JavaScript's standard that Node 22 and 24 lack, made only where they are missing.
 *
 * @module
 */
import { Buffer } from "node:buffer";

function define(target: object, name: string, value: unknown): void {
  if (name in target) return;
  Object.defineProperty(target, name, { value, writable: true, configurable: true });
}

define(Uint8Array.prototype, "toHex", function (this: Uint8Array): string {
  const { buffer, byteOffset, byteLength } = this;
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength).toString("hex");
});

define(Uint8Array, "fromHex", (text: string): Uint8Array => {
  if (text.length % 2 !== 0 || /[^0-9a-f]/i.test(text)) {
    throw new SyntaxError("no hex string");
  }
  return new Uint8Array(Buffer.from(text, "hex"));
});
