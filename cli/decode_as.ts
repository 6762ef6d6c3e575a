import { UsageError } from "./command.ts";

const MAX_PORT = 65_535;

/**
 * The ports of tshark's `-d tcp.port==N,iggy`, with its ranges `N-M` and `N:COUNT`, as the
 * options of a pipeline; `udp.port` for QUIC.
 */
export function decodedAs(
  rules: readonly string[],
): { decodeAs: number[]; decodeUdpAs: number[] } {
  const isUdp = (rule: string) => rule.startsWith("udp.");
  return {
    decodeAs: portsOf(rules.filter((rule) => !isUdp(rule))),
    decodeUdpAs: portsOf(rules.filter(isUdp)),
  };
}

function portsOf(rules: readonly string[]): number[] {
  return rules.flatMap((rule) => {
    const match = /^(?:tcp|udp)\.port==(\d{1,5})(?:([-:])(\d{1,5}))?,iggy$/.exec(rule);
    if (match === null) {
      throw new UsageError(
        `--decode-as is tcp.port==N,iggy or tcp.port==N-M,iggy, not "${rule}"`,
      );
    }
    const first = Number(match[1]);
    const second = match[3] === undefined ? first : Number(match[3]);
    const last = match[2] === ":" ? first + Math.max(1, second) - 1 : second;
    if (first < 1 || last < first || last > MAX_PORT) {
      throw new UsageError(`--decode-as has no ports: "${rule}"`);
    }
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}
