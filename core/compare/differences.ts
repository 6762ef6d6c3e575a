import type { Transaction } from "../dissect/transaction.ts";
import { type Compared, eachLeaf } from "./leaves.ts";
import type { Side } from "./lockstep.ts";
import { differingForms, type Outlined, type Outliner } from "./outline.ts";

/** Characters shown of a value. */
const MAX_VALUE = 4096;

/** One field, without indices, that differs between transactions that belong together. */
export interface FieldDifference {
  readonly command: string;
  /** `request.version`, `response.topics.id`. */
  readonly path: string;
  /** Pairs in which it differs. */
  readonly count: number;
  /** The values of the first such pair; null where a side has none. */
  readonly a: string | null;
  readonly b: string | null;
  /** The transactions of that pair. */
  readonly inA: number;
  readonly inB: number;
}

/** A difference whose values are not known yet. */
interface Found {
  readonly command: string;
  readonly path: string;
  count: number;
  readonly pair: readonly [a: Outlined, b: Outlined];
  values: readonly [a: string | null, b: string | null];
}

/** Differences by command and field; the values of each are read of its first pair alone. */
export class Differences {
  readonly #found = new Map<string, Found>();
  readonly #outliner: Outliner;
  readonly #compared: Compared;
  /** Values of the first side that wait for those of the second. */
  readonly #waiting = new Map<number, ReadonlyMap<string, string>>();

  constructor(outliner: Outliner, compared: Compared) {
    this.#outliner = outliner;
    this.#compared = compared;
  }

  /** Compares a pair; gives whether it differs. */
  add(a: Outlined, b: Outlined): boolean {
    const forms = differingForms(a, b);
    for (const form of forms) {
      const key = `${b.name} ${form}`;
      const known = this.#found.get(key);
      if (known !== undefined) known.count++;
      else {
        const path = this.#outliner.path(form);
        const values = [null, null] as const;
        this.#found.set(key, { command: b.name, path, count: 1, pair: [a, b], values });
      }
    }
    return forms.length > 0;
  }

  /** The transactions of a side whose values are to be read. */
  wanted(side: Side): Set<number> {
    return new Set([...this.#found.values()].map(({ pair }) => pair[side].number));
  }

  /** Takes the values of a wanted transaction: those of the first side before the second's. */
  read(side: Side, transaction: Transaction): void {
    const { number } = transaction;
    const mine = [...this.#found.values()].filter(({ pair }) =>
      pair[side].number === number
    );
    const paths = new Set(mine.map(({ path }) => path));
    const leaves = new Map<string, string>();
    eachLeaf(transaction, this.#compared, (form, path, value) => {
      if (paths.has(form)) leaves.set(`${form} ${path}`, value);
    });
    if (side === 0) this.#waiting.set(number, leaves);
    else for (const found of mine) this.#compare(found, leaves);
  }

  #compare(found: Found, b: ReadonlyMap<string, string>): void {
    const a = this.#waiting.get(found.pair[0].number);
    if (a === undefined) return;
    for (const path of new Set([...a.keys(), ...b.keys()])) {
      if (!path.startsWith(`${found.path} `)) continue;
      const [left, right] = [a.get(path) ?? null, b.get(path) ?? null];
      if (left === right) continue;
      found.values = [shortened(left), shortened(right)];
      return;
    }
  }

  /** All that was found, commands and fields in the order they first differed. */
  get list(): readonly FieldDifference[] {
    return [...this.#found.values()].map(({ command, path, count, pair, values }) => (
      {
        command,
        path,
        count,
        a: values[0],
        b: values[1],
        inA: pair[0].number,
        inB: pair[1].number,
      }
    ));
  }
}

/** A value, or the beginning of a very long one as a text. */
function shortened(value: string | null): string | null {
  if (value === null || value.length <= MAX_VALUE) return value;
  return JSON.stringify(`${value.slice(0, MAX_VALUE)}…`);
}
