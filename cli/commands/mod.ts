/**
 * The subcommands, one import and one place in the list each. Help, completions and the man
 * page are made of this table.
 *
 * @module
 */
import type { CliCommand } from "../command.ts";
import anonymize from "./anonymize.ts";
import check from "./check.ts";
import commands from "./commands.ts";
import completions from "./completions.ts";
import conversations from "./conversations.ts";
import decode from "./decode.ts";
import diff from "./diff.ts";
import dissect from "./dissect.ts";
import exportCommand from "./export.ts";
import diagnose from "./diagnose.ts";
import fields from "./fields.ts";
import follow from "./follow.ts";
import info from "./info.ts";
import man from "./man.ts";
import plugin from "./plugin.ts";
import schema from "./schema.ts";
import serve from "./serve.ts";
import stats from "./stats.ts";
import synth from "./synth.ts";
import vectors from "./vectors.ts";

/** All subcommands, in the order help shows them. */
export const cliCommands: readonly CliCommand[] = [
  dissect,
  stats,
  info,
  diagnose,
  conversations,
  follow,
  check,
  diff,
  anonymize,
  decode,
  commands,
  fields,
  exportCommand,
  vectors,
  synth,
  plugin,
  schema,
  completions,
  man,
  serve,
];
