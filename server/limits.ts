/** What a server takes on; all have defaults, and all that is refused is told. */
export interface Limits {
  /** Most bytes of one upload, as sent. */
  uploadBytes: number;
  /** Most bytes of the key log that comes with an upload. */
  keyLogBytes: number;
  /** Most bytes of all captures with their indexes. */
  totalBytes: number;
  /** Most uploads at once. */
  uploads: number;
  /** How long the header of a request may take, and a kept connection be silent, in ms. */
  headerMs: number;
  keepAliveMs: number;
  /** Longest pause of an upload's body, in ms. */
  bodyIdleMs: number;
  /** Most transactions of one page, and about as many bytes. */
  page: number;
  pageBytes: number;
  /** Most characters of a filter. */
  filterLength: number;
  /** Most searches through captures at once, how many may wait, and how long one may take. */
  searches: number;
  waitingSearches: number;
  searchMs: number;
  /** Requests a second of one address, and how many may come at once. */
  requestsPerSecond: number;
  requestsAtOnce: number;
  /** Wrong tokens a minute of one address. */
  wrongTokens: number;
  /** Transactions kept of live traffic, and the bytes of their PDUs. */
  ring: number;
  ringBytes: number;
  /** Live listeners, and bytes that may wait for one before it is dropped. */
  listeners: number;
  listenerBytes: number;
  /** Connections of one proxy at once; each takes two descriptors. */
  proxyConnections: number;
  /** Most bytes of a JSON body. */
  jsonBytes: number;
}

const MIB = 1024 * 1024;

/** Limits where none are given. */
export const LIMITS: Readonly<Limits> = Object.freeze({
  uploadBytes: 4096 * MIB,
  keyLogBytes: 256 * MIB,
  totalBytes: 32 * 1024 * MIB,
  uploads: 8,
  headerMs: 20_000,
  keepAliveMs: 30_000,
  bodyIdleMs: 30_000,
  page: 1000,
  pageBytes: 8 * MIB,
  filterLength: 4096,
  searches: 4,
  waitingSearches: 256,
  searchMs: 60_000,
  requestsPerSecond: 2000,
  requestsAtOnce: 4000,
  wrongTokens: 10,
  ring: 10_000,
  ringBytes: 64 * MIB,
  listeners: 64,
  listenerBytes: MIB,
  proxyConnections: 400,
  jsonBytes: 8 * MIB,
});
