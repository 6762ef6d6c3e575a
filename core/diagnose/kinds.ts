import type { FindingKind } from "../findings/mod.ts";

/** The findings about whole captures, by id. */
export const CAPTURE_FINDINGS = {
  consumer_stuck: {
    severity: "error",
    title: "a consumer makes no progress",
    meaning:
      "It keeps polling, but its offset does not change although messages are waiting.",
    advice:
      "Look at the message after that offset: the consumer may fail on it, or never store it.",
  },
  consumer_lagging: {
    severity: "warn",
    title: "a consumer falls behind",
    meaning: "Messages come faster than it reads: its lag grew over its last reads.",
    advice: "Read more at once, add partitions and members, or do less for each message.",
  },
  consumer_stopped: {
    severity: "warn",
    title: "a consumer stopped reading",
    meaning:
      "It read for a while, then paused for longer than that while messages arrived.",
    advice: "Check that it still runs and, in a group, that a member has the partition.",
  },
  stored_early: {
    severity: "warn",
    title: "an offset stored ahead of what was read",
    meaning: "The offset stored is beyond the last message given: messages are skipped.",
    advice: "Store the offset of the last message that was handled.",
  },
  empty_poll_storm: {
    severity: "warn",
    title: "empty polls without a pause",
    meaning: "The consumer asks again at once although there is nothing to read.",
    advice: "Set a poll interval: it loads client and server for nothing.",
  },
  poll_too_small: {
    severity: "warn",
    title: "polls that ask for too little",
    meaning: "Every poll was full, and the lag did not shrink.",
    advice: "Raise the count of a poll.",
  },
  not_assigned: {
    severity: "warn",
    title: "a consumer without a partition",
    meaning: "Its polls are refused, or answered without a partition, to the end.",
    advice:
      "Join the group before polling; more members than partitions leave some idle.",
  },
  rebalance_loop: {
    severity: "warn",
    title: "a group that rebalances again and again",
    meaning: "Members come and go before anything is read in between.",
    advice: "Look for consumers that restart or time out; keep one connection a member.",
  },
  hot_partition: {
    severity: "note",
    title: "one partition takes most messages",
    meaning: "Producers send far more to one partition than to the others of the topic.",
    advice: "Check the partitioning keys, or let the server balance.",
  },
  tiny_batches: {
    severity: "note",
    title: "one message a request",
    meaning: "Messages are sent one by one without a pause: each pays for a round trip.",
    advice: "Send several messages in a batch, or let the client linger.",
  },
  repeated_lookups: {
    severity: "note",
    title: "the same lookup again and again",
    meaning: "Metadata are asked for about as often as messages are sent or read.",
    advice: "Keep the answer in the client; ask again after an error only.",
  },
  lookup_for_each: {
    severity: "note",
    title: "one lookup for each of many",
    meaning: "The client asks for many objects one after another.",
    advice: "Ask for the list once.",
  },
  retry_storm: {
    severity: "warn",
    title: "the same failing request again and again",
    meaning: "The client repeats a request that the server refuses each time.",
    advice: "Back off, and do not retry errors that will not go away.",
  },
  login_storm: {
    severity: "warn",
    title: "logins that fail again and again",
    meaning: "A client, or several of one host, try to log in without success.",
    advice: "Check the credentials; somebody may be guessing them.",
  },
  short_connections: {
    severity: "note",
    title: "a connection for every few requests",
    meaning: "Most connections of the client log in, do little and close.",
    advice: "Keep the connection open: login costs more than most requests.",
  },
  never_answered: {
    severity: "error",
    title: "a server that never answers",
    meaning:
      "Not one request of the connection got a response: the server does not understand " +
      "the client, or closed on it. Servers before 0.9 and since speak different framings.",
    advice: "Compare the releases of client and server, and the port.",
  },
  unknown_command: {
    severity: "warn",
    title: "a command that the server does not know",
    meaning: "The server refused a code that no known command has.",
    advice: "The client may be newer than the server; decode it with a plugin.",
  },
  session_ended: {
    severity: "warn",
    title: "a session ended by the server",
    meaning: "The server evicted the client though it was logged in.",
    advice: "The reason says why; after idle time, send pings.",
  },
  retransmissions: {
    severity: "warn",
    title: "loss that explains latency",
    meaning: "Segments were sent again, and the slow responses are on these connections.",
    advice: "Look at the network between the client and where this was captured.",
  },
  capture_loss: {
    severity: "note",
    title: "bytes that the capture misses",
    meaning: "They were sent and acknowledged, but the capture does not have them.",
    advice: "Capture with a larger buffer and snap length; counts here are too low.",
  },
} as const satisfies Readonly<Record<string, FindingKind>>;

/** The id of a finding about a whole capture. */
export type CaptureFindingId = keyof typeof CAPTURE_FINDINGS;
