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
  /** Bytes there are beyond those of `hex`, and those that were never captured. */
  readonly hidden: number;
  readonly missing: number;
  readonly lit: ByteRange | null;
  /** The bytes of the field under the pointer. */
  readonly hinted: ByteRange | null;
  /** The colour of each byte's field, by number. */
  readonly colors: Uint8Array;
  readonly onByte: (offset: number) => void;
  /** The pointer is over a byte, or over none. */
  readonly onHover: (offset: number | null) => void;
}

/** A hex dump coloured by field; the selected one's bytes are lit, a click selects a byte's. */
export function HexView(props: HexProps) {
  const { label, hex, hidden, missing, lit, hinted, colors, onByte, onHover } = props;
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

  const byteAt = ({ target }: MouseEvent) => {
    const at = target instanceof HTMLElement ? target.dataset.at : undefined;
    return at === undefined ? null : Number(at);
  };
  const onClick = (event: MouseEvent) => {
    const at = byteAt(event);
    if (at !== null) onByte(at);
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
      onMouseOver={(event) => onHover(byteAt(event))}
      onMouseLeave={() => onHover(null)}
      onKeyDown={onKeyDown}
    >
      <div style={{ height: `${rows.window.height}px` }} />
      {shown.map((line) => (
        <Line
          key={line}
          at={line * WIDTH}
          hex={hex}
          lit={lit}
          hinted={hinted}
          colors={colors}
          top={rows.window.top(line)}
        />
      ))}
      {hidden + missing > 0 && end >= lines && (
        <p
          class="muted more"
          style={{ transform: `translateY(${rows.window.top(lines)}px)` }}
        >
          {[
            hidden > 0 ? `… ${hidden} more bytes` : "",
            missing > 0 ? `${missing} bytes were not captured` : "",
          ].filter((text) => text !== "").join(", ")}
        </p>
      )}
    </div>
  );
}

interface LineProps {
  readonly at: number;
  readonly hex: string;
  readonly lit: ByteRange | null;
  readonly hinted: ByteRange | null;
  readonly colors: Uint8Array;
  readonly top: number;
}

function Line({ at, hex, lit, hinted, colors, top }: LineProps) {
  const pairs = hex.slice(at * 2, (at + WIDTH) * 2).match(/../g) ?? [];
  const look = (i: number) => {
    const classes = [
      isWithin(lit, at + i) ? "lit" : `of-${colors[at + i] ?? 0}`,
      isWithin(hinted, at + i) ? "hinted" : "",
      i === WIDTH / 2 ? "half" : "",
    ];
    return classes.filter((name) => name !== "").join(" ");
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

function isWithin(range: ByteRange | null, at: number): boolean {
  return range !== null && at >= range.start && at < range.end;
}

function character(pair: string): string {
  const code = parseInt(pair, 16);
  if (pair === "**") return "*";
  return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : "·";
}
