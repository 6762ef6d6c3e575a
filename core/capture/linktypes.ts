/**
 * Link types of the tcpdump registry that this tool decodes or often meets.
 *
 * Source: tcpdump link-layer header types registry; draft-ietf-opsawg-pcaplinktype.
 */
export const LINKTYPES = {
  NULL: 0,
  ETHERNET: 1,
  AX25: 3,
  IEEE802_5: 6,
  ARCNET_BSD: 7,
  SLIP: 8,
  PPP: 9,
  FDDI: 10,
  PPP_HDLC: 50,
  PPP_ETHER: 51,
  ATM_RFC1483: 100,
  RAW: 101,
  C_HDLC: 104,
  IEEE802_11: 105,
  FRELAY: 107,
  LOOP: 108,
  ENC: 109,
  LINUX_SLL: 113,
  LTALK: 114,
  PFLOG: 117,
  IEEE802_11_PRISM: 119,
  IP_OVER_FC: 122,
  SUNATM: 123,
  IEEE802_11_RADIOTAP: 127,
  LINUX_IRDA: 144,
  USER0: 147,
  IEEE802_11_AVS: 163,
  BACNET_MS_TP: 165,
  PPP_PPPD: 166,
  LINUX_LAPD: 177,
  BLUETOOTH_HCI_H4: 187,
  USB_LINUX: 189,
  PPI: 192,
  IEEE802_15_4_WITHFCS: 195,
  ERF: 197,
  BLUETOOTH_HCI_H4_WITH_PHDR: 201,
  PPP_WITH_DIR: 204,
  IEEE802_15_4_NONASK_PHY: 215,
  USB_LINUX_MMAPPED: 220,
  CAN_SOCKETCAN: 227,
  IPV4: 228,
  IPV6: 229,
  IEEE802_15_4_NOFCS: 230,
  DBUS: 231,
  NFLOG: 239,
  NETANALYZER: 240,
  IPOIB: 242,
  INFINIBAND: 247,
  SCTP: 248,
  USBPCAP: 249,
  BLUETOOTH_LE_LL: 251,
  NETLINK: 253,
  BLUETOOTH_LINUX_MONITOR: 254,
  BLUETOOTH_LE_LL_WITH_PHDR: 256,
  PKTAP: 258,
  EPON: 259,
  USB_DARWIN: 266,
  VSOCK: 271,
  LINUX_SLL2: 276,
} as const;

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(LINKTYPES).map(([name, number]) => [number, name]),
);

/** The registry's name of a link type without its prefix, or the number where unknown. */
export function linktypeName(linktype: number): string {
  return NAMES.get(linktype) ?? String(linktype);
}
