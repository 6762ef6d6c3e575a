import type { ComponentChildren } from "preact";
import { count } from "./format.ts";
import { type View, VIEWS } from "./url_state.ts";

/** What {@link Tabs} shows and tells. */
export interface TabsProps {
  readonly view: View;
  readonly errors: number;
  readonly isReachable: (view: View) => boolean;
  readonly onChoose: (view: View) => void;
  /** What stands at the right. */
  readonly children: ComponentChildren;
}

/** The parts of the page; arrow keys go from one to the next. */
export function Tabs({ view, errors, isReachable, onChoose, children }: TabsProps) {
  const onKeyDown = (event: KeyboardEvent) => {
    const reachable = VIEWS.filter(isReachable);
    const at = reachable.indexOf(view);
    const to: Record<string, number> = {
      ArrowRight: (at + 1) % reachable.length,
      ArrowLeft: (at + reachable.length - 1) % reachable.length,
      Home: 0,
      End: reachable.length - 1,
    };
    const chosen = reachable[to[event.key] ?? -1];
    if (chosen === undefined) return;
    event.preventDefault();
    onChoose(chosen);
    document.querySelector<HTMLElement>(`#tab-${chosen}`)?.focus();
  };
  return (
    <nav class="tabs" aria-label="Parts of the page">
      <div role="tablist" aria-label="Views" onKeyDown={onKeyDown}>
        {VIEWS.map((each) => (
          <button
            key={each}
            id={`tab-${each}`}
            type="button"
            role="tab"
            aria-selected={each === view}
            aria-controls="panel"
            tabIndex={each === view ? 0 : -1}
            ref={(element) => {
              // Where they do not all fit, the chosen one is to be seen.
              if (each === view) element?.scrollIntoView({ inline: "nearest" });
            }}
            disabled={!isReachable(each)}
            onClick={() => onChoose(each)}
          >
            {each[0]!.toUpperCase() + each.slice(1)}
            {each === "errors" && errors > 0 && (
              <span class="badge">
                {count(errors)}
                <span class="hidden">error answers</span>
              </span>
            )}
          </button>
        ))}
      </div>
      <div class="status">{children}</div>
    </nav>
  );
}
