/**
 * What tshark says of Iggy's PDUs with the exported dissector, read from its PDML: paths,
 * values and places of all fields.
 *
 * @module
 */

/** A field as tshark prints it. */
export interface PdmlField {
  readonly name: string;
  /** First byte, from the start of the PDU. */
  readonly offset: number;
  readonly length: number;
  /** The value as filters see it. */
  readonly show: string;
  /** The bytes, in hex. */
  readonly value: string;
}

/** A PDU as tshark prints it. */
export interface PdmlPdu {
  readonly packet: number;
  readonly length: number;
  readonly fields: readonly PdmlField[];
}

const ENTITIES: Record<string, string> = {
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  amp: "&",
};

function unescape(text: string): string {
  return text.replace(
    /&(?:(lt|gt|quot|apos|amp)|#x([0-9a-fA-F]+)|#(\d+));/g,
    (_, name, hex, decimal) =>
      name !== undefined
        ? ENTITIES[name]!
        : String.fromCodePoint(parseInt(hex ?? decimal, hex ? 16 : 10)),
  );
}

function attributes(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [, name, value] of text.matchAll(/([\w.]+)="([^"]*)"/g)) {
    found[name!] = unescape(value!);
  }
  return found;
}

/** The PDUs in the output of `tshark -T pdml`, in its order. */
export function pdmlPdus(text: string): PdmlPdu[] {
  const pdus: (PdmlPdu & { fields: PdmlField[] })[] = [];
  let packet = 0;
  let start = 0;
  let inside = false;
  const tags = /<(\/?\w+)((?:\s+[\w.]+="[^"]*")*)\s*(\/?)>/g;
  for (const [, tag, rest, empty] of text.matchAll(tags)) {
    // An empty one is a mark inside of a field: _ws.malformed.
    if (tag === "proto" && empty !== "/") {
      const { name, pos, size } = attributes(rest!);
      inside = name === "iggy";
      if (!inside) continue;
      start = Number(pos);
      pdus.push({ packet, length: Number(size), fields: [] });
    } else if (tag === "/proto") inside = false;
    else if (tag === "field") {
      const { name, pos, size, show, value } = attributes(rest!);
      if (name === "num") packet = Number(show);
      if (!inside || !name) continue;
      pdus.at(-1)!.fields.push({
        name,
        offset: Number(pos) - start,
        length: Number(size),
        show: show ?? "",
        value: value ?? "",
      });
    }
  }
  return pdus;
}
