import type { Registry } from "../dissect/registry.ts";
import type { Transaction } from "../dissect/transaction.ts";
import type { FieldTable } from "./field.ts";
import { fieldTable } from "./field_table.ts";
import { Resolver } from "./operand.ts";
import { parse } from "./parser.ts";
import type { Expression } from "./syntax.ts";
import { compareTest, presenceTest, setTest } from "./predicate.ts";

/** Whether a transaction passes. */
export type Filter = (transaction: Transaction) => boolean;

/** What a filter may see. */
export interface FilterOptions {
  /**
   * Lets filters look into passwords and tokens. Otherwise only their presence can be asked:
   * a filter that compares them would tell them letter by letter to whoever may filter.
   */
  showSecrets?: boolean;
}

/**
 * Compiles a display filter once, to be asked of many transactions; bodies are decoded only
 * where the filter asks for their fields and gets as far as that. An empty filter lets
 * everything pass. Throws {@link FilterError}, never anything else.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { createRegistry } from "../dissect/registry.ts";
 * import { FilterError } from "./error.ts";
 * const registry = createRegistry({ commands: [], framings: [] });
 * const slow = compileFilter("app.response_time > 10ms && !(tcp.port == 8091)", registry);
 * assertThrows(() => compileFilter("app.reponse_time > 1", registry), FilterError);
 * ```
 */
export function compileFilter(
  filter: string,
  registry: Registry,
  options: FilterOptions = {},
): Filter {
  return checkFilter(parse(filter), fieldTable(registry), options);
}

/** Compiles a parsed filter against a table of fields; see {@link compileFilter}. */
export function checkFilter(
  expression: Expression | null,
  table: FieldTable,
  options: FilterOptions = {},
): Filter {
  if (expression === null) return () => true;
  return compile(expression, new Resolver(table, options.showSecrets ?? false));
}

function compile(expression: Expression, resolver: Resolver): Filter {
  switch (expression.kind) {
    case "and": {
      const parts = expression.parts.map((part) => compile(part, resolver));
      return (transaction) => parts.every((part) => part(transaction));
    }
    case "or": {
      const parts = expression.parts.map((part) => compile(part, resolver));
      return (transaction) => parts.some((part) => part(transaction));
    }
    case "not": {
      const part = compile(expression.part, resolver);
      return (transaction) => !part(transaction);
    }
    case "exists":
      return presenceTest(expression.operand, resolver);
    case "in":
      return setTest(expression, resolver);
    case "compare": {
      const { operands, relations, quantifier } = expression;
      const tests = relations.map((relation, i) =>
        compareTest(quantifier, operands[i]!, relation, operands[i + 1]!, resolver)
      );
      return tests.length === 1
        ? tests[0]!
        : (transaction) => tests.every((test) => test(transaction));
    }
  }
}
