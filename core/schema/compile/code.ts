/** Bytes of a text as constants that one instruction stores. */
function wordsOf(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const words = new DataView(bytes.buffer);
  const { length } = bytes;
  const parts: string[] = [];
  let at = 0;
  const place = () => at === 0 ? "o" : `o + ${at}`;
  for (; length - at >= 8; at += 8) {
    parts.push(`view.setFloat64(${place()}, ${words.getFloat64(at, true)}, true);`);
  }
  if (length - at > 2 && length >= 8) {
    // The last eight once more, in place of two or three pieces.
    at = length - 8;
    parts.push(`view.setFloat64(${place()}, ${words.getFloat64(at, true)}, true);`);
    at = length;
  }
  if (length - at >= 4) {
    parts.push(`view.setUint32(${place()}, ${words.getUint32(at, true)}, true);`);
    at += 4;
  }
  for (; at < length; at++) parts.push(`out[${place()}] = ${bytes[at]};`);
  return parts.join(" ");
}

/**
 * The text of a function over `b[p..e)` while it is written: names, lines, what is known to be
 * there, and JSON text that is the same for every payload, gathered until something else is
 * to be written.
 */
export class Code {
  readonly lines: string[] = [];
  #names = 0;
  #text = "";
  /** Bytes read behind `p` that it was not moved by yet. */
  #ahead = 0;
  /** Bytes behind `p` that are known to be there. */
  #ensured = 0;

  /** A name that is not used yet. */
  name(prefix: string): string {
    return `${prefix}_${this.#names++}`;
  }

  /** A line that reads. */
  line(line: string): void {
    this.lines.push(line);
  }

  /** The place of the next byte. */
  get here(): string {
    return this.#ahead === 0 ? "p" : `p + ${this.#ahead}`;
  }

  /** Leaves to the careful reader what does not hold. */
  unless(condition: string): void {
    this.line(`if (!(${condition})) return -1;`);
  }

  /** Leaves to the careful reader where fewer than `length` bytes follow. */
  need(length: number): void {
    if (this.#ahead + length <= this.#ensured) return;
    this.#ensured = this.#ahead + length;
    this.line(`if (e - p < ${this.#ensured}) return -1;`);
  }

  /** Passes over bytes of a fixed length; gives where they began. */
  take(length: number): string {
    this.need(length);
    const place = this.here;
    this.#ahead += length;
    return place;
  }

  /** Moves `p` to the next byte: before what is read only sometimes, or of any length. */
  settle(): void {
    if (this.#ahead > 0) this.line(`p += ${this.#ahead};`);
    this.#ahead = this.#ensured = 0;
  }

  /** Writes text that is always the same. */
  text(text: string): void {
    this.#text += text;
  }

  /** A line that writes, behind the text so far. */
  write(line: string): void {
    this.flush();
    this.line(line);
  }

  /** Writes the text that was gathered. */
  flush(): void {
    if (this.#text === "") return;
    const { length } = new TextEncoder().encode(this.#text);
    const comment = this.#text.replace(/[^\x20-\x7e]/g, "?");
    this.line(`${wordsOf(this.#text)} o += ${length}; // ${comment}`);
    this.#text = "";
  }

  /** Lines that run only sometimes, or again and again. */
  block(head: string, body: () => void, end = "}"): void {
    this.settle();
    this.write(`${head} {`);
    body();
    this.settle();
    this.flush();
    this.line(end);
  }
}
