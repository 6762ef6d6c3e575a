import {
  command,
  counted,
  enumeration,
  since,
  struct,
  text32,
  u32,
  u8,
  upTo,
} from "../../core/schema/mod.ts";
import { clusterNodeFields } from "../_types/cluster_node.ts";

const node = struct({
  replica_id: since("0.9.1-edge.2", u8("Id of the replica.")),
  ...clusterNodeFields,
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
