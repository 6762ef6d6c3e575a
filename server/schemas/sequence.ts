/**
 * TCP's time-sequence graph of a conversation.
 *
 * @module
 */
import { z } from "@hono/zod-openapi";
import { Count } from "./common.ts";

const Micros = z.number();
const Offset = z.int();

/** One flow over time; times in µs since the conversation's first segment. */
export const SequenceFlow = z.object({
  side: z.enum(["client", "server"]),
  segments: z.array(z.object({
    at: Micros,
    from: Offset,
    to: Offset,
    packet: Count,
    repair: z.enum([
      "spurious",
      "fast",
      "timeout",
      "tail_loss_probe",
      "out_of_order",
      "retransmission",
    ]).nullable(),
  })),
  acknowledgments: z.array(z.object({ at: Micros, to: Offset, window: Offset })),
  selective: z.array(z.object({ at: Micros, from: Offset, to: Offset })),
  round_trips: z.array(z.object({ at: Micros, time_us: Micros })),
  left_out: Count,
}).meta({ id: "SequenceFlow" });
/** See {@link SequenceFlow}. */
export type SequenceFlow = z.infer<typeof SequenceFlow>;

/** Both flows of a conversation. */
export const SequenceGraphs = z.object({ client: SequenceFlow, server: SequenceFlow })
  .meta({ id: "SequenceGraphs" });
/** See {@link SequenceGraphs}. */
export type SequenceGraphs = z.infer<typeof SequenceGraphs>;
