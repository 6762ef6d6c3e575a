import {
  countSchema,
  type JsonSchema,
  listSchema,
  objectSchema,
  textSchema,
} from "../schema/mod.ts";
import type { CaptureFinding } from "./finding.ts";
import { CAPTURE_FINDINGS } from "./kinds.ts";

/** What a {@link CaptureFinding} is as JSON, for the program and the API. */
export const CAPTURE_FINDING_SCHEMA: JsonSchema = objectSchema<CaptureFinding>({
  id: { enum: Object.keys(CAPTURE_FINDINGS) },
  severity: { enum: ["chat", "note", "warn", "error"] },
  title: textSchema("What was found, in a few words."),
  subject: textSchema(
    "What it is about: a client, a consumer in a partition, a topic.",
  ),
  message: textSchema("What was seen, with numbers."),
  meaning: textSchema("What it means."),
  advice: textSchema("What to try."),
  count: countSchema("How many transactions, or connections, show it."),
  transactions: listSchema(countSchema("A transaction that shows it.")),
  packets: listSchema(countSchema("Its packet.")),
});
