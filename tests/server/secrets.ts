import { dissect } from "../../mod.ts";
import { fixture } from "./support.ts";

/** What the clients of the captures wrote down as passwords and tokens. */
export async function secretsOf(name: string): Promise<string[]> {
  const found = new Set<string>();
  for await (const transaction of dissect(fixture(name))) {
    const record = transaction.toRecord({ maxBytes: 1 << 20, showSecrets: true });
    const masked = transaction.toRecord({ maxBytes: 1 << 20, showSecrets: false });
    collect(record.request?.fields, masked.request?.fields, found);
    collect(record.response?.fields, masked.response?.fields, found);
  }
  return [...found];
}

/** Values that differ between what may and what may not be shown. */
export function collect(shown: unknown, masked: unknown, found: Set<string>): void {
  if (shown === masked) return;
  if (typeof shown === "string") found.add(shown);
  else if (typeof shown === "object" && shown !== null) {
    for (const [key, value] of Object.entries(shown)) {
      collect(value, (masked as Record<string, unknown>)[key], found);
    }
  }
}
