import type { Endpoints, Side } from "../../core/flow/mod.ts";
import type { ProxyRoute } from "./proxy.ts";

/** A moment, as a `Stamp` has it. */
export interface Moment {
  readonly seconds: number;
  readonly nanos: number;
}

/** What is told to the worker that passes connections on. */
export type ToProxy =
  | { readonly kind: "start"; readonly route: ProxyRoute; readonly connections: number }
  /** So many bytes of those shown were looked at. */
  | { readonly kind: "seen"; readonly bytes: number };

/** What that worker tells. */
export type FromProxy =
  | { readonly kind: "listening"; readonly port: number }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "open"; readonly endpoints: Endpoints; readonly moment: Moment }
  | {
    readonly kind: "data";
    readonly n: number;
    readonly side: Side;
    readonly bytes: Uint8Array<ArrayBuffer>;
    readonly moment: Moment;
  }
  /** Bytes that were passed on but not shown, because too many waited to be looked at. */
  | {
    readonly kind: "skipped";
    readonly n: number;
    readonly side: Side;
    readonly length: number;
    readonly moment: Moment;
  }
  | {
    readonly kind: "finish";
    readonly n: number;
    readonly side: Side;
    readonly moment: Moment;
  }
  | { readonly kind: "close"; readonly n: number }
  /** Something that whoever runs the proxy should know. */
  | { readonly kind: "notice"; readonly message: string };
