/**
 * Display filters in Wireshark's language over the one namespace of fields: text in, a test of
 * transactions out.
 *
 * `lexer.ts` and `parser.ts` make an expression of the text, `field_table.ts` knows the fields
 * of a registry, `compile.ts` checks types and makes one closure, `pattern.ts` is the regular
 * expressions of `matches` in linear time. Semantics are those of Wireshark 4: `==` and `<` ask
 * whether any value passes, `!=` whether all differ, a field that is not there passes nothing;
 * `any` and `all` before a comparison say otherwise. Beyond Wireshark, durations take a unit
 * (`10ms`), and `ip.addr` takes IPv6 addresses too. Secrets cannot be compared unless they may
 * be shown: otherwise a filter could guess them letter by letter.
 *
 * @module
 */
export { type Address, parseAddress } from "./address.ts";
export {
  checkFilter,
  compileFilter,
  type Filter,
  type FilterOptions,
} from "./compile.ts";
export { type Candidate, complete, type Completion } from "./complete.ts";
export { FilterError, type Span } from "./error.ts";
export type { FieldTable, FilterField, ValueType } from "./field.ts";
export { fieldTable, layoutFields } from "./field_table.ts";
export { parse } from "./parser.ts";
export { Pattern } from "./pattern.ts";
export { PatternError } from "./pattern_parser.ts";
export { closestField, nearest, nearestField } from "./suggest.ts";
export { type Expression, printFilter } from "./syntax.ts";
