import { type Compared, Comparison, type Side, Tally } from "../core/compare/mod.ts";
import type { Transaction } from "../core/dissect/transaction.ts";
import { hexDump } from "../core/export/hex.ts";
import { secretRanges } from "../core/export/secrets.ts";
import type { Pdu } from "../core/framing/pdu.ts";
import { dissectFor } from "./dissecting.ts";
import type { ComparedCaptures, Dumps } from "./diff_text.ts";

const SIDES: readonly Side[] = [0, 1];
/** Bytes shown of a PDU. */
const MAX_HEX = 64;

/** How the captures are read. */
type Options = Parameters<typeof dissectFor>[1] & { readonly hex: boolean };

/** Reads two captures as often as comparing them takes; gives also the exit code. */
export async function compareCaptures(
  files: readonly [string, string],
  options: Options,
  compared: Compared,
): Promise<{ code: number; comparison: ComparedCaptures }> {
  const tallies = [new Tally(), new Tally()] as const;
  let code = 0;
  for (const side of SIDES) {
    const take = (found: Transaction) => tallies[side].add(found);
    code = Math.max(code, await dissectFor([files[side]], options, take));
  }
  const found = new Comparison(...tallies, compared);
  do await readBoth(files, options, found); while (found.again());
  const bytes = await readValues(files, options, found);
  return { code, comparison: { files, tallies, found, bytes } };
}

/** Reads both captures at once, a chunk of that one on which less waits. */
async function readBoth(
  files: readonly [string, string],
  options: Options,
  found: Comparison,
): Promise<void> {
  const resume: [(() => void) | null, (() => void) | null] = [null, null];
  const wake = (side: Side) => {
    resume[side]?.();
    resume[side] = null;
  };
  await Promise.all(SIDES.map(async (side) => {
    const other = side === 0 ? 1 : 0;
    const pace = async () => {
      if (found.turn === side) return;
      const turn = Promise.withResolvers<void>();
      resume[side] = turn.resolve;
      wake(other);
      await turn.promise;
    };
    const take = (transaction: Transaction) => found.add(side, transaction);
    await dissectFor([files[side]], options, take, undefined, { pace, isRepeated: true });
    found.end(side);
    wake(other);
  }));
}

/** Reads the values that are shown; gives the bytes of their transactions where asked for. */
async function readValues(
  files: readonly [string, string],
  options: Options,
  found: Comparison,
): Promise<ComparedCaptures["bytes"]> {
  const bytes = [new Map<number, Dumps>(), new Map<number, Dumps>()] as const;
  for (const side of SIDES) {
    const wanted = found.wanted(side);
    if (wanted.size === 0) continue;
    const take = (transaction: Transaction) => {
      if (!wanted.delete(transaction.number)) return;
      found.read(side, transaction);
      if (options.hex) bytes[side].set(transaction.number, dumpsOf(transaction));
    };
    const stopped = () => wanted.size === 0;
    const hooks = { stopped, isRepeated: true };
    await dissectFor([files[side]], options, take, undefined, hooks);
  }
  return bytes;
}

/** The first bytes of both PDUs, secrets hidden. */
function dumpsOf({ request, response }: Transaction): Dumps {
  const dump = (pdu: Pdu | null) =>
    pdu === null ? [] : hexDump(pdu.bytes, secretRanges(pdu, request === null), MAX_HEX);
  return { request: dump(request), response: dump(response) };
}
