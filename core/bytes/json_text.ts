/** What JSON leaves unescaped and a terminal would act on. */
const UNSAFE = /[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
const ANY_UNSAFE = /[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;

/** JSON text of the same value without characters that a terminal would act on. */
export function escapeJson(json: string): string {
  if (!ANY_UNSAFE.test(json)) return json;
  return json.replace(
    UNSAFE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
