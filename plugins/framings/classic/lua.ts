import type { FramingLua } from "../../../core/framing/framing.ts";
import classic from "./classic.lua" with { type: "text" };
import {
  STAGED_READS_SINCE,
  STATUS_INVALID_COMMAND,
  STATUS_UNAUTHENTICATED,
  UNSOLICITED,
} from "./statuses.ts";
import { MAX_METADATA } from "./server_view.ts";
import serverView from "./server_view.lua" with { type: "text" };
import { CLASSIC_TEXTS } from "../texts.ts";
import { HEADER, LENGTH, MAX_CONTROL_PAYLOAD, MAX_GUESSED, MAX_STATUS } from "./shape.ts";

/** Classic framing in the Wireshark export: the twin of this folder's algorithms. */
export const classicLua: FramingLua = Object.freeze<FramingLua>({
  facts: {
    header: HEADER,
    max_status: MAX_STATUS,
    max_payload: MAX_CONTROL_PAYLOAD,
    max_metadata: MAX_METADATA,
    max_guessed: LENGTH + MAX_GUESSED,
    staged_reads_since: STAGED_READS_SINCE,
    unauthenticated: STATUS_UNAUTHENTICATED,
    invalid_command: STATUS_INVALID_COMMAND,
    unsolicited: Object.fromEntries(UNSOLICITED),
    texts: CLASSIC_TEXTS,
  },
  runtime: `${serverView}\n${classic}`,
});
