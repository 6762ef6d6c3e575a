import { zstdCompressSync } from "node:zlib";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { type Cell, type ColumnType, TABLE_COLUMNS } from "./columns.ts";
import type { GroupWriter, TableSink } from "./mod.ts";

/** Parquet's types of columns. Source: apache/parquet-format LogicalTypes.md, 2.11. */
const TYPES = {
  integer: { type: "INT64" },
  number: { type: "DOUBLE" },
  text: { type: "BYTE_ARRAY", converted_type: "UTF8" },
  moment: {
    type: "INT64",
    converted_type: "TIMESTAMP_MICROS",
    logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MICROS" },
  },
} as const satisfies Record<ColumnType, object>;

const SCHEMA = [
  { name: "root", num_children: TABLE_COLUMNS.length },
  ...TABLE_COLUMNS.map(({ name, type }) => ({
    name,
    ...TYPES[type],
    repetition_type: "OPTIONAL" as const,
  })),
];

/**
 * Columns of JSON. A group's least and greatest value are of no use to a reader there, and the
 * library keeps them whole until the file ends; values that repeat are rare.
 */
const JSON_COLUMNS: ReadonlySet<string> = new Set(["request", "response", "issues"]);
const PLAIN = { statistics: false, encoding: "PLAIN" } as const;

/** Gives its bytes away after each group of rows. */
class SinkWriter extends ByteWriter {
  readonly #sink: TableSink;

  constructor(sink: TableSink) {
    super();
    this.#sink = sink;
  }

  flush(): void {
    this.#sink(this.getBytes());
    this.index = 0;
  }

  override finish(): void {
    this.flush();
  }
}

/** Writes groups of rows as a Parquet file, compressed with zstd. */
export function parquetGroups(sink: TableSink): GroupWriter {
  const writer = new ParquetWriter({
    writer: new SinkWriter(sink),
    schema: SCHEMA,
    codec: "ZSTD",
    compressors: { ZSTD: (bytes) => new Uint8Array(zstdCompressSync(bytes)) },
    createdBy: "iggyscope",
  });
  return {
    write: (columns: readonly Cell[][]) =>
      void writer.write({
        columnData: TABLE_COLUMNS.map(({ name }, i) => ({
          name,
          data: columns[i]!,
          offsetIndex: false,
          ...(JSON_COLUMNS.has(name) ? PLAIN : {}),
        })),
        rowGroupSize: columns[0]!.length,
      }),
    end: () => void writer.finish(),
  };
}
