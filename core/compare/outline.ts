import type { Transaction } from "../dissect/transaction.ts";
import { type Fields, valueAt } from "../schema/mod.ts";
import { digest } from "./digest.ts";
import { type Compared, eachLeaf } from "./leaves.ts";

/** What is kept of a transaction: enough to align it and to tell whether it differs. */
export interface Outlined {
  /** Number of the transaction in its capture. */
  readonly number: number;
  readonly name: string;
  /** Digest of the command with the names of what it is about. */
  readonly subject: number;
  /** Digests of what is compared: the number of a path without indices, its digest, and so on. */
  readonly forms: readonly number[];
  readonly requestLength: number;
  readonly responseLength: number;
  readonly status: string;
  /** Microseconds; null where request or response is missing. */
  readonly responseTimeUs: number | null;
}

/** Makes outlines of the transactions of both captures, with one numbering of paths. */
export class Outliner {
  readonly #compared: Compared;
  readonly #numbers = new Map<string, number>();
  readonly #paths: string[] = [];

  constructor(compared: Compared) {
    this.#compared = compared;
  }

  /** The path of a number in {@link Outlined.forms}. */
  path(form: number): string {
    return this.#paths[form]!;
  }

  /** The outline of a transaction, which is not kept. */
  outline(transaction: Transaction): Outlined {
    const { request, response, number, responseTimeUs } = transaction;
    return {
      number,
      name: nameOf(transaction),
      subject: subjectOf(transaction),
      forms: this.#forms(transaction),
      requestLength: request?.length ?? 0,
      responseLength: response?.length ?? 0,
      status: response === null
        ? "unanswered"
        : response.evicted ?? transaction.statusName ?? String(response.status),
      responseTimeUs,
    };
  }

  #forms(transaction: Transaction): number[] {
    const digests = new Map<number, number>();
    eachLeaf(transaction, this.#compared, (form, path, value) => {
      const number = this.#number(form);
      // Several values of a path are told apart by their places.
      const before = digests.get(number);
      digests.set(
        number,
        before === undefined && form === path
          ? digest(value)
          : digest(`${path} ${value}`, before),
      );
    });
    return [...digests].flat();
  }

  #number(form: string): number {
    let number = this.#numbers.get(form);
    if (number === undefined) {
      this.#numbers.set(form, number = this.#paths.length);
      this.#paths.push(form);
    }
    return number;
  }
}

/** The paths, by number, in which two outlines differ, in the order of the first. */
export function differingForms(a: Outlined, b: Outlined): number[] {
  const [left, right] = [a.forms, b.forms];
  if (left.length === right.length && left.every((value, i) => value === right[i])) {
    return [];
  }
  const theirs = new Map<number, number>();
  for (let i = 0; i < right.length; i += 2) theirs.set(right[i]!, right[i + 1]!);
  const found: number[] = [];
  for (let i = 0; i < left.length; i += 2) {
    if (theirs.get(left[i]!) !== left[i + 1]) found.push(left[i]!);
    theirs.delete(left[i]!);
  }
  return [...found, ...theirs.keys()];
}

/** The command's name, or its code. */
export function nameOf({ name, code }: Transaction): string {
  return name ?? `code ${code ?? "unknown"}`;
}

/** Digest of the command and of the names of what a request is about, as its summary shows. */
export function subjectOf(transaction: Transaction): number {
  const { command, request } = transaction;
  const name = nameOf(transaction);
  const fields = request?.decoded?.fields as Fields | undefined;
  if (command === null || fields === undefined) return digest(`${name} `);
  const names = command.info.map((path) => valueAt(fields, path));
  const texts = names.filter((value) => typeof value === "string");
  return digest(`${name} ${texts.join(" ")}`);
}
