import { command } from "../../core/schema/mod.ts";
import {
  bindSecret,
  registered,
  sessionIdentity,
  versionInfo,
} from "../_types/session.ts";

/**
 * Binds a further connection to the client's session; no login is needed on it. A session of 0
 * asks for the answer to a login that was lost.
 *
 * Source: src/requests/system/bind_session.rs of the crate iggy_binary_protocol 0.11.1-edge.2.
 */
export default command({
  name: "bind_session",
  doc: "Binds a further connection to the client's session.",
  code: 15,
  since: "0.9.1-edge.2",
  request: {
    version_info: versionInfo,
    identity: sessionIdentity,
    bind_secret: bindSecret,
  },
  response: registered,
  info: ["user_id"],
  logsIn: "user_id",
});
