import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";

const KEY = "iggyscope.detail";
const [LEAST, MOST] = [15, 80];

/** The lower part of the page, with a bar above it that changes its height. */
export function DetailPane({ children, onEscape }: {
  readonly children: ComponentChildren;
  readonly onEscape: () => void;
}) {
  const bar = useRef<HTMLDivElement>(null);
  const [percent, set] = useState(() => clamp(Number(localStorage.getItem(KEY) ?? 45)));
  const change = (to: number) => {
    set(clamp(to));
    localStorage.setItem(KEY, String(clamp(to)));
  };
  const onPointerMove = (event: PointerEvent) => {
    const view = bar.current?.parentElement;
    if (!bar.current?.hasPointerCapture(event.pointerId) || !view) return;
    const { bottom, height } = view.getBoundingClientRect();
    change((bottom - event.clientY) / height * 100);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowUp") change(percent + 5);
    else if (event.key === "ArrowDown") change(percent - 5);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <div
        class="split"
        role="separator"
        aria-orientation="horizontal"
        aria-label="Height of the details"
        aria-valuemin={LEAST}
        aria-valuemax={MOST}
        aria-valuenow={Math.round(percent)}
        tabIndex={0}
        ref={bar}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => bar.current?.setPointerCapture(event.pointerId)}
        onPointerMove={onPointerMove}
      />
      <div
        class="lower"
        style={{ height: `${percent}%` }}
        onKeyDown={(event) => event.key === "Escape" && onEscape()}
      >
        {children}
      </div>
    </>
  );
}

function clamp(percent: number): number {
  return Number.isFinite(percent) ? Math.max(LEAST, Math.min(MOST, percent)) : 45;
}
