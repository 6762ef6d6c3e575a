import type { Capture, Problem } from "../api.ts";

/** What is told to a worker that dissects uploads. */
export type ToIngest =
  | { readonly kind: "load"; readonly plugins: readonly string[] }
  | { readonly kind: "start"; readonly folder: string; readonly capture: Capture }
  | { readonly kind: "keys"; readonly bytes: Uint8Array; readonly ended: boolean }
  | { readonly kind: "grown"; readonly size: number; readonly ended: boolean }
  | { readonly kind: "cancel" };

/** What an upload comes to on its way. */
export interface Progress {
  readonly capture: Capture;
  /** Transactions that can be read from the index. */
  readonly count: number;
  /** Bytes written since the last time. */
  readonly bytes: number;
}

/** What such a worker tells. */
export type FromIngest =
  | ({ readonly kind: "progress" } & Progress)
  | ({ readonly kind: "done" } & Progress)
  | {
    readonly kind: "failed";
    readonly status: number;
    readonly detail: string;
    readonly more: Partial<Problem>;
    readonly headers: Readonly<Record<string, string>>;
    /** A fault of the program rather than of the upload. */
    readonly internal: boolean;
  };
