/** Bytes of a header, and of the pieces a file is filled up to. */
const BLOCK = 512;
/** Bytes of a name, and of the folders before it. */
const MAX_NAME = 100, MAX_PREFIX = 155;
const encoder = new TextEncoder();

/**
 * The header and the bytes of a file in a tar archive, readable by all, of no time. Throws
 * `RangeError` on a path that does not fit.
 *
 * Source: POSIX.1-2017, pax, section "ustar Interchange Format".
 */
export function tarEntry(path: string, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const entry = new Uint8Array(BLOCK + Math.ceil(bytes.length / BLOCK) * BLOCK);
  const put = (at: number, text: string) => entry.set(encoder.encode(text), at);
  const slash = path.length <= MAX_NAME
    ? -1
    : path.indexOf("/", path.length - MAX_NAME - 1);
  const [prefix, name] = slash < 0
    ? ["", path]
    : [path.slice(0, slash), path.slice(slash + 1)];
  if (name.length > MAX_NAME || prefix.length > MAX_PREFIX) {
    throw new RangeError(`${path} is too long for a tar archive`);
  }
  put(0, name);
  put(100, "0000644\0" + "0000000\0".repeat(2));
  put(124, `${bytes.length.toString(8).padStart(11, "0")}\0`);
  put(136, `${"0".repeat(11)}\0`);
  // The checksum is that of the header with spaces in its place.
  put(148, " ".repeat(8));
  put(156, "0");
  put(257, "ustar\0" + "00");
  put(345, prefix);
  const sum = entry.subarray(0, BLOCK).reduce((total, byte) => total + byte, 0);
  put(148, `${sum.toString(8).padStart(6, "0")}\0 `);
  entry.set(bytes, BLOCK);
  return entry;
}

/** The end of a tar archive. */
export function tarEnd(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(2 * BLOCK);
}
