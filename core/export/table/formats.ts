/** The formats of tables. */
export const TABLE_FORMATS = ["parquet", "arrow"] as const;

/** A format of tables. */
export type TableFormat = typeof TABLE_FORMATS[number];
