import {
  Binary,
  Bool,
  type DataType,
  Field,
  Int64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import type { Packet } from "../../capture/packet.ts";
import { type Outermost, outermost } from "../../net/mod.ts";
import { streamWriter } from "./arrow.ts";
import type { TableSink } from "./mod.ts";

/** Rows of a batch at most, and bytes of their packets. */
const MAX_ROWS = 8192, MAX_BYTES = 4 * 1024 * 1024;

/** A packet as columns ask it. */
interface Row extends Outermost {
  readonly packet: Packet;
  readonly bytes: Uint8Array;
}

const COLUMNS: readonly [name: string, type: DataType, cell: (row: Row) => unknown][] = [
  ["packet", new Int64(), ({ packet }) => BigInt(packet.number)],
  [
    "time_ns",
    new Int64(),
    ({ packet }) => BigInt(packet.seconds) * 1_000_000_000n + BigInt(packet.nanos),
  ],
  ["linktype", new Int64(), ({ packet }) => BigInt(packet.linktype)],
  ["original_length", new Int64(), ({ packet }) => BigInt(packet.originalLength)],
  ["pair", new Utf8(), ({ pair }) => pair],
  ["ports", new Utf8(), ({ ports }) => ports],
  ["fragment", new Bool(), ({ fragment }) => fragment],
  ["digest", new Int64(), ({ digest }) => BigInt.asIntN(64, digest)],
  ["bytes", new Binary(), ({ bytes }) => bytes],
];

const SCHEMA = new Schema(COLUMNS.map(([name, type]) => new Field(name, type, false)));

/** Writes packets in Arrow's stream format, for engines that divide captures. */
export class PacketTable {
  readonly #writer: ReturnType<typeof streamWriter>;
  #cells: unknown[][] = COLUMNS.map(() => []);
  #rows = 0;
  #bytes = 0;

  constructor(sink: TableSink) {
    this.#writer = streamWriter(SCHEMA, sink);
  }

  /** Adds a packet; its bytes are copied. */
  readonly add = (packet: Packet): void => {
    const bytes = packet.bytes.slice(packet.start, packet.end);
    const row = { packet, bytes, ...outermost(packet.linktype, bytes) };
    COLUMNS.forEach(([, , cell], i) => this.#cells[i]!.push(cell(row)));
    this.#rows++;
    this.#bytes += bytes.length;
    if (this.#rows >= MAX_ROWS || this.#bytes >= MAX_BYTES) this.#flush();
  };

  /** Writes what is left. */
  readonly end = (): void => {
    if (this.#rows > 0) this.#flush();
    this.#writer.finish();
  };

  #flush(): void {
    const children = COLUMNS.map(([, type], i) =>
      vectorFromArray(this.#cells[i]!, type).data[0]!
    );
    const type = new Struct(SCHEMA.fields);
    const data = makeData({ type, length: this.#rows, children });
    this.#writer.write(new RecordBatch(SCHEMA, data));
    this.#cells = COLUMNS.map(() => []);
    this.#rows = this.#bytes = 0;
  }
}
