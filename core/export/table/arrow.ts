import {
  type Data,
  type DataType,
  Field,
  Float64,
  Int64,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  TimestampMicrosecond,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { type Cell, type ColumnType, TABLE_COLUMNS } from "./columns.ts";
import type { GroupWriter, TableSink } from "./mod.ts";

const TYPES: Readonly<Record<ColumnType, DataType>> = {
  integer: new Int64(),
  number: new Float64(),
  text: new Utf8(),
  moment: new TimestampMicrosecond("UTC"),
};

const SCHEMA = new Schema(
  TABLE_COLUMNS.map(({ name, type }) => new Field(name, TYPES[type], true)),
);

/** Gives its bytes away at once. */
class SinkWriter extends RecordBatchStreamWriter {
  #sink: TableSink;

  constructor(sink: TableSink) {
    super({ autoDestroy: false });
    this.#sink = sink;
  }

  protected override _write(chunk: ArrayBufferView | ArrayBuffer): this {
    const bytes = ArrayBuffer.isView(chunk)
      ? new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      : new Uint8Array(chunk);
    if (bytes.length > 0) this.#sink(bytes);
    this._position += bytes.length;
    return this;
  }
}

/** Arrow's own builder wants milliseconds, and would lose what is finer. */
function moments(cells: readonly Cell[]): Data<TimestampMicrosecond> {
  const { data: [data] } = vectorFromArray(cells, new Int64());
  const { length, nullCount, nullBitmap, values } = data!;
  const type = new TimestampMicrosecond("UTC");
  return makeData({ type, length, nullCount, nullBitmap, data: values });
}

/** A writer of batches of a schema. */
export function streamWriter(schema: Schema, sink: TableSink): RecordBatchStreamWriter {
  const writer = new SinkWriter(sink);
  writer.reset(undefined, schema);
  return writer;
}

/** Writes groups of rows in Arrow's stream format. */
export function arrowGroups(sink: TableSink): GroupWriter {
  const writer = streamWriter(SCHEMA, sink);
  return {
    write(columns: readonly Cell[][]) {
      const children = TABLE_COLUMNS.map(({ type }, i) =>
        type === "moment"
          ? moments(columns[i]!)
          : vectorFromArray(columns[i]!, TYPES[type]).data[0]!
      );
      const length = columns[0]!.length;
      const data = makeData({ type: new Struct(SCHEMA.fields), length, children });
      writer.write(new RecordBatch(SCHEMA, data));
    },
    end: () => void writer.finish(),
  };
}
