import type { InferShape, Kind, Shape } from "./kind.ts";
import { struct } from "./struct.ts";
import { EARLIEST, firstOf, lastOf, LATEST } from "./releases.ts";

/**
 * How a server reads a request that it does not read as a whole: first the field `length`,
 * then as many bytes, which end with the field `count`, then that many items of `itemSize`
 * bytes, then the rest. An error on the way leaves what follows in the flow, to be read as
 * frames.
 */
export interface Staged {
  readonly length: string;
  readonly count: string;
  readonly itemSize: number;
}

/** What a plugin says of a command: data only. */
export interface CommandSpec<
  Request extends Shape,
  Response extends Shape,
  Name extends string = string,
> {
  /** Upstream's constant in lower case: `create_stream`. */
  readonly name: Name;
  /** What it does, in one sentence. */
  readonly doc: string;
  /** The command code of both framings; left out for what only replicas send. */
  readonly code?: number;
  /** The VSR operation, where the command has one. */
  readonly operation?: number;
  /** The operation's name, where it is not the command's. */
  readonly operationName?: string;
  /** Other commands have the same operation; the shape of the body tells them apart. */
  readonly sharesOperation?: true;
  /** The command in whose place the primary replicates this one; replies carry this operation. */
  readonly replicates?: string;
  /** The server never answers it. */
  readonly unanswered?: true;
  /** The server puts a result section before the payload of VSR replies; default: see Command. */
  readonly resultSection?: boolean;
  /** A success without payload says that the object does not exist. */
  readonly emptyIfMissing?: true;
  /** The server reads the request piece by piece, see {@link Staged}. */
  readonly staged?: Staged;
  /** First and last release series that know the command. */
  readonly since?: string;
  readonly upTo?: string;
  readonly request: Request;
  /** What a success carries; an empty payload is always legal and reads as null. */
  readonly response: Response;
  /** The body inside a Prepare, where it differs from the request. */
  readonly prepare?: Shape;
  /** The fields that a one-line summary shows; of a part's fields with dots: `poll.count`. */
  readonly info?: readonly string[];
  /** Whoever this field of the request or response names is logged in after a success. */
  readonly logsIn?: string;
}

/** A command as the registry holds it. */
export interface Command<
  Request = unknown,
  Response = unknown,
  Name extends string = string,
> {
  readonly name: Name;
  readonly doc: string;
  readonly code: number | null;
  readonly operation: number | null;
  readonly operationName: string;
  readonly sharesOperation: boolean;
  readonly replicates: string | null;
  readonly unanswered: boolean;
  readonly resultSection: boolean;
  readonly emptyIfMissing: boolean;
  readonly staged: Staged | null;
  readonly from: number;
  readonly to: number;
  readonly request: Kind<Request>;
  readonly response: Kind<Response>;
  readonly prepare: Kind<unknown> | null;
  readonly info: readonly string[];
  readonly logsIn: string | null;
}

/**
 * Makes a command of its layout. One layout serves every release: fields carry `since` and
 * `upTo`. Throws `TypeError` on a release that cannot be read.
 *
 * @example
 * ```ts
 * import { name8 } from "./strings.ts";
 * export default command({
 *   name: "hello",
 *   doc: "Greets the server.",
 *   code: 9000,
 *   request: { name: name8("Who greets.") },
 *   response: {},
 *   info: ["name"],
 * });
 * ```
 */
export function command<
  Request extends Shape,
  Response extends Shape,
  const Name extends string = string,
>(
  spec: CommandSpec<Request, Response, Name>,
): Command<InferShape<Request>, InferShape<Response>, Name> {
  return Object.freeze({
    name: spec.name,
    doc: spec.doc,
    code: spec.code ?? null,
    operation: spec.operation ?? null,
    operationName: spec.operationName ?? spec.name,
    sharesOperation: spec.sharesOperation ?? false,
    replicates: spec.replicates ?? null,
    unanswered: spec.unanswered ?? false,
    resultSection: spec.resultSection ?? spec.operation !== undefined,
    emptyIfMissing: spec.emptyIfMissing ?? false,
    staged: spec.staged ?? null,
    from: spec.since === undefined ? EARLIEST : firstOf(spec.since),
    to: spec.upTo === undefined ? LATEST : lastOf(spec.upTo),
    request: layoutOf(spec.name, spec.request),
    response: layoutOf(spec.name, spec.response),
    prepare: spec.prepare === undefined ? null : layoutOf(spec.name, spec.prepare),
    info: spec.info ?? [],
    logsIn: spec.logsIn ?? null,
  });
}

function layoutOf<S extends Shape>(owner: string, shape: S): Kind<InferShape<S>> {
  return { ...struct(shape), owner };
}
