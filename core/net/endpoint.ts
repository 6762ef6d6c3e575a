/**
 * `address:port`, an IPv6 address in brackets.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(endpointText("127.0.0.1", 80), "127.0.0.1:80");
 * assertEquals(endpointText("::1", 80), "[::1]:80");
 * ```
 */
export function endpointText(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The host of an {@link endpointText}, as it stands there. */
export function hostOf(endpoint: string): string {
  return endpoint.slice(0, endpoint.lastIndexOf(":"));
}

/** The host without the brackets of an IPv6 address. */
export function addressOf(endpoint: string): string {
  return hostOf(endpoint).replace(/^\[|\]$/g, "");
}

/** The port of an {@link endpointText}. */
export function portOf(endpoint: string): number {
  return Number(endpoint.slice(endpoint.lastIndexOf(":") + 1));
}
