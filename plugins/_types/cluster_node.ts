import {
  byRelease,
  enumeration,
  since,
  text32,
  u16,
  u32,
  upTo,
} from "../../core/schema/mod.ts";

const doc = "What the node is doing.";
const states = {
  0: "healthy",
  1: "starting",
  2: "stopping",
  3: "unreachable",
  4: "maintenance",
};

/**
 * A node of the cluster as responses describe it.
 *
 * Source: apache/iggy core/binary_protocol/src/responses/system/get_cluster_metadata.rs at
 * server-0.8.0 and server-0.9.0-edge.5; core/common/src/types/cluster/node.rs at commit
 * 995551caa.
 */
export const clusterNodeFields = {
  id: upTo("0.5", u32("Number of the node.")),
  name: text32("Name of the node."),
  address: upTo("0.5", text32("Address and port.")),
  ip: since("0.6", text32("Address.")),
  tcp_port: since("0.6", u16("Port of TCP clients.")),
  quic_port: since("0.6", u16("Port of QUIC clients.")),
  http_port: since("0.6", u16("Port of HTTP clients.")),
  websocket_port: since("0.6", u16("Port of WebSocket clients.")),
  role: enumeration({ 0: "leader", 1: "follower" }, "Part the node plays."),
  status: byRelease(
    since("0.6", enumeration({ ...states, 5: "unknown" }, doc)),
    upTo("0.5", enumeration(states, doc)),
  ),
};
