import { useEffect } from "preact/hooks";

/** Keys that work anywhere but where one types. */
export function useKeys(keys: Readonly<Record<string, () => void>>): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) {
        return;
      }
      const { target } = event;
      const isTyping = target instanceof HTMLElement &&
        target.closest("input, textarea, dialog, [role=menu]") !== null;
      const act = keys[event.key];
      if (isTyping || act === undefined) return;
      event.preventDefault();
      act();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  });
}
