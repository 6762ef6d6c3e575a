import { luaLiteral } from "../../schema/mod.ts";
import type { Code } from "./code.ts";
import type { Plan, PlanField } from "./plan.ts";

/** The Lua of what a structure checks of one of its fields, once all are read. */
export function checkLua({ name, check }: PlanField, plan: Plan, code: Code): string[] {
  if (check === null) return [];
  const has = (wanted: string) => plan.fields.some((field) => field.name === wanted);
  const at = `q_${name}`;
  switch (check[0]) {
    case "id_unless_zero": {
      const [, since, other] = check;
      if (code.release >= Number(since) || !has(String(other))) return [];
      const message = luaLiteral("id 0, though ids count from 1");
      return [
        `if v_${other} ~= 0 and u32le(B, ${at}) == 0 then`,
        `problem(t, "protocol", ${at}, ${message})`,
        "end",
      ];
    }
    case "count_of":
      return (check[1] as readonly string[][]).flatMap(([list, inner]) => {
        if (!has(list!)) return [];
        const said = `v_${name} .. " announced, but ${list}.${inner} are " .. c_${list}`;
        return [
          `if c_${list} ~= v_${name} then ` +
          `problem(t, "malformed", ${at}, ${said}, ${luaLiteral(name)}) end`,
        ];
      });
    case "ends_of": {
      const [, field, items] = check;
      if (!has(String(items))) return [];
      return [`check.ends_of(t, ${at}, c_${name}, c_${items}, ${luaLiteral(field)})`];
    }
    case "crc32":
    case "not_crc32":
      return [`check.${check[0]}(t, ${at}, o)`];
  }
  const places = check.slice(1).map((other) => `, q_${other}`).join("");
  return [`check.${check[0]}(t, ${at}${places})`];
}
