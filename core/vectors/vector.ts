import { type FieldNode, type JsonValue } from "../schema/mod.ts";
import type { Command, FieldIssue, Kind } from "../schema/mod.ts";

/** Which payload of a command. */
export type Direction = "request" | "response";

/** One field of a vector with its bytes. */
export interface VectorField {
  /** Path below the payload: `topics.0.name`. */
  readonly path: string;
  readonly offset: number;
  readonly length: number;
  /** The wire form in words, as the list of fields has it. */
  readonly wire: string;
}

/** A payload with everything a test of another implementation needs to know of it. */
export interface Vector {
  readonly command: Command;
  readonly direction: Direction;
  /** First release of the layout, and how its range reads: `0.6`, `0.6..0.8`, `0.9+`. */
  readonly release: number;
  readonly releases: string;
  /** Why there is this sample: `lowest values`, `kind is 2`. */
  readonly why: string;
  readonly bytes: Uint8Array;
  /** What it says; null where it is malformed. */
  readonly fields: JsonValue | null;
  readonly offsets: readonly VectorField[];
  /** What a decoder has to find wrong with it; empty for a sound one. */
  readonly issues: readonly FieldIssue[];
}

/** The fields of a tree that have bytes and no parts, each with its path. */
export function leavesOf(root: FieldNode): VectorField[] {
  const leaves: VectorField[] = [];
  const visit = (node: FieldNode, path: string) => {
    for (const child of node.children) {
      const here = path === "" ? child.name : `${path}.${child.name}`;
      if (child.children.length > 0) visit(child, here);
      else if (child.length > 0) leaves.push(leafOf(child, here));
    }
  };
  visit(root, "");
  return leaves;
}

function leafOf({ offset, length, kind }: FieldNode, path: string): VectorField {
  return { path, offset, length, wire: kind.wire };
}

/** The JSON of a payload's fields, whole and in clear: samples hold no secrets. */
export function jsonOf(kind: Kind<unknown>, fields: unknown): JsonValue {
  const options = { maxBytes: Infinity, showSecrets: true };
  return kind.json?.(fields, options) ?? fields as JsonValue;
}
