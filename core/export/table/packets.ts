import { Binary, Field, Int64, RecordBatch, Schema, Struct, Utf8 } from "apache-arrow";
import { makeData, vectorFromArray } from "apache-arrow";
import type { Packet } from "../../capture/packet.ts";
import { addressPair } from "../../net/mod.ts";
import { streamWriter } from "./arrow.ts";
import type { TableSink } from "./mod.ts";

/** Rows of a batch at most, and bytes of their packets. */
const MAX_ROWS = 8192, MAX_BYTES = 4 * 1024 * 1024;

const SCHEMA = new Schema([
  new Field("packet", new Int64(), false),
  new Field("time_ns", new Int64(), false),
  new Field("linktype", new Int64(), false),
  new Field("original_length", new Int64(), false),
  new Field("pair", new Utf8(), false),
  new Field("bytes", new Binary(), false),
]);

/** Writes packets in Arrow's stream format, for engines that divide captures. */
export class PacketTable {
  readonly #writer: ReturnType<typeof streamWriter>;
  #rows: [bigint[], bigint[], bigint[], bigint[], string[], Uint8Array[]] = emptyRows();
  #bytes = 0;

  constructor(sink: TableSink) {
    this.#writer = streamWriter(SCHEMA, sink);
  }

  /** Adds a packet; its bytes are copied. */
  readonly add = (packet: Packet): void => {
    const bytes = packet.bytes.slice(packet.start, packet.end);
    const [numbers, times, linktypes, lengths, pairs, all] = this.#rows;
    numbers.push(BigInt(packet.number));
    times.push(BigInt(packet.seconds) * 1_000_000_000n + BigInt(packet.nanos));
    linktypes.push(BigInt(packet.linktype));
    lengths.push(BigInt(packet.originalLength));
    pairs.push(addressPair(packet.linktype, bytes));
    all.push(bytes);
    this.#bytes += bytes.length;
    if (numbers.length >= MAX_ROWS || this.#bytes >= MAX_BYTES) this.#flush();
  };

  /** Writes what is left. */
  readonly end = (): void => {
    if (this.#rows[0].length > 0) this.#flush();
    this.#writer.finish();
  };

  #flush(): void {
    const children = this.#rows.map((cells, i) =>
      vectorFromArray(cells as unknown[], SCHEMA.fields[i]!.type).data[0]!
    );
    const length = this.#rows[0].length;
    const data = makeData({ type: new Struct(SCHEMA.fields), length, children });
    this.#writer.write(new RecordBatch(SCHEMA, data));
    this.#rows = emptyRows();
    this.#bytes = 0;
  }
}

function emptyRows(): [bigint[], bigint[], bigint[], bigint[], string[], Uint8Array[]] {
  return [[], [], [], [], [], []];
}
