import { bytes, command, counted, enumeration, u8 } from "../../core/schema/mod.ts";

const snapshotType = enumeration({
  1: "filesystem_overview",
  2: "process_list",
  3: "resource_usage",
  4: "test",
  5: "server_logs",
  6: "server_config",
  100: "all",
}, "What to collect; all stands alone.");

/**
 * Collects facts about the server and its machine in a ZIP archive.
 *
 * Source: apache/iggy
 * core/binary_protocol/src/{requests,responses}/system/get_snapshot.rs at server-0.8.0
 * and server-0.9.0-edge.5; core/common/src/commands/system/get_snapshot.rs at
 * server-0.5.0.
 */
export default command({
  name: "get_snapshot_file",
  doc: "Collects facts about the server and its machine in a ZIP archive.",
  code: 11,
  request: {
    compression: enumeration(
      { 1: "stored", 2: "deflated", 3: "bzip2", 4: "zstd", 5: "lzma", 6: "xz" },
      "Compression inside the archive.",
    ),
    snapshot_types: counted(u8(), snapshotType, "What to collect."),
  },
  response: {
    data: bytes("ZIP archive; may hold configuration and logs of the server."),
  },
  info: ["compression", "snapshot_types"],
});
