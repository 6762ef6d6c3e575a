import type { Kind } from "../kind.ts";

/** Where the length of a text or of bytes stands. */
export type LengthPlan =
  /** A prefix of 1 or 4 bytes. */
  | { readonly prefix: 1 | 4 }
  /** As many bytes as written here. */
  | { readonly fixed: number }
  /** As a field beside it says. */
  | { readonly field: string }
  /** To the end of the part. */
  | "rest";

/**
 * A statement on fields of one structure; "self" is the field it stands at. A literal is a
 * number, a bigint or the name of an enum's value.
 */
export type Condition =
  | { readonly field: string; readonly is: number | bigint | string }
  | { readonly field: string; readonly not: number | bigint | string }
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] };

/**
 * What a kind's `read` does, as data: the compiler makes straight code of it. Kinds without a
 * plan are read by their `read` alone, and so is every layout that holds one.
 */
export type Plan =
  | { readonly op: "uint" | "int"; readonly size: 1 | 2 | 4 | 8 | 16 }
  | { readonly op: "float"; readonly size: 4 | 8 }
  | { readonly op: "bool" }
  | { readonly op: "absent" }
  | { readonly op: "endOfPart" }
  | { readonly op: "enum"; readonly names: ReadonlyMap<number, string> }
  | { readonly op: "exactly"; readonly inner: Kind<unknown>; readonly value: unknown }
  | {
    readonly op: "within";
    readonly inner: Kind<unknown>;
    readonly least: number;
    readonly most: number;
  }
  | { readonly op: "nullable"; readonly inner: Kind<unknown>; readonly absent: number }
  /** The inner kind, sound where the condition holds. */
  | { readonly op: "sound"; readonly inner: Kind<unknown>; readonly where: Condition }
  /** A u32 that is not 0 before the release `since`. */
  | { readonly op: "idFrom"; readonly since: number }
  | {
    readonly op: "text";
    readonly length: LengthPlan;
    /** Fewer bytes are reported. */
    readonly least: number;
    /** Without bytes it is null; so it is at the end of the part. */
    readonly emptyIsNull?: "length" | "end";
  }
  | { readonly op: "bytes"; readonly length: LengthPlan }
  | { readonly op: "zeros"; readonly length: number }
  | { readonly op: "byRelease"; readonly forms: readonly Kind<unknown>[] }
  | {
    readonly op: "struct";
    readonly fields: readonly (readonly [string, Kind<unknown>])[];
  }
  | {
    readonly op: "sized";
    readonly length: Kind<number>;
    readonly inner: Kind<unknown>;
  }
  | {
    readonly op: "sizedBy";
    readonly field: string;
    readonly before: number;
    readonly inner: Kind<unknown>;
  }
  | { readonly op: "lengthOfPart"; readonly inner: Kind<unknown> }
  | {
    readonly op: "optional";
    readonly inner: Kind<unknown>;
    readonly padding: number;
    readonly present: 0 | 1;
  }
  /** A part behind its length; null where that is 0. */
  | {
    readonly op: "sizedOrNull";
    readonly length: Kind<number>;
    readonly inner: Kind<unknown>;
  }
  /** The inner kind where an enum beside it has that value; else zeros, and null. */
  | {
    readonly op: "orZeros";
    readonly field: string;
    readonly wanted: string;
    readonly inner: Kind<unknown>;
  }
  /** Bytes of a structure's field that is left out where they are zeros. */
  | { readonly op: "unlessZeros"; readonly inner: Kind<unknown> }
  /** The inner kind; a secret where a text beside it is one of these. */
  | {
    readonly op: "secretIf";
    readonly field: string;
    readonly values: readonly unknown[];
    readonly inner: Kind<unknown>;
  }
  /** The inner kind, a text, sound where it is one of the names that the release has. */
  | {
    readonly op: "listed";
    readonly inner: Kind<unknown>;
    readonly names: (release: number) => readonly string[];
  }
  /** No bytes, and always this value. */
  | { readonly op: "constant"; readonly value: null | readonly [] }
  /** Read by `read` alone wherever it stands; a layout that only may hold it is compiled. */
  | { readonly op: "careful" }
  | { readonly op: "orBytes"; readonly inner: Kind<unknown> }
  | {
    readonly op: "byTag";
    readonly field: string;
    readonly cases: Readonly<Record<string, Kind<unknown>>>;
  }
  | { readonly op: "oneOf"; readonly forms: ReadonlyMap<number, Kind<unknown>> }
  | { readonly op: "list"; readonly item: Kind<unknown>; readonly countField?: string }
  | { readonly op: "listOfCount"; readonly item: Kind<unknown>; readonly field: string }
  | {
    readonly op: "counted";
    readonly count: Kind<number>;
    readonly item: Kind<unknown>;
  }
  | { readonly op: "single"; readonly item: Kind<unknown> }
  | { readonly op: "wholeItems"; readonly item: Kind<unknown> }
  | { readonly op: "chain"; readonly item: Kind<unknown> }
  | { readonly op: "sumOf"; readonly outer: string; readonly field: string | null };

/** What a kind's `verify` finds to be sound, as data. */
export type CheckPlan =
  | { readonly check: "countOf"; readonly routes: readonly (readonly string[])[] }
  | {
    readonly check: "endsOf";
    readonly field: string;
    readonly items: string;
    readonly fixed: number;
    readonly lengths: readonly string[];
  }
  | {
    readonly check: "idUnlessZero";
    readonly since: number;
    readonly field: string;
  }
  | {
    readonly check: "hashOfRest";
    readonly hash: "xxh3" | "crc32";
    /** Whether the value fits 32 bits: it has to, it must not, or either. */
    readonly fits32: boolean | null;
  }
  | {
    readonly check: "hashOfParts";
    readonly ranges: readonly (readonly [number, number])[];
    /** Further ranges where a byte is not 0. */
    readonly flagged?: {
      readonly at: number;
      readonly ranges: readonly (readonly [number, number])[];
    };
    readonly list: string;
    readonly field: string;
  }
  | { readonly check: "byRelease"; readonly forms: readonly Kind<unknown>[] }
  /** Sound where this holds; otherwise `verify` itself is asked. */
  | { readonly check: "sound"; readonly where: Condition };

interface Planned {
  readonly plan: Plan;
  readonly json: unknown;
  readonly secret: boolean;
}

const plans = new WeakMap<CallableFunction, Planned>();
const checks = new WeakMap<CallableFunction, CheckPlan>();

/**
 * Says in data what the kind's `read` and `json` do, for the compiler. The plan belongs to
 * these two functions: a kind made of this one by spreading keeps it, unless it brings a `read`
 * or `json` of its own.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { u8 } from "../integers.ts";
 * assertEquals(planOf(u8()), { op: "uint", size: 1 });
 * assertEquals(planOf({ ...u8(), read: () => 7 }), null);
 * ```
 */
export function planned<T>(kind: Kind<T>, plan: Plan): Kind<T> {
  plans.set(kind.read, { plan, json: kind.json, secret: kind.secret ?? false });
  return kind;
}

/** As {@link planned}, for the kind's `verify`. */
export function plannedCheck<T>(kind: Kind<T>, plan: CheckPlan): Kind<T> {
  if (kind.verify !== undefined) checks.set(kind.verify, plan);
  return kind;
}

/** The plan of a kind; null where it has none. */
export function planOf(kind: Kind<unknown>): Plan | null {
  const found = plans.get(kind.read);
  if (found === undefined) return null;
  return isSecret(kind) || found.json === kind.json ? found.plan : null;
}

/** Whether the kind is to be redacted as a whole, rather than something inside it. */
export function isSecret(kind: Kind<unknown>): boolean {
  return (kind.secret ?? false) && !plans.get(kind.read)?.secret;
}

/** The plan of a kind's check: null where there is nothing to check. */
export function checkOf(kind: Kind<unknown>): CheckPlan | null | "unknown" {
  return kind.verify === undefined ? null : checks.get(kind.verify) ?? "unknown";
}
