import type { Kind, ValueReader, Wanted } from "../schema/mod.ts";
import { type Glance, glanceOf } from "./glance.ts";
import { type Piece, pieceOf, Pieces } from "./piece.ts";
import { quoted } from "./printable.ts";
import { amountOf, fieldKind, kindAt } from "./values.ts";

/** ` 3 names` by the number. */
type Amounts = Pieces<number | bigint>;

/** How a line tells one field. */
export interface FieldStep {
  readonly kind: Kind<unknown> | undefined;
  /** ` name=` */
  readonly label: Piece;
  /** ` 3 names` by the number, for a field that counts; else null. */
  readonly amounts: Amounts | null;
  /** A number of it is shown as it is. */
  readonly isPlain: boolean;
  /** How text of it is shown, for what is no secret; else null. */
  readonly words: Pieces<string> | null;
}

/** How a line tells one value of a {@link Glance}. */
export interface GlanceStep extends FieldStep {
  /** The value's place in what the reader gives. */
  readonly index: number;
  /** ` 3 items` by the length, for a list; else null. */
  readonly lengths: Amounts | null;
  /** Places of values that tell the length of the list already. */
  readonly saidBy: readonly number[];
}

/** What a line tells of one layout in one release, in order. */
export interface GlanceSteps {
  readonly reader: ValueReader;
  readonly steps: readonly GlanceStep[];
  /** The first value of a response, which is told where nothing else is; null where it is not. */
  readonly first: GlanceStep | null;
}

const COUNT = "_count";
/** What stands for the layout of the request where there is none, and for a request itself. */
const ALONE = {}, REQUEST = {};
/** What stands for roles where there are none. */
const NO_ROLES: readonly Wanted[] = [];

type Plans = WeakMap<Kind<unknown>, WeakMap<object, Map<number, GlanceSteps | null>>>;
const plans = new WeakMap<readonly Wanted[], WeakMap<readonly string[], Plans>>();

/**
 * What a line tells of a PDU, worked out once: `asked` is the layout of the request, whose
 * fields are not told again, and `roles` what is read before all else. Null where only the
 * careful reader can read it.
 */
export function glanceSteps(
  layout: Kind<unknown>,
  release: number,
  info: readonly string[],
  asked: Kind<unknown> | null,
  isRequest: boolean,
  roles: readonly Wanted[] = NO_ROLES,
): GlanceSteps | null {
  const last = lastPlans.get(layout);
  if (
    last !== undefined && last.release === release && last.info === info &&
    last.asked === asked && last.isRequest === isRequest && last.roles === roles
  ) return last.plan;
  const plan = planFor(layout, release, info, asked, isRequest, roles);
  lastPlans.set(layout, { release, info, asked, isRequest, roles, plan });
  return plan;
}

/** What each layout was asked for last: most have one command and one release. */
const lastPlans = new WeakMap<Kind<unknown>, {
  readonly release: number;
  readonly info: readonly string[];
  readonly asked: Kind<unknown> | null;
  readonly isRequest: boolean;
  readonly roles: readonly Wanted[];
  readonly plan: GlanceSteps | null;
}>();

function planFor(
  layout: Kind<unknown>,
  release: number,
  info: readonly string[],
  asked: Kind<unknown> | null,
  isRequest: boolean,
  roles: readonly Wanted[],
): GlanceSteps | null {
  let byInfo = plans.get(roles);
  if (byInfo === undefined) plans.set(roles, byInfo = new WeakMap());
  let byLayout = byInfo.get(info);
  if (byLayout === undefined) byInfo.set(info, byLayout = new WeakMap());
  let byAsked = byLayout.get(layout);
  if (byAsked === undefined) byLayout.set(layout, byAsked = new WeakMap());
  const key = isRequest ? REQUEST : asked ?? ALONE;
  let byRelease = byAsked.get(key);
  if (byRelease === undefined) byAsked.set(key, byRelease = new Map());
  let plan = byRelease.get(release);
  if (plan === undefined) {
    const glance = glanceOf(layout, release, info, roles);
    plan = glance && makeSteps(glance, layout, info, asked, isRequest);
    byRelease.set(release, plan);
  }
  return plan;
}

function makeSteps(
  { reader, first, names, shapes }: Glance,
  layout: Kind<unknown>,
  info: readonly string[],
  asked: Kind<unknown> | null,
  isRequest: boolean,
): GlanceSteps {
  const stepAt = (index: number): GlanceStep => ({
    ...fieldStep(layout, names[index]!, isRequest),
    index: first + index,
    lengths: null,
    saidBy: [],
  });
  const told = info.filter((name) =>
    names.includes(name) && (asked === null || kindAt(asked, name) === undefined)
  );
  const lists = names.flatMap((name, index) => {
    if (shapes[index] !== "list" || !isCounted(layout, name)) return [];
    const saidBy = told.filter((one) => one === name || one === `${name}${COUNT}`)
      .map((one) => first + names.indexOf(one));
    return [{ ...stepAt(index), lengths: amountsOf(name), saidBy }];
  });
  const isShown = !isRequest && shapes[0] === "value" &&
    !fieldKind(layout, names[0]!)?.secret;
  return {
    reader,
    steps: [...told.map((name) => stepAt(names.indexOf(name))), ...lists],
    first: isShown ? stepAt(0) : null,
  };
}

const steps = {
  request: new WeakMap<Kind<unknown>, Map<string, FieldStep>>(),
  response: new WeakMap<Kind<unknown>, Map<string, FieldStep>>(),
};

/** How the field at a path is told: in requests without `_id`, which is plain there. */
export function fieldStep(
  layout: Kind<unknown>,
  path: string,
  isRequest: boolean,
): FieldStep {
  const byLayout = steps[isRequest ? "request" : "response"];
  let byPath = byLayout.get(layout);
  if (byPath === undefined) byLayout.set(layout, byPath = new Map());
  let step = byPath.get(path);
  if (step === undefined) byPath.set(path, step = makeStep(layout, path, isRequest));
  return step;
}

function makeStep(layout: Kind<unknown>, path: string, isRequest: boolean): FieldStep {
  const name = path.slice(path.lastIndexOf(".") + 1);
  const kind = kindAt(layout, path);
  return {
    kind,
    label: pieceOf(` ${isRequest ? name.replace(/_id$/, "") : name}=`),
    amounts: name.endsWith(COUNT) ? amountsOf(name.slice(0, -COUNT.length)) : null,
    isPlain: kind?.secret !== true && kind?.unit === undefined,
    words: kind?.secret === true ? null : kind?.names === undefined ? quotedWords : names,
  };
}

/** Words that are quoted where they could be mistaken, and names, which never could. */
const quotedWords = new Pieces(quoted), names = new Pieces((name: string) => name);

function amountsOf(plural: string): Amounts {
  return new Pieces((count) => ` ${amountOf(count, plural)}`);
}

/** Whether a line tells how long a list is: not of what is told otherwise. */
export function isCounted(layout: Kind<unknown>, name: string): boolean {
  return fieldKind(layout, name)?.derive === undefined && name !== "batches";
}
