import { useEffect, useRef } from "preact/hooks";
import { useRows } from "./use_rows.ts";

const WIDTH = 16;
const ROW_HEIGHT = 20;

/** Bytes from `start` up to `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** What {@link HexView} shows and tells. */
export interface HexProps {
  readonly label: string;
  /** Two characters a byte; `**` hides one. */
  readonly hex: string;
  /** Bytes there are beyond those of `hex`. */
  readonly hidden: number;
  readonly lit: ByteRange | null;
  readonly onByte: (offset: number) => void;
}

/** A hex dump; the bytes of the selected field are lit, and a click on a byte selects its. */
export function HexView({ label, hex, hidden, lit, onByte }: HexProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const length = hex.length / 2;
  const lines = Math.ceil(length / WIDTH);
  const rows = useRows(scroller, lines, ROW_HEIGHT);
  const { first, end } = rows.window.range;
  useEffect(() => {
    if (lit === null || lit.end <= lit.start) return;
    rows.reveal(Math.floor((lit.end - 1) / WIDTH));
    rows.reveal(Math.floor(lit.start / WIDTH));
  }, [lit?.start, lit?.end, hex]);

  const onClick = ({ target }: MouseEvent) => {
    const at = target instanceof HTMLElement ? target.dataset.at : undefined;
    if (at !== undefined) onByte(Number(at));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = {
      ArrowLeft: -1,
      ArrowRight: (lit?.end ?? 0) - (lit?.start ?? 0),
      ArrowUp: -WIDTH,
      ArrowDown: WIDTH,
    };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    onByte(Math.max(0, Math.min(length - 1, (lit?.start ?? 0) + step)));
  };
  const shown = Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i);
  return (
    <div
      class="hex"
      role="group"
      aria-label={label}
      tabIndex={0}
      ref={scroller}
      onScroll={rows.onScroll}
      onClick={onClick}
      onKeyDown={onKeyDown}
    >
      <div style={{ height: `${rows.window.height}px` }} />
      {shown.map((line) => (
        <Line
          key={line}
          at={line * WIDTH}
          hex={hex}
          lit={lit}
          top={rows.window.top(line)}
        />
      ))}
      {hidden > 0 && end >= lines && (
        <p
          class="muted more"
          style={{ transform: `translateY(${rows.window.top(lines)}px)` }}
        >
          {`… ${hidden} more bytes`}
        </p>
      )}
    </div>
  );
}

interface LineProps {
  readonly at: number;
  readonly hex: string;
  readonly lit: ByteRange | null;
  readonly top: number;
}

function Line({ at, hex, lit, top }: LineProps) {
  const pairs = hex.slice(at * 2, (at + WIDTH) * 2).match(/../g) ?? [];
  const look = (i: number) => {
    const isLit = lit !== null && at + i >= lit.start && at + i < lit.end;
    return `${isLit ? "lit" : ""}${i === WIDTH / 2 ? " half" : ""}`;
  };
  return (
    <div class="line" style={{ transform: `translateY(${top}px)` }}>
      <span class="offset">{at.toString(16).padStart(6, "0")}</span>
      <span class="bytes">
        {pairs.map((pair, i) => (
          <span key={i} class={look(i)} data-at={at + i}>{pair}</span>
        ))}
      </span>
      <span class="ascii">
        {pairs.map((pair, i) => (
          <span key={i} class={look(i)} data-at={at + i}>{character(pair)}</span>
        ))}
      </span>
    </div>
  );
}

function character(pair: string): string {
  const code = parseInt(pair, 16);
  if (pair === "**") return "*";
  return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : "·";
}
