import { useEffect, useState } from "preact/hooks";
import { formatState, type Navigate, type PageState, parseState } from "./url_state.ts";

/** The state in the address of the page, and how to change it. */
export function useUrlState(): [PageState, Navigate] {
  const [state, set] = useState(() => parseState(location.hash));
  useEffect(() => {
    const read = () => set(parseState(location.hash));
    addEventListener("popstate", read);
    addEventListener("hashchange", read);
    return () => {
      removeEventListener("popstate", read);
      removeEventListener("hashchange", read);
    };
  }, []);
  const navigate: Navigate = (change, replace = false) => {
    const next = { ...parseState(location.hash), ...change };
    const address = formatState(next);
    if (address === location.hash) return;
    if (replace) history.replaceState(null, "", address);
    else history.pushState(null, "", address);
    set(next);
  };
  return [state, navigate];
}
