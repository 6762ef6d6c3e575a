/**
 * Packets to TCP segments: link layers, VLAN and MPLS, IPv4 and IPv6 with fragments put
 * together, the tunnels that tshark follows, and the TCP header.
 *
 * {@link NetDecoder} takes packets and pushes one reused {@link Segment}; addresses become
 * small numbers of an {@link AddressTable}. Packets without TCP are counted and otherwise
 * left alone; impossible headers are issues.
 *
 * @module
 */
export * from "./address_table.ts";
export { FRAGMENT_LIMITS, type FragmentLimits, FragmentTable } from "./fragments.ts";
export { MAX_NET_ISSUES, NetDecoder, type NetDecoderOptions } from "./net_decoder.ts";
export { type Outermost, outermost } from "./outermost.ts";
export * from "./segment.ts";
export * from "./tcp_options.ts";
