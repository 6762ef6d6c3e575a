import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import { load, type Parameters, RefusedError } from "./client.ts";

/** What a route gave. */
export interface Loaded<T> {
  readonly data: T | null;
  readonly error: unknown;
  readonly isLoading: boolean;
}

/** Counts up while the capture that is shown comes in: what is about it is asked for again. */
export const Growth = createContext(0);

/** Loads JSON from a route, again when path or parameters change; null loads nothing. */
export function useLoad<T>(
  path: string | null,
  parameters: Parameters = {},
  version = 0,
): Loaded<T> {
  const [loaded, set] = useState<Loaded<T>>({ data: null, error: null, isLoading: true });
  const key = JSON.stringify(parameters);
  const grown = useContext(Growth);
  const again = path?.startsWith("captures/") ? grown : 0;
  useEffect(() => {
    if (path === null) return;
    const abort = new AbortController();
    set((before) => ({ ...before, isLoading: true }));
    load<T>(path, parameters, abort.signal).then(
      (data) => set({ data, error: null, isLoading: false }),
      (error) => {
        if (!abort.signal.aborted) set({ data: null, error, isLoading: false });
      },
    );
    return () => abort.abort();
  }, [path, key, version, again]);
  return loaded;
}

/** Says why something could not be loaded. */
export function Failure({ error }: { readonly error: unknown }) {
  if (error === null) return null;
  return <p class="notice bad" role="alert">{messageOf(error)}</p>;
}

/** What went wrong, in words. */
export function messageOf(error: unknown): string {
  if (error instanceof RefusedError) {
    const { title, detail } = error.problem;
    return detail === undefined ? title : detail;
  }
  return error instanceof TypeError
    ? "The server does not answer."
    : error instanceof Error
    ? error.message
    : String(error);
}
