import type { FieldNode } from "../schema/mod.ts";

/** Values of a field that is no enumeration, after which further ones show nothing new. */
const MAX_VALUES = 3;

/**
 * What the samples of a layout have shown so far: fields, values of enumerations, a few values
 * of other fields, lengths of lists.
 */
export class Coverage {
  readonly #values = new Map<string, Set<string>>();

  /** Notes what a reading shows; gives what is new in it, in words. */
  add(root: FieldNode): string[] {
    const news: string[] = [];
    this.#visit(root, "", news);
    return news;
  }

  #visit(node: FieldNode, path: string, news: string[]): void {
    for (const child of node.children) {
      const isItem = /^\d+$/.test(child.name);
      const here = isItem ? path : path === "" ? child.name : `${path}.${child.name}`;
      if (child.children.length > 0) this.#visit(child, here, news);
      if (child.kind.inner !== undefined && Array.isArray(child.value)) {
        const { length } = child.value;
        this.#note(here, `has ${length} ${length === 1 ? "item" : "items"}`, true, news);
      } else if (child.children.length === 0) {
        const isEnum = child.kind.names !== undefined || child.kind.type === "boolean";
        this.#note(here, `is ${shortText(child.value)}`, isEnum, news);
      }
    }
  }

  #note(path: string, how: string, all: boolean, news: string[]): void {
    let known = this.#values.get(path);
    if (known === undefined) this.#values.set(path, known = new Set());
    if (known.has(how) || !all && known.size >= MAX_VALUES) return;
    known.add(how);
    news.push(`${path} ${how}`);
  }
}

function shortText(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  const text = typeof value === "bigint" ? String(value) : JSON.stringify(value);
  if (text === undefined) return "absent";
  return text.length <= 40 ? text : `${text.slice(0, 39)}…`;
}
