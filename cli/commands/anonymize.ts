import { Anonymizer, StandIns } from "../../core/anonymize/mod.ts";
import { defineCommand, UsageError, writeError } from "../command.ts";
import { rewriteCapture, WholeFile } from "../rewrite_capture.ts";
import { OtherProtocols } from "../other_protocols.ts";
import { say } from "../output.ts";
import { captureOptions, dissectFor } from "../dissecting.ts";

const KEY_BYTES = 32;

export default defineCommand({
  name: "anonymize",
  summary: "Write a capture that can be attached to a public issue.",
  details:
    "Names, payloads, user headers, secrets and addresses become stand-ins of the same " +
    "length; commands, numbers, sizes, times and TCP's sequence stay, and checksums are " +
    "right on all levels. Comments and names of interfaces are dropped, and what is not " +
    "decoded, or is inside TLS or QUIC, becomes blank. The same key gives the same stand-ins in every capture; " +
    "without --key a new one is drawn and kept nowhere. OUT must not exist and appears " +
    "whole or not at all. Needs --allow-write.",
  operands: [
    { name: "IN", help: "A capture." },
    { name: "OUT", help: "The file to write: pcapng, or pcap where its name ends so." },
  ],
  options: {
    key: {
      value: "FILE",
      help: "A file of 32 bytes; it is made where there is none. Keep it secret.",
    },
    "decode-as": captureOptions["decode-as"],
    plugin: captureOptions.plugin,
  },
  examples: [
    ["anonymize capture.pcap shareable.pcapng", "With a key of its own"],
    ["anonymize --key team.key a.pcap a2.pcapng", "With stand-ins that stay the same"],
  ],
  async run(options, [input = "", out = ""]) {
    if (input === "-") {
      throw new UsageError(
        "anonymize reads its capture twice, which standard input does not allow",
      );
    }
    using file = WholeFile.create(out, "anonymize");
    const key = await keyFrom(options.key);
    const anonymizer = new Anonymizer(new StandIns(key), file.spill);
    const others = new OtherProtocols();
    const reading = {
      ...options,
      count: undefined,
      "display-filter": undefined,
      keylog: [],
    };
    const code = await dissectFor(
      [input],
      reading,
      (found) => anonymizer.add(found),
      undefined,
      // What was encrypted stays unread, and so becomes blank.
      { carrier: anonymizer.carrier, others, staysSealed: true },
    );
    anonymizer.rewind();
    const packets = await rewriteCapture(input, file, anonymizer);
    file.finish();
    const notes = [
      `${packets} packets are in ${out}`,
      ...anonymizer.blanked > 0 ? [`${anonymizer.blanked} of them blank`] : [],
      ...others.sealed > 0
        ? [
          `conversations in TLS or QUIC, which stay sealed and are blank: ${others.sealed}`,
        ]
        : [],
      ...anonymizer.unplaced > 0
        ? [`${anonymizer.unplaced} PDUs blank, whose place in TCP is not known`]
        : [],
    ];
    say(notes.join("; "));
    return code;
  },
});

/** The key of a file, which is made where there is none; without a file, one for this run. */
async function keyFrom(path: string | undefined): Promise<Uint8Array> {
  const fresh = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  if (path === undefined) return fresh;
  try {
    await Deno.writeFile(path, fresh, { createNew: true, mode: 0o600 });
    say(`drew a new key into ${path}; it is needed again for the same stand-ins`);
    return fresh;
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw usage(path, error);
  }
  try {
    const key = await Deno.readFile(path);
    if (key.length !== KEY_BYTES) throw new RangeError(`not ${KEY_BYTES} bytes`);
    return key;
  } catch (error) {
    throw usage(path, error);
  }
}

function usage(path: string, error: unknown): Error {
  if (error instanceof Deno.errors.NotCapable) {
    return new UsageError("anonymize --key FILE needs --allow-write for a new key");
  }
  const reason = error instanceof Error ? error.message : String(error);
  return writeError(`--key ${path}: ${reason}`, error);
}
