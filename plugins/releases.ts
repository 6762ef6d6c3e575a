/** A release of Iggy's protocol, with what tells it. */
export interface Release {
  /** As `since` and `upTo` name it. */
  readonly name: string;
  /** The version of the crate iggy_binary_protocol that has its layouts. */
  readonly crate?: string;
  /** When that was published. */
  readonly published?: string;
  /** The protocol version that its servers and clients state at login, as 10-bit parts. */
  readonly protocol?: readonly [major: number, minor: number, patch: number];
  /** Versions of the Rust SDK that speak it, where they are not those of the crate. */
  readonly sdk?: string;
}

/**
 * Every release whose layouts are known, oldest first. Servers 0.9 and later are named by their
 * protocol crate: crate 0.(x+2).y is server 0.x.y, and the edges of 0.11.0 run one behind those
 * of server 0.9.0. No crate or tag names a server after 0.9.0: 0.9.1-edge.N is the label of the
 * crate 0.11.1-edge.N.
 *
 * Source: tags server-* of apache/iggy; src/version.rs of each version of the crate
 * iggy_binary_protocol on crates.io.
 */
export const releases: readonly Release[] = Object.freeze<Release[]>([
  { name: "0.5" },
  { name: "0.6", crate: "0.8.0" },
  { name: "0.7", crate: "0.9.0" },
  { name: "0.8", crate: "0.10.0" },
  { name: "0.9-edge.2", crate: "0.11.0-edge.1", protocol: [0, 11, 0] },
  { name: "0.9-edge.3", crate: "0.11.0-edge.2", protocol: [0, 11, 0] },
  { name: "0.9-edge.4", crate: "0.11.0-edge.3", protocol: [0, 11, 0] },
  {
    name: "0.9-edge.5",
    crate: "0.11.0-edge.4",
    published: "2026-08-18",
    protocol: [0, 11, 0],
  },
  {
    name: "0.9-edge.6",
    crate: "0.11.0-edge.5",
    published: "2026-08-28",
    protocol: [0, 11, 0],
  },
  {
    name: "0.9-edge.7",
    crate: "0.11.0-edge.6",
    published: "2026-08-31",
    protocol: [0, 11, 0],
  },
  {
    name: "0.9-edge.8",
    crate: "0.11.0-edge.7",
    published: "2026-09-07",
    protocol: [0, 11, 0],
  },
  {
    name: "0.9-edge.9",
    crate: "0.11.0-edge.8",
    published: "2026-09-11",
    protocol: [0, 11, 0],
  },
  { name: "0.9.0", crate: "0.11.0", published: "2026-09-18", protocol: [0, 11, 0] },
  {
    name: "0.9.1-edge.1",
    crate: "0.11.1-edge.1",
    published: "2026-10-02",
    protocol: [0, 11, 1],
  },
  {
    name: "0.9.1-edge.2",
    crate: "0.11.1-edge.2",
    published: "2026-10-23",
    protocol: [0, 12, 0],
  },
  {
    name: "0.9.1-edge.3",
    crate: "0.11.1-edge.3",
    published: "2026-10-24",
    protocol: [0, 12, 0],
    sdk: "0.11.1-edge.3, 0.11.1-edge.4",
  },
  {
    name: "0.9.1-edge.4",
    crate: "0.11.1-edge.4",
    published: "2026-10-27",
    protocol: [0, 12, 0],
    sdk: "0.11.1-edge.5",
  },
  {
    name: "0.9.1-edge.5",
    crate: "0.11.1-edge.5",
    published: "2026-10-31",
    protocol: [0, 12, 1],
    sdk: "0.11.1-edge.6",
  },
  {
    name: "0.9.1-edge.7",
    crate: "0.11.1-edge.7",
    published: "2026-11-01",
    protocol: [0, 12, 2],
  },
  {
    name: "0.9.1-edge.8",
    crate: "0.11.1-edge.8",
    published: "2026-11-01",
    protocol: [0, 12, 2],
    sdk: "0.11.1-edge.8, 0.11.1-edge.9",
  },
]);
