import type { Conversation, ConversationPage } from "../../api.ts";
import { useContext, useEffect, useState } from "preact/hooks";
import { load } from "./client.ts";
import { conversationFilter } from "./counts.ts";
import { bytes, clock, conversationName, count, micros, visible } from "./format.ts";
import { LadderView } from "./ladder.tsx";
import { bothFilters, type Navigate, type PageState, selection } from "./url_state.ts";
import { Failure, Growth } from "./use_load.tsx";

const PAGE = 500;

/** What {@link Conversations} shows and tells. */
export interface ConversationsProps {
  readonly capture: string;
  readonly state: PageState;
  readonly navigate: Navigate;
}

/** All TCP connections, or the ladder of one. */
export function Conversations({ capture, state, navigate }: ConversationsProps) {
  if (state.conversation === null) {
    return <List capture={capture} chosen={selection(state)} navigate={navigate} />;
  }
  return (
    <LadderView
      key={state.conversation}
      path={`captures/${capture}/conversations/${state.conversation}`}
      onBack={() => navigate({ conversation: null })}
      onTransaction={(transaction) => navigate({ view: "transactions", transaction })}
      onFilter={() =>
        navigate({
          view: "transactions",
          filter: bothFilters(state.filter, conversationFilter(state.conversation ?? 0)),
          transaction: null,
        })}
    />
  );
}

function List({ capture, chosen, navigate }: {
  readonly capture: string;
  /** The filter and the range of time. */
  readonly chosen: Readonly<Record<string, string>>;
  readonly navigate: Navigate;
}) {
  const [isIggy, setIggy] = useState(true);
  const { items, next, more, error } = usePages(capture, isIggy, chosen);
  return (
    <div class="scroll pad">
      <div class="toolbar">
        <p class="muted grow" aria-live="polite">
          {`${count(items.length)}${next === null ? "" : "+"} conversation${
            items.length === 1 ? "" : "s"
          }`}
          {Object.keys(chosen).length > 0 &&
            " with a transaction that passes; their figures are those of all their traffic"}
        </p>
        <label class="check">
          <input
            type="checkbox"
            checked={!isIggy}
            onChange={() => setIggy(!isIggy)}
          />
          also those that are not Iggy’s
        </label>
      </div>
      <Failure error={error} />
      <div class="card wide">
        <table>
          <caption class="hidden">Conversations</caption>
          <thead>
            <tr>
              <th scope="col" class="right">No.</th>
              <th scope="col">Client → server</th>
              <th scope="col">User</th>
              <th scope="col">Protocol</th>
              <th scope="col">State</th>
              <th scope="col">Start</th>
              {["Duration", "Transactions", "Errors", "Bytes", "Again", "Lost", "RTT"]
                .map(
                  (name) => <th key={name} scope="col" class="right">{name}</th>,
                )}
            </tr>
          </thead>
          <tbody>
            {items.map((each) => (
              <ConversationRow
                key={each.conversation}
                each={each}
                onOpen={() => navigate({ conversation: each.conversation })}
              />
            ))}
          </tbody>
        </table>
      </div>
      {next !== null && <button type="button" onClick={more}>Show more</button>}
    </div>
  );
}

function ConversationRow({ each, onOpen }: {
  readonly each: Conversation;
  readonly onOpen: () => void;
}) {
  const { client_flow, server_flow } = each;
  const again = each.retransmitted;
  const lost = each.lost_bytes;
  return (
    <tr>
      <td class="right muted">{conversationName(each.conversation)}</td>
      <td>
        <button type="button" class="link mono" onClick={onOpen}>
          {`${visible(each.client)} → ${visible(each.server)}`}
        </button>
      </td>
      <td>{visible(each.user ?? "–")}</td>
      <td>{visible(protocolOf(each))}</td>
      <td>{each.state}</td>
      <td>{clock(each.start)}</td>
      <td class="right">{micros(each.duration_us)}</td>
      <td class="right">{count(each.transactions)}</td>
      <td class={each.errors > 0 ? "right bad" : "right muted"}>{count(each.errors)}</td>
      <td class="right">{bytes(client_flow.bytes + server_flow.bytes)}</td>
      <td class={again > 0 ? "right odd" : "right muted"}>{count(again)}</td>
      <td class={lost > 0 ? "right bad" : "right muted"}>{bytes(lost)}</td>
      <td class="right">{micros(each.handshake_rtt_us)}</td>
    </tr>
  );
}

/** What a conversation carries: Iggy in a framing, or what else was recognised. */
function protocolOf({ framing, release, protocol }: Conversation): string {
  return framing === null ? protocol ?? "not Iggy" : `${framing} ${release ?? ""}`;
}

function usePages(
  capture: string,
  iggy: boolean,
  chosen: Readonly<Record<string, string>>,
) {
  const grown = useContext(Growth);
  const [items, setItems] = useState<readonly Conversation[]>([]);
  const [next, setNext] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const fetchPage = async (cursor: string | null, before: readonly Conversation[]) => {
    try {
      const page = await load<ConversationPage>(
        `captures/${capture}/conversations`,
        { ...chosen, iggy, cursor, limit: PAGE },
      );
      setItems([...before, ...page.items]);
      setNext(page.next);
      setError(null);
    } catch (reason) {
      setError(reason);
    }
  };
  useEffect(() => {
    fetchPage(null, []);
  }, [capture, iggy, grown, JSON.stringify(chosen)]);
  return { items, next, error, more: () => fetchPage(next, items) };
}
