import type { Registry } from "../../core/dissect/registry.ts";
import { type Kind, nothing } from "../../core/schema/mod.ts";

/** Names for the layouts that PDUs may have, so that they can be written down. */
export class KindNames {
  readonly #names = new Map<Kind<unknown>, string>();
  readonly #kinds = new Map<string, Kind<unknown>>();

  constructor({ commands, framings }: Registry) {
    for (const { name, request, response, prepare } of commands.all) {
      this.#add(`${name}.request`, request);
      this.#add(`${name}.response`, response);
      if (prepare !== null) this.#add(`${name}.prepare`, prepare);
    }
    for (const { name, headers = [], bodies = {} } of framings) {
      headers.forEach((kind, i) => this.#add(`${name}.header.${i}`, kind));
      for (const [own, kind] of Object.entries(bodies)) this.#add(`${own}.body`, kind);
    }
    this.#add("none.body", nothing);
  }

  #add(name: string, kind: Kind<unknown>): void {
    if (!this.#names.has(kind)) this.#names.set(kind, name);
    this.#kinds.set(name, kind);
  }

  /** The name of a layout; null for one that is not known here. */
  nameOf(kind: Kind<unknown> | null): string | null {
    return kind === null ? null : this.#names.get(kind) ?? null;
  }

  /** The layout of a name; null where an older program had one that is gone. */
  kindOf(name: string | null): Kind<unknown> | null {
    return name === null ? null : this.#kinds.get(name) ?? null;
  }
}
