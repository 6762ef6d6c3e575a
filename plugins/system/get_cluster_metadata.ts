import {
  byRelease,
  command,
  counted,
  enumeration,
  since,
  struct,
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

const node = struct({
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
});

/**
 * Names the nodes of the cluster. Servers 0.5.0 do not know it; the layout up to 0.5 is
 * that of the commits between 0.5.0 and 0.6.0.
 *
 * Source: apache/iggy
 * core/binary_protocol/src/{requests,responses}/system/get_cluster_metadata.rs at
 * server-0.8.0 and server-0.9.0-edge.5; core/common/src/types/cluster/node.rs at commit
 * 995551caa.
 */
export default command({
  name: "get_cluster_metadata",
  doc: "Names the nodes of the cluster.",
  code: 12,
  request: {},
  response: {
    name: text32("Name of the cluster; single-node without one."),
    cluster_id: upTo("0.5", u32("Number of the cluster.")),
    transport: upTo("0.5", enumeration({ 1: "tcp", 2: "quic", 3: "http" }, "Transport.")),
    nodes: counted(u32(), node, "Nodes of the cluster."),
  },
  info: ["name"],
});
