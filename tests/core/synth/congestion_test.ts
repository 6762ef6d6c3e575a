import { Cubic, Reno } from "../../../core/synth/congestion.ts";
import { NetDecoder } from "../../../core/net/mod.ts";
import { simulate } from "../../../core/synth/mod.ts";
import { TcpTracker } from "../../../core/tcp/mod.ts";
import { assert, assertEquals } from "../../support/assert.ts";

const MSS = 1000, TRIP = 100e6;

/** Windows in segments after each round trip in which a whole window was acknowledged. */
function windows(of: Reno | Cubic, trips: number): number[] {
  return Array.from({ length: trips }, (_, i) => {
    of.grow(of.window, i * TRIP, TRIP);
    return of.window / MSS;
  });
}

Deno.test("CUBIC grows fast, flat about the window of the last loss, and fast again", () => {
  const cubic = new Cubic(MSS, 100);
  cubic.lose();
  assertEquals(cubic.window, 70 * MSS); // beta, RFC 9438 section 4.6
  const found = windows(cubic, 60);
  const steps = found.slice(1).map((window, i) => window - found[i]!);
  // K = cbrt(30 / 0.4) = 4.2 s: 42 round trips to 100 segments.
  const top = found.findIndex((window) => window >= 100);
  assert(top > 30 && top < 50, `${top}`);
  assert(steps[2]! > 3 * steps[38]! && steps[57]! > 2 * steps[42]!, steps.join(" "));
  assert(found.every((window, i) => i === 0 || window >= found[i - 1]!));
});

Deno.test("CUBIC gives way when the window shrinks, and grows no slower than Reno", () => {
  const cubic = new Cubic(MSS, 100);
  cubic.lose();
  cubic.lose();
  assertEquals(Math.round(cubic.window / MSS), 49);
  const [small, reno] = [new Cubic(MSS, 10), new Reno(MSS, 10)];
  small.lose();
  reno.lose(10 * MSS);
  // At small windows and short round trips the part that is friendly to Reno leads.
  const growth = windows(small, 20).at(-1)! - 7;
  assert(growth >= 20 * 3 * 0.3 / 1.7 - 1, `${growth}`);
  assertEquals(windows(reno, 20).at(-1), 25);
});

Deno.test("a lossy transfer by CUBIC arrives whole, and differs from Reno's", () => {
  const bytes = new Uint8Array(400_000).map((_, i) => i * 7);
  const packetsOf = (congestion: "reno" | "cubic") => {
    const received: number[] = [];
    let packets = 0;
    const tracker = new TcpTracker({
      data: (_, side, all, start, end) => {
        if (side === "client") received.push(...all.subarray(start, end));
      },
    }, { addressText: String });
    const net = new NetDecoder((segment) => tracker.push(segment), () => {});
    simulate([["client", bytes]], {
      seed: 3,
      path: { loss: 0.02, delay: 5e6 },
      tcp: { congestion },
    }, (packet) => {
      packets++;
      net.decode(packet);
    });
    tracker.end();
    assertEquals(Uint8Array.from(received), bytes);
    return packets;
  };
  assert(packetsOf("cubic") > 0 && packetsOf("cubic") !== packetsOf("reno"));
});
