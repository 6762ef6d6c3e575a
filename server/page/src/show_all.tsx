import type { Navigate } from "./url_state.ts";

/** Takes the filter and the range of time away. */
export function ShowAll({ navigate }: { readonly navigate: Navigate }) {
  return (
    <button
      type="button"
      onClick={() => navigate({ filter: "", from: null, to: null })}
    >
      Show all
    </button>
  );
}
