import {
  command,
  counted,
  duration,
  f32,
  idFrom,
  ifLeft,
  nullable,
  onlyIf,
  open,
  since,
  size,
  struct,
  text32,
  timestamp,
  u32,
  u64,
  volatile,
} from "../../core/schema/mod.ts";

const cacheMetrics = struct({
  stream_id: idFrom("0.6", "Stream."),
  topic_id: idFrom("0.6", "Topic."),
  partition_id: idFrom("0.6", "Partition."),
  hits: u64("Reads that the cache answered."),
  misses: u64("Reads that went to disk."),
  hit_ratio: f32("Share of hits, 0 to 1."),
});

/**
 * Reports what the server holds and uses.
 *
 * Source: apache/iggy core/binary_protocol/src/{requests,responses}/system/get_stats.rs
 * at server-0.8.0 and server-0.9.0-edge.5; core/common/src/commands/system/get_stats.rs
 * at server-0.5.0; layouts of 0.5 in core/binary_protocol/src/utils/mapper.rs at
 * server-0.5.0; src/responses/system/get_stats.rs of the crate iggy_binary_protocol
 * 0.11.1-edge.1.
 */
export default command({
  name: "get_stats",
  doc: "Reports what the server holds and uses.",
  code: 10,
  request: {},
  response: {
    process_id: volatile(u32("Process of the server.")),
    cpu_usage: volatile(f32("Share of one processor that the server uses.", "percent")),
    total_cpu_usage: volatile(f32("Share of all processors that is in use.", "percent")),
    memory_usage: volatile(size("Bytes of memory the server uses.")),
    total_memory: volatile(size("Bytes of memory of the machine.")),
    available_memory: volatile(size("Bytes of memory that are free.")),
    run_time: volatile(duration("Since the server started.")),
    start_time: timestamp("When the server started."),
    read_bytes: volatile(size("Bytes read from disk.")),
    written_bytes: volatile(size("Bytes written to disk.")),
    messages_size_bytes: size("Bytes of all messages."),
    streams_count: u32("Streams."),
    topics_count: u32("Topics."),
    partitions_count: u32("Partitions."),
    segments_count: u32("Segments."),
    messages_count: u64("Messages."),
    clients_count: u32("Connected clients."),
    consumer_groups_count: u32("Consumer groups."),
    hostname: volatile(text32("Name of the machine.")),
    os_name: volatile(text32("Operating system.")),
    os_version: volatile(text32("Version of the operating system.")),
    kernel_version: volatile(text32("Version of the kernel.")),
    iggy_server_version: open(text32("Release of the server.")),
    iggy_server_semver: nullable(
      u32("Release as major * 1000000 + minor * 1000 + patch; null where unknown."),
      0,
    ),
    cache_metrics: counted(u32(), cacheMetrics, "Use of the cache; empty so far."),
    threads_count: since("0.8", volatile(u32("Threads of the server."))),
    free_disk_space: since("0.8", volatile(size("Bytes free on disk."))),
    total_disk_space: since("0.8", volatile(size("Bytes of the disk."))),
    open_files_count: since(
      "0.9.1-edge.1",
      ifLeft(volatile(u64("Files the server has open."))),
    ),
    open_files_limit: since(
      "0.9.1-edge.1",
      onlyIf("open_files_count", null, volatile(u64("Files it may have open."))),
    ),
  },
  info: ["iggy_server_version", "hostname", "messages_count"],
});
