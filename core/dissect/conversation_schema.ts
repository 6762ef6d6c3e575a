import type { SecurityRecord } from "../framing/tls/facts.ts";
import {
  countSchema,
  type JsonSchema,
  microsSchema,
  objectSchema,
  orNullSchema,
  textOrNullSchema,
  textSchema,
} from "../schema/mod.ts";
import type { ConversationRecord } from "./conversation_record.ts";

const security = objectSchema<SecurityRecord>({
  protocol: textSchema("TLS or QUIC."),
  version: textOrNullSchema("Its version."),
  suite: textOrNullSchema("The cipher suite."),
  server_name: textOrNullSchema("Name of the server that the client asked for."),
  alpn: textOrNullSchema("The application protocol agreed on, or the first one offered."),
  resumed: { type: "boolean", description: "An earlier session was resumed." },
  retried: { type: "boolean", description: "The server sent a HelloRetryRequest." },
  early_data: { enum: ["offered", "accepted", "rejected", null] },
  key_updates: countSchema("Changes of keys."),
  renegotiations: countSchema("Handshakes after the first one."),
  certificate: textOrNullSchema(
    "Subject of the server's certificate, where it was readable.",
  ),
  opened: { type: "boolean", description: "The content was readable." },
});

/** The keys of every {@link ConversationRecord}, for the schemas of the program and the API. */
export const CONVERSATION_KEYS: {
  readonly [Key in keyof Omit<ConversationRecord, "transport" | "quic_connections">]:
    JsonSchema;
} = {
  conversation: {
    type: "integer",
    description:
      "Its number, as tshark's tcp.stream or udp.stream; QUIC counts from -1 down.",
  },
  client: textSchema("Address and port of the client."),
  server: textSchema("Address and port of the server."),
  start: textSchema("Time of its first packet: RFC 3339, UTC."),
  end: textSchema("Time of its last packet."),
  duration_us: { type: "number", description: "From its first packet to the last." },
  packets: countSchema("Packets of both sides."),
  state: {
    enum: ["half-open", "established", "mid-capture", "closed", "reset"],
    description:
      "How far the connection came; of UDP half-open until both ends have sent.",
  },
  framing: textOrNullSchema("How PDUs are framed; null where it is not read."),
  release: textOrNullSchema("Narrowest range of releases known."),
  user: textOrNullSchema("Who logged in last."),
  transactions: countSchema("Transactions."),
  errors: countSchema("Those with a status other than 0, and evictions."),
  retransmitted: countSchema("Segments sent again."),
  out_of_order: countSchema("Segments that came late."),
  reordered: countSchema(
    "Segments captured before bytes they acknowledge, put back into order.",
  ),
  lost_bytes: countSchema("Bytes that were sent and not captured."),
  handshake_rtt_us: microsSchema(
    "From the SYN to its acknowledgment; null where not seen.",
  ),
  protocol: textOrNullSchema("What it carries where that is another protocol."),
  requests: {
    type: ["integer", "null"],
    minimum: 0,
    description: "Requests of that protocol, where they are counted.",
  },
  security: orNullSchema(security),
};

/** Those that some of them have. */
export const RARE_CONVERSATION_KEYS: Readonly<Record<string, JsonSchema>> = {
  transport: { const: "udp", description: "Present where the transport is UDP." },
  quic_connections: {
    type: "array",
    items: { type: "integer", minimum: 0 },
    description:
      "Numbers of the QUIC connections it holds, as quic.connection; 256 at most.",
  },
};
