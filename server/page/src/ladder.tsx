import type { Conversation, Ladder } from "../../api.ts";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { load } from "./client.ts";
import { ExchangeView } from "./exchange_view.tsx";
import {
  amount,
  bytes,
  clock,
  conversationName,
  count,
  micros,
  quicText,
  visible,
} from "./format.ts";
import { microsBetween, packetOf, type Rung, rungs, timeOf } from "./ladder_events.ts";
import { SequenceView } from "./sequence.tsx";
import { useRows } from "./use_rows.ts";
import { Failure } from "./use_load.tsx";

const ROW_HEIGHT = 34;
const PAGE = 1000;

/** What {@link LadderView} shows and tells. */
export interface LadderProps {
  readonly path: string;
  readonly onBack: () => void;
  readonly onTransaction: (transaction: number) => void;
  readonly onFilter: () => void;
}

/** The ways to show a conversation. */
type Form = "Exchanges" | "Packets" | "Bytes";

/** Of UDP, whose numbers are negative, there is no sequence of bytes. */
function formsOf(ladder: Ladder | null): readonly Form[] {
  const isTcp = ladder !== null && ladder.conversation.conversation >= 0;
  return ["Exchanges", "Packets", ...isTcp ? ["Bytes"] as const : []];
}

/** Who sent what when on one connection; lost and repeated segments are drawn. */
export function LadderView({ path, onBack, onTransaction, onFilter }: LadderProps) {
  const { ladder, error, more } = useLadder(path);
  const [every, setEvery] = useState(false);
  const [form, setForm] = useState<Form>("Exchanges");
  const all = useMemo(() => ladder === null ? [] : rungs(ladder, every), [ladder, every]);
  return (
    <div class="view">
      <div class="toolbar bordered">
        <button type="button" onClick={onBack}>← All conversations</button>
        {ladder !== null && <Facts conversation={ladder.conversation} />}
        <span class="grow" />
        {form === "Packets" && (
          <label class="check">
            <input type="checkbox" checked={every} onChange={() => setEvery(!every)} />
            every segment
          </label>
        )}
        <div class="buttons choice" role="group" aria-label="Show by">
          {formsOf(ladder).map((each) => (
            <button
              key={each}
              type="button"
              aria-pressed={form === each}
              onClick={() => setForm(each)}
            >
              {each}
            </button>
          ))}
        </div>
        <button type="button" onClick={onFilter}>Show in table</button>
      </div>
      <Failure error={error} />
      {ladder !== null && form !== "Bytes" && isEmpty(ladder, form) && (
        <div class="empty">
          <p>{visible(whyEmpty(ladder))}</p>
        </div>
      )}
      {ladder !== null && form === "Exchanges" && !isEmpty(ladder, form) && (
        <ExchangeView ladder={ladder} more={more} onTransaction={onTransaction} />
      )}
      {ladder !== null && form === "Packets" && !isEmpty(ladder, form) && (
        <Rungs ladder={ladder} all={all} more={more} onTransaction={onTransaction} />
      )}
      {form === "Bytes" && <SequenceView path={path} />}
    </div>
  );
}

/** Whether there is nothing to draw, as of a conversation that is sealed. */
function isEmpty({ pdus, segments, next }: Ladder, form: Form): boolean {
  const hasSegments = form === "Packets" && (segments?.length ?? 0) > 0;
  return pdus.length === 0 && !hasSegments && next === null;
}

function whyEmpty({ issues, conversation }: Ladder): string {
  return issues[0]?.message ?? conversation.protocol ??
    "No request or response of this conversation was read.";
}

function Facts({ conversation }: { readonly conversation: Conversation }) {
  const { framing, release, user, state, duration_us, transactions } = conversation;
  const facts = [
    [framing, release].filter(Boolean).join(" "),
    user,
    state,
    micros(duration_us),
    amount(transactions, "transaction"),
  ].filter((fact) => fact !== null && fact !== "");
  return (
    <>
      <h2>{`Conversation ${conversationName(conversation.conversation)}`}</h2>
      <span class="muted">{visible(facts.join(" · "))}</span>
    </>
  );
}

function Rungs({ ladder, all, more, onTransaction }: {
  readonly ladder: Ladder;
  readonly all: readonly Rung[];
  readonly more: () => void;
  readonly onTransaction: (transaction: number) => void;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useRows(scroller, all.length, ROW_HEIGHT);
  const { first, end } = rows.window.range;
  const { client, server } = ladder.conversation;
  useEffect(() => {
    if (end >= all.length - 20) more();
  }, [end, all.length]);
  return (
    <div class="ladder">
      <div class="ends">
        <span />
        <span class="mono">{visible(client)}</span>
        <span class="mono">{visible(server)}</span>
        <span />
      </div>
      <div
        class="rungs"
        role={all.length > 0 ? "list" : undefined}
        aria-label="What was sent"
        tabIndex={0}
        ref={scroller}
        onScroll={rows.onScroll}
      >
        <div role="presentation" style={{ height: `${rows.window.height}px` }} />
        {all.slice(first, end).map((rung, i) => (
          <RungRow
            key={first + i}
            rung={rung}
            before={all[first + i - 1]}
            top={rows.window.top(first + i)}
            onTransaction={onTransaction}
          />
        ))}
      </div>
    </div>
  );
}

function RungRow({ rung, before, top, onTransaction }: {
  readonly rung: Rung;
  readonly before: Rung | undefined;
  readonly top: number;
  readonly onTransaction: (transaction: number) => void;
}) {
  const time = timeOf(rung);
  const pause = before === undefined ? null : microsBetween(timeOf(before), time);
  const { text, look, detail } = describe(rung);
  const label = `${text}${detail === "" ? "" : `, ${detail}`}`;
  return (
    <div class="rung" role="listitem" style={{ transform: `translateY(${top}px)` }}>
      <span class="when">
        {clock(time)}
        <span class="muted">{pause === null ? "" : ` +${micros(pause)}`}</span>
      </span>
      <div class={`arrow ${rung.from} ${look}`}>
        {rung.kind === "pdu"
          ? (
            <button
              type="button"
              class="label"
              title={label}
              onClick={() => onTransaction(rung.pdu.transaction)}
            >
              <b>{text}</b>
              {` ${detail}`}
            </button>
          )
          : <span class="label" title={label}>{`${text} ${detail}`}</span>}
      </div>
      <span class="right muted packet">{count(packetOf(rung))}</span>
    </div>
  );
}

function describe(rung: Rung): { text: string; look: string; detail: string } {
  if (rung.kind === "pdu") {
    const { command, error, summary, length } = rung.pdu;
    return {
      text: visible(command ?? "unknown"),
      look: error ? "pdu bad" : "pdu",
      detail: [visible(summary), bytes(length), quicText(rung.pdu)]
        .filter((part) => part !== "").join(" · "),
    };
  }
  const { side, length, flags, retransmitted, out_of_order, lost } = rung.segment;
  const size = length > 0 ? bytes(length) : "";
  if (lost > 0) return { text: `${bytes(lost)} lost before`, look: "lost", detail: size };
  if (retransmitted) return { text: "retransmission", look: "again", detail: size };
  if (out_of_order) return { text: "out of order", look: "again", detail: size };
  const answers = side === "server" && flags.includes("SYN") ? ["ACK"] : [];
  const text = [...flags, ...answers].join(" ") || "segment";
  return { text, look: "plain", detail: size };
}

/** The pages of a ladder put together as they are asked for. */
function useLadder(path: string) {
  const [ladder, set] = useState<Ladder | null>(null);
  const [error, setError] = useState<unknown>(null);
  const isLoading = useRef(false);
  const fetchPage = async (before: Ladder | null) => {
    if (isLoading.current) return;
    isLoading.current = true;
    try {
      const page = await load<Ladder>(path, {
        segments: true,
        limit: PAGE,
        cursor: before?.next ?? null,
      });
      set(
        before === null ? page : {
          ...page,
          pdus: [...before.pdus, ...page.pdus],
          segments: [...before.segments ?? [], ...page.segments ?? []],
          issues: [...before.issues, ...page.issues],
        },
      );
    } catch (reason) {
      setError(reason);
    } finally {
      isLoading.current = false;
    }
  };
  useEffect(() => {
    fetchPage(null);
  }, [path]);
  const more = () => {
    if (ladder !== null && ladder.next !== null) fetchPage(ladder);
  };
  return { ladder, error, more };
}
