import { addressOf } from "../net/endpoint.ts";
import { type Address, endpointAddress } from "../filter/address.ts";
import type { FilterField } from "../filter/field.ts";
import type { Transaction } from "../dissect/transaction.ts";
import { formatTime } from "../dissect/time.ts";
import type { Exporter } from "./exporter.ts";
import { escapeText } from "./printable.ts";

/** How fields are printed: what tshark's `-E` says. */
export interface FieldsOptions {
  /** A first line with the paths. */
  readonly header: boolean;
  /** Between fields, and between the values of one. */
  readonly separator: string;
  readonly aggregator: string;
  /** Around every field that has a value. */
  readonly quote: string;
  /** Which values of a field that stands several times. */
  readonly occurrence: "first" | "last" | "all";
  readonly showSecrets: boolean;
}

/**
 * Fields of each transaction in columns, one line a transaction, as tshark's `-T fields`: enums
 * as numbers, durations in seconds, bytes in hex, nothing where there is no value.
 */
export function fieldsExporter(
  fields: readonly FilterField[],
  options: FieldsOptions,
): Exporter {
  const { header, separator, aggregator, quote, occurrence, showSecrets } = options;
  const cell = (field: FilterField, transaction: Transaction): string => {
    const all = field.read(transaction);
    const values = occurrence === "first"
      ? all.slice(0, 1)
      : occurrence === "last"
      ? all.slice(-1)
      : all;
    if (values.length === 0) return "";
    const texts = values.map((value) =>
      field.secret && !showSecrets ? "[redacted]" : textOf(value, field, transaction)
    );
    const text = texts.join(aggregator);
    return quote === "" ? text : quote + text.replaceAll(quote, `\\${quote}`) + quote;
  };
  return {
    head: () => header ? `${fields.map(({ path }) => path).join(separator)}\n` : "",
    transaction: (transaction) =>
      `${fields.map((field) => cell(field, transaction)).join(separator)}\n`,
    tail: () => "",
  };
}

function textOf(value: unknown, { type }: FilterField, transaction: Transaction): string {
  if (value instanceof Uint8Array) return value.toHex();
  if (type === "time" && typeof value === "bigint") {
    return formatTime(Number(value / 1_000_000_000n), Number(value % 1_000_000_000n));
  }
  if (type === "span") return (Number(value) / 1e9).toFixed(9);
  if (type === "address") return addressText(value as Address, transaction);
  if (typeof value === "boolean") return value ? "1" : "0";
  return escapeText(String(value));
}

/** An address as the conversation spells it. */
function addressText(value: Address, { conversation }: Transaction): string {
  const endpoint = [conversation.client, conversation.server].find((one) =>
    endpointAddress(one)?.value === value.value
  );
  return addressOf(endpoint ?? "");
}
