/** How the numbers of a column stand, the shortest first; whole ones but in the last. */
const FORMS = [Uint8Array, Uint16Array, Uint32Array, Float64Array] as const;
const DOUBLES = FORMS.length - 1;
/** Added to the form of a column that holds one number throughout: it stands there once. */
const ONCE = 0x80;
/** The whole number of each form that stands for null. */
const NULLS = [0xff, 0xffff, 0xffff_ffff, NaN] as const;

/**
 * A column of numbers in few bytes: most hold small whole ones, or the same one throughout.
 * NaN stands for null.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const bytes = packedColumn(new Float64Array([1, NaN, 3]));
 * assertEquals(bytes.length, 4);
 * const column = new Float64Array(3);
 * unpackColumn(bytes, 0, column);
 * assertEquals([...column], [1, NaN, 3]);
 * ```
 */
export function packedColumn(values: Float64Array): Uint8Array {
  const own = isSame(values) ? values.subarray(0, 1) : values;
  const form = formOf(own);
  const none = NULLS[form]!;
  const numbers = new FORMS[form]!(own.length);
  for (let i = 0; i < own.length; i++) {
    const value = own[i]!;
    numbers[i] = Number.isNaN(value) ? none : value;
  }
  const bytes = new Uint8Array(1 + numbers.byteLength);
  bytes[0] = own.length < values.length ? form | ONCE : form;
  bytes.set(new Uint8Array(numbers.buffer), 1);
  return bytes;
}

/** Reads a {@link packedColumn} at a place; gives where it ends. */
export function unpackColumn(bytes: Uint8Array, at: number, to: Float64Array): number {
  const isOnce = (bytes[at]! & ONCE) !== 0, form = bytes[at]! & ~ONCE;
  const Form = FORMS[form]!;
  const count = isOnce ? 1 : to.length;
  const end = at + 1 + count * Form.BYTES_PER_ELEMENT;
  const numbers = new Form(bytes.slice(at + 1, end).buffer);
  const none = NULLS[form]!;
  for (let i = 0; i < count; i++) to[i] = numbers[i] === none ? NaN : numbers[i]!;
  if (isOnce) to.fill(to[0]!);
  return end;
}

function isSame(values: Float64Array): boolean {
  const first = values[0]!;
  const isNull = Number.isNaN(first);
  for (let i = 1; i < values.length; i++) {
    const value = values[i]!;
    if (isNull ? !Number.isNaN(value) : value !== first) return false;
  }
  return true;
}

/** The shortest form that has all numbers, and another one for null. */
function formOf(values: Float64Array): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isNaN(value)) continue;
    if (value >>> 0 !== value) return DOUBLES;
    if (value > most) most = value;
  }
  return NULLS.findIndex((none) => !(most >= none));
}
