/**
 * Stored captures.
 *
 * @module
 */
import { z } from "@hono/zod-openapi";
import { Count, Issue, Time } from "./common.ts";

/** Id of a capture: 26 characters that sort by the time of upload. */
export const CaptureId = z.string().regex(/^[0-9a-hjkmnp-tv-z]{26}$/).meta({
  example: "01jd7xk3m0q8r9s2t4v6w8y0za",
});

/** A stored capture, or one that is still coming in. */
export const Capture = z.object({
  id: z.string(),
  name: z.string().nullable().meta({ description: "What the uploader called it." }),
  state: z.enum(["uploading", "dissecting", "ready", "failed"]).meta({
    description:
      "uploading: bytes are coming; dissecting: all are there, and their transactions so " +
      "far can be asked for; failed: nothing is kept.",
  }),
  created: Time,
  /** Bytes received so far, as sent. */
  size: Count,
  /** What the upload said it would send; null where it did not. */
  expected_size: Count.nullable(),
  dissected: Count.meta({ description: "Bytes of those that are dissected." }),
  format: z.enum(["pcap", "pcap-ns", "pcapng"]).nullable(),
  packets: Count,
  transactions: Count,
  remarks: Count.meta({
    description: "Rows that are none: neither a request nor a response, only issues.",
  }),
  errors: Count.meta({ description: "Transactions with a status other than 0." }),
  conversations: Count.meta({ description: "TCP connections, Iggy or not." }),
  iggy_conversations: Count,
  first_time: Time.nullable(),
  last_time: Time.nullable(),
  linktypes: z.array(z.string()),
  cut: z.boolean().meta({ description: "The capture is cut or damaged; see issues." }),
  issues: z.array(Issue).meta({ description: "About the capture as a whole." }),
  failure: z.string().nullable().meta({ description: "Why it failed." }),
}).meta({ id: "Capture" });
/** See {@link Capture}. */
export type Capture = z.infer<typeof Capture>;

/** All captures, newest first. */
export const CaptureList = z.object({ items: z.array(Capture) }).meta({
  id: "CaptureList",
});
/** See {@link CaptureList}. */
export type CaptureList = z.infer<typeof CaptureList>;
