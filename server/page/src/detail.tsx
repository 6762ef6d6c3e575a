import type { Issue, Node, PduDetail, TransactionDetail } from "../../api.ts";
import { useEffect, useMemo, useState } from "preact/hooks";
import { byteColors } from "./byte_colors.ts";
import { filterOf } from "./field_filter.ts";
import { FieldTree, lineAt, longLines, type TreeLine } from "./field_tree.tsx";
import {
  bytes,
  clock,
  conversationName,
  conversationOf,
  count,
  micros,
  visible,
} from "./format.ts";
import { type ByteRange, HexView } from "./hex_view.tsx";
import { meaningOf } from "./meaning.ts";
import { TimeSplit } from "./time_split.tsx";
import { Failure, useLoad } from "./use_load.tsx";

type Side = "request" | "response";

/** What {@link Detail} shows and tells. */
export interface DetailProps {
  /** The route that gives it. */
  readonly path: string;
  /** The transaction whose fields take the keyboard's focus once they are here. */
  readonly entered: number | null;
  /** They have taken it. */
  readonly onEntered: () => void;
  readonly onClose: () => void;
  /** Filters by what a field holds. */
  readonly onFilter: ((filter: string) => void) | null;
  readonly onConversation: ((conversation: number) => void) | null;
}

/** One transaction: its fields and its bytes side by side, linked both ways. */
export function Detail(props: DetailProps) {
  const loaded = useLoad<TransactionDetail>(props.path, { bytes: 65536 });
  if (loaded.error !== null) return <Failure error={loaded.error} />;
  if (loaded.data === null) return <div class="detail" aria-busy="true" />;
  return <Loaded {...props} detail={loaded.data} />;
}

function Loaded(
  { detail, entered, onEntered, onClose, onFilter, onConversation }: DetailProps & {
    readonly detail: TransactionDetail;
  },
) {
  const { record } = detail;
  const roots = useMemo(() => rootLines(detail), [detail]);
  const [selected, select] = useState<TreeLine | null>(null);
  const [hinted, hint] = useState<TreeLine | null>(null);
  const [closed, setClosed] = useState<ReadonlySet<string>>(() => longLines(roots));
  const [side, setSide] = useState<Side>("request");
  useEffect(() => {
    select(null);
    hint(null);
    setClosed(longLines(roots));
    setSide(detail.request === null ? "response" : "request");
  }, [detail]);

  const onSelect = (line: TreeLine) => {
    select(line);
    setSide(line.side);
  };
  const lineOf = (offset: number) => {
    const root = roots.find((line) => line.side === side);
    return root === undefined ? null : lineAt(root, offset);
  };
  const onByte = (offset: number) => {
    const line = lineOf(offset);
    if (line === null) return;
    const parents = line.id.split(".").map((_, i, parts) => parts.slice(0, i).join("."));
    setClosed(new Set([...closed].filter((id) => !parents.includes(id))));
    select(line);
  };
  const onToggle = (id: string, open: boolean) => {
    const next = new Set(closed);
    if (open) next.delete(id);
    else next.add(id);
    setClosed(next);
  };
  const pdu = detail[side];
  const colors = useMemo(() => ({
    request: byteColors(detail.request?.tree ?? [], detail.request?.length ?? 0),
    response: byteColors(detail.response?.tree ?? [], detail.response?.length ?? 0),
  }), [detail]);
  const node = selected?.side === side ? selected.node : null;
  const filter = selected === null || selected.isRoot ? null : filterOf(selected.node);
  return (
    <section class="detail" aria-label={`Transaction ${record.transaction}`}>
      <header>
        <h2>{visible(record.command ?? `code ${record.code}`)}</h2>
        <span class="muted">{`transaction ${count(record.transaction)}`}</span>
        <span class="muted ends-of">
          {`${visible(record.client)} → ${visible(record.server)}`}
        </span>
        <span>{micros(record.response_time_us)}</span>
        <span class="grow" />
        {onFilter !== null && filter !== null && (
          <button
            type="button"
            onClick={() => onFilter(filter)}
          >
            Filter by field
          </button>
        )}
        {onConversation !== null && (
          <button
            type="button"
            onClick={() => onConversation(conversationOf(record))}
          >
            {`Conversation ${conversationName(conversationOf(record))}`}
          </button>
        )}
        <button type="button" class="plain" aria-label="Close details" onClick={onClose}>
          ✕
        </button>
      </header>
      <TimeSplit split={detail.time_split} />
      <Issues issues={record.issues} />
      <div class="panes">
        <FieldTree
          roots={roots}
          selected={selected?.id ?? null}
          hinted={hinted?.id ?? null}
          closed={closed}
          colorOf={(each) =>
            colors.request.nodes.get(each) ?? colors.response.nodes.get(each) ?? 0}
          isEntered={entered === record.transaction}
          onEntered={onEntered}
          onSelect={onSelect}
          onHover={hint}
          onToggle={onToggle}
        />
        <div class="bytes-pane">
          <div class="choice" role="group" aria-label="Bytes of">
            {(["request", "response"] as const).map((each) => (
              <button
                key={each}
                type="button"
                aria-pressed={side === each}
                disabled={detail[each] === null}
                onClick={() => setSide(each)}
              >
                {each === "request" ? "Request" : "Response"}
                <span class="muted">{bytes(detail[each]?.length ?? 0)}</span>
              </button>
            ))}
            <span class="muted place" aria-live="polite">{placeOf(selected, side)}</span>
          </div>
          {pdu !== null && (
            <HexView
              label={`Bytes of the ${side}`}
              hex={pdu.hex}
              hidden={pdu.hidden}
              missing={pdu.length - pdu.hex.length / 2 - pdu.hidden}
              lit={rangeOf(node)}
              hinted={hinted?.side === side && !hinted.isRoot
                ? rangeOf(hinted.node)
                : null}
              colors={colors[side].bytes}
              onByte={onByte}
              onHover={(offset) => hint(offset === null ? null : lineOf(offset))}
            />
          )}
          {pdu !== null && node !== null && <Payload node={node} hex={pdu.hex} />}
        </div>
      </div>
    </section>
  );
}

/** What the bytes of the selected field are, where a reader can read them. */
function Payload({ node, hex }: { readonly node: Node; readonly hex: string }) {
  const meaning = useMemo(() => meaningOf(node, hex), [node, hex]);
  if (meaning === null) return null;
  return (
    <figure class="payload">
      <figcaption class="muted">{`${node.name} as ${meaning.kind}`}</figcaption>
      <pre tabIndex={0}>{meaning.text}</pre>
    </figure>
  );
}

function rangeOf(node: Node | null): ByteRange | null {
  if (node === null || node.length === 0) return null;
  return { start: node.offset, end: node.offset + node.length };
}

function Issues({ issues }: { readonly issues: readonly Issue[] }) {
  if (issues.length === 0) return null;
  return (
    <ul class="issues">
      {issues.slice(0, 20).map(({ severity, group, message, packet }, i) => (
        <li
          key={i}
          class={severity === "error" ? "bad" : severity === "warn" ? "odd" : "muted"}
        >
          <span class="strong">{severity}</span>
          {` ${group}: ${visible(message)}`}
          {packet !== null && <span class="muted">{` · packet ${packet}`}</span>}
        </li>
      ))}
    </ul>
  );
}

function rootLines({ record, request, response }: TransactionDetail): TreeLine[] {
  const root = (side: Side, pdu: PduDetail | null, time: string, text: string) =>
    pdu === null ? [] : [{
      id: side,
      side,
      level: 1,
      isRoot: true,
      node: {
        name: side === "request" ? "Request" : "Response",
        path: "",
        type: "group",
        wire: "",
        doc: "",
        text: `${clock(time)} · ${text}`,
        offset: 0,
        length: pdu.length,
        children: pdu.tree,
      },
    }];
  const status = record.response?.status_name ?? record.response?.status ?? "";
  return [
    ...root(
      "request",
      request,
      record.request?.time ?? "",
      `packet ${record.request?.packet}`,
    ),
    ...root(
      "response",
      response,
      record.response?.time ?? "",
      [`packet ${record.response?.packet}`, status].filter((part) => part !== "").join(
        " · ",
      ),
    ),
  ];
}

function placeOf(line: TreeLine | null, side: Side): string {
  if (line === null || line.side !== side || line.isRoot) return "";
  const { path, offset, length } = line.node;
  return length === 0
    ? `${path} follows from other fields`
    : `${path} [${offset}..${offset + length})`;
}
