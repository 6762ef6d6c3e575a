/** What became of a fragment: a whole datagram, or why there is none (yet). */
export type FragmentResult =
  | { datagram: Uint8Array; protocol: number; conflict: boolean }
  | { datagram: null; problem: string | null };

const WAITING: FragmentResult = { datagram: null, problem: null };

/** Largest payload a datagram may have. */
const MAX_DATAGRAM_BYTES = 65_535;

interface Datagram {
  key: string;
  data: Uint8Array;
  /** One bit per 8 bytes held. */
  held: Uint8Array;
  heldUnits: number;
  /** Payload length, -1 until the last fragment came. */
  total: number;
  /** Protocol of the first fragment, -1 until it came. */
  protocol: number;
  conflict: boolean;
  lastPacket: number;
}

/** Limits of a {@link FragmentTable}. */
export interface FragmentLimits {
  /** Datagrams under way at once; the oldest go first. */
  maxDatagrams: number;
  /** Bytes held for them in all. */
  maxBytes: number;
  /** Packets after which a datagram without a new fragment is given up. */
  maxAge: number;
}

/** Limits where none are given. */
export const FRAGMENT_LIMITS: FragmentLimits = {
  maxDatagrams: 4096,
  maxBytes: 16 * 1024 * 1024,
  maxAge: 200_000,
};

/**
 * Puts IPv4 and IPv6 fragments together, in bounded memory. Of bytes that came twice the
 * first copy wins; copies that differ mark the datagram as one with a conflict.
 *
 * Source: RFC 791 section 3.2, RFC 8200 section 4.5.
 */
export class FragmentTable {
  /** Datagrams given up before they were whole. */
  evicted = 0;
  readonly #limits: FragmentLimits;
  /** In order of first fragment. */
  readonly #datagrams = new Map<string, Datagram>();
  #bytes = 0;

  constructor(limits: FragmentLimits = FRAGMENT_LIMITS) {
    this.#limits = limits;
  }

  /** Bytes held now. */
  get heldBytes(): number {
    return this.#bytes;
  }

  /**
   * Takes the fragment `bytes[start..end)` that lies `offset` bytes into the datagram `key`.
   * `more` is the More Fragments flag, `packet` the number of the packet it came in.
   */
  add(
    key: string,
    protocol: number,
    offset: number,
    more: boolean,
    bytes: Uint8Array,
    start: number,
    end: number,
    packet: number,
  ): FragmentResult {
    const length = end - start;
    const stop = offset + length;
    if (stop > MAX_DATAGRAM_BYTES) return refused(`fragment ends at byte ${stop}`);
    if (more && length % 8 !== 0) {
      return refused(`fragment of ${length} bytes, no multiple of 8, with more to come`);
    }
    const datagram = this.#datagram(key, packet);
    if (datagram.total >= 0 && stop > datagram.total) {
      return refused(`fragment ends at byte ${stop} of a datagram of ${datagram.total}`);
    }
    if (!more && datagram.total < 0) {
      if (lastHeldUnit(datagram) * 8 >= stop) {
        return refused(`last fragment ends at byte ${stop}, before others`);
      }
      datagram.total = stop;
    }
    if (offset === 0) datagram.protocol = protocol;
    this.#store(datagram, offset, bytes, start, end);
    if (datagram.total < 0 || datagram.heldUnits < Math.ceil(datagram.total / 8)) {
      this.#trim(packet);
      return WAITING;
    }
    this.#drop(datagram);
    return {
      datagram: datagram.data.subarray(0, datagram.total),
      protocol: datagram.protocol < 0 ? protocol : datagram.protocol,
      conflict: datagram.conflict,
    };
  }

  #datagram(key: string, packet: number): Datagram {
    let datagram = this.#datagrams.get(key);
    if (datagram !== undefined && packet - datagram.lastPacket > this.#limits.maxAge) {
      this.#drop(datagram);
      this.evicted += 1;
      datagram = undefined;
    }
    if (datagram === undefined) {
      datagram = {
        key,
        data: new Uint8Array(0),
        held: new Uint8Array(1024),
        heldUnits: 0,
        total: -1,
        protocol: -1,
        conflict: false,
        lastPacket: packet,
      };
      this.#datagrams.set(key, datagram);
      this.#bytes += datagram.held.length;
    }
    datagram.lastPacket = packet;
    return datagram;
  }

  /** Copies unit by unit of 8 bytes what is not held yet. */
  #store(
    datagram: Datagram,
    offset: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    const stop = offset + end - start;
    if (stop > datagram.data.length) {
      const grown = new Uint8Array(Math.min(65_536, Math.max(stop, offset * 2, 2048)));
      grown.set(datagram.data);
      this.#bytes += grown.length - datagram.data.length;
      datagram.data = grown;
    }
    const { data, held } = datagram;
    for (let to = offset, from = start; to < stop; to += 8, from += 8) {
      const unit = to >>> 3;
      const bit = 1 << (unit & 7);
      const size = Math.min(8, stop - to);
      if (held[unit >>> 3]! & bit) {
        for (let i = 0; i < size; i++) {
          if (data[to + i] !== bytes[from + i]) datagram.conflict = true;
        }
      } else {
        held[unit >>> 3]! |= bit;
        datagram.heldUnits += 1;
        for (let i = 0; i < size; i++) data[to + i] = bytes[from + i]!;
      }
    }
  }

  /** Gives up the oldest datagrams until the limits hold. */
  #trim(packet: number): void {
    const { maxDatagrams, maxBytes, maxAge } = this.#limits;
    for (const datagram of this.#datagrams.values()) {
      const within = this.#datagrams.size <= maxDatagrams && this.#bytes <= maxBytes;
      if (within && packet - datagram.lastPacket <= maxAge) return;
      this.#drop(datagram);
      this.evicted += 1;
    }
  }

  #drop(datagram: Datagram): void {
    this.#datagrams.delete(datagram.key);
    this.#bytes -= datagram.data.length + datagram.held.length;
  }
}

function refused(problem: string): FragmentResult {
  return { datagram: null, problem };
}

/** Index of the last unit held, -1 for none. */
function lastHeldUnit(datagram: Datagram): number {
  let byte = datagram.held.length - 1;
  while (byte >= 0 && datagram.held[byte] === 0) byte -= 1;
  return byte < 0 ? -1 : byte * 8 + 31 - Math.clz32(datagram.held[byte]!);
}
