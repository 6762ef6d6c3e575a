import { command } from "../../core/schema/mod.ts";

/**
 * Cancels a deferred poll or a fetch of the session: the request whose number its header has.
 * It is never answered; the cancelled request still is, once.
 *
 * Source: src/codes.rs of the crate iggy_binary_protocol 0.11.1-edge.4.
 */
export default command({
  name: "cancel_deferred_request",
  doc: "Cancels the waiting request whose number the header has; it is never answered.",
  code: 108,
  since: "0.9.1-edge.4",
  unanswered: true,
  request: {},
  response: {},
});
