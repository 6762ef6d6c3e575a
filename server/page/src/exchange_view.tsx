import type { Ladder } from "../../api.ts";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { type Exchange, exchangesOf, scaleOf, SCALES } from "./exchanges.ts";
import { areaOf, clock, micros, quicText, visible } from "./format.ts";
import { Legend } from "./legend.tsx";
import { useRows } from "./use_rows.ts";

const ROW_HEIGHT = 30;
const LEGEND = [
  { mark: "think", name: "client thinks" },
  { mark: "latency", name: "waits for the answer" },
  { mark: "mark again", name: "sent again" },
  { mark: "mark lost", name: "lost" },
];

/** What {@link ExchangeView} shows and tells. */
export interface ExchangeProps {
  readonly ladder: Ladder;
  /** More of it is wanted. */
  readonly more: () => void;
  readonly onTransaction: (transaction: number) => void;
}

/**
 * Each request with its response as one line, all to one scale: how long the client thought,
 * how long the answer took, and what TCP did again meanwhile.
 */
export function ExchangeView({ ladder, more, onTransaction }: ExchangeProps) {
  const all = useMemo(() => exchangesOf(ladder), [ladder]);
  const [chosen, choose] = useState<number | null>(null);
  const scale = chosen ?? scaleOf(all);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useRows(scroller, all.length, ROW_HEIGHT);
  const { first, end } = rows.window.range;
  useEffect(() => {
    if (end >= all.length - 20) more();
  }, [end, all.length]);
  return (
    <div class="ladder exchanges">
      <div class="ends">
        <Legend items={LEGEND} />
        <label>
          {"Whole width: "}
          <select
            value={String(scale)}
            onChange={({ currentTarget }) => choose(Number(currentTarget.value))}
          >
            {SCALES.map((each) => (
              <option key={each} value={String(each)}>{micros(each)}</option>
            ))}
          </select>
        </label>
      </div>
      <div
        class="rungs"
        role={all.length > 0 ? "list" : undefined}
        aria-label="Exchanges"
        tabIndex={0}
        ref={scroller}
        onScroll={rows.onScroll}
      >
        <div role="presentation" style={{ height: `${rows.window.height}px` }} />
        {all.slice(first, end).map((exchange, i) => (
          <Line
            key={exchange.transaction}
            exchange={exchange}
            scale={scale}
            top={rows.window.top(first + i)}
            onOpen={() => onTransaction(exchange.transaction)}
          />
        ))}
      </div>
    </div>
  );
}

function Line({ exchange, scale, top, onOpen }: {
  readonly exchange: Exchange;
  readonly scale: number;
  readonly top: number;
  readonly onOpen: () => void;
}) {
  const { time, request, response, think, latency, marks } = exchange;
  const { command = null } = request ?? response ?? {};
  const part = (time: number) => Math.min(1, Math.max(0, time) / scale);
  const [before, wait] = [part(think ?? 0), part(latency ?? 0)];
  const left = Math.min(before, 1 - Math.min(wait, 0.5));
  const isCut = (think ?? 0) + (latency ?? 0) > scale;
  const look = response === null ? "none" : response.error ? "bad" : "good";
  const title = [
    quicText(request ?? response ?? {}),
    think === null ? "" : `after ${micros(think)}`,
    latency === null ? "no answer" : `took ${micros(latency)}`,
    ...marks.map(({ text }) => text),
  ].filter((text) => text !== "").join(", ");
  return (
    <div class="exchange" role="listitem" style={{ transform: `translateY(${top}px)` }}>
      <span class="when">{clock(time)}</span>
      <button type="button" class={`link command ${areaOf(command)}`} onClick={onOpen}>
        {visible(command ?? "unknown")}
      </button>
      <span class="lane" title={title}>
        <i class="think" style={{ width: `${left * 100}%` }} />
        <i
          class={`latency ${look}`}
          style={{
            left: `${left * 100}%`,
            width: `max(3px, ${Math.min(wait, 1 - left) * 100}%)`,
          }}
        />
        {marks.map(({ kind, at }, i) => (
          <i
            key={i}
            class={`mark ${kind}`}
            style={{ left: `${Math.min(0.995, left + part(at)) * 100}%` }}
          />
        ))}
        {isCut && <b class="cut" aria-hidden="true">»</b>}
        <span class="hidden">{title}</span>
      </span>
      <span class="right">{latency === null ? "–" : micros(latency)}</span>
      <span class={response?.error ? "answer bad" : "answer muted"}>
        {visible(response?.summary ?? "no answer")}
      </span>
    </div>
  );
}
