import type { Capture, ServerInfo } from "../../api.ts";
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Captures, useUploads } from "./captures.tsx";
import { Charts } from "./charts.tsx";
import { TOKEN_EVENT } from "./client.ts";
import { Check } from "./check.tsx";
import { Compare } from "./compare.tsx";
import { Conversations } from "./conversations.tsx";
import { Help, TokenDialog } from "./dialogs.tsx";
import { Consumers } from "./consumers.tsx";
import { DownloadMenu } from "./download_menu.tsx";
import { Errors } from "./errors.tsx";
import { FilterBox } from "./filter_box.tsx";
import { FindingsPanel } from "./findings_panel.tsx";
import { amount, clockOf, count, isIncomplete, visible } from "./format.ts";
import { Live } from "./live.tsx";
import { Minimap } from "./minimap.tsx";
import { Tabs } from "./tabs.tsx";
import { applyTheme, nextTheme, storedTheme, type Theme } from "./theme.ts";
import { Topology } from "./topology.tsx";
import { type RowCount, Transactions } from "./transactions.tsx";
import { type Navigate, type PageState, VIEWS } from "./url_state.ts";
import { useDrop } from "./use_drop.ts";
import { useKeys } from "./use_keys.ts";
import { Growth, useLoad } from "./use_load.tsx";
import { useUrlState } from "./use_url_state.ts";

/** The whole page. */
export function App() {
  const [state, navigate] = useUrlState();
  const [theme, setTheme] = useState<Theme>(storedTheme);
  const [isHelp, setHelp] = useState(false);
  const [wantsToken, setWantsToken] = useState(false);
  const uploads = useUploads((capture) => {
    navigate({ capture: capture.id, view: "transactions", transaction: null });
  });
  const isDropping = useDrop(uploads.send);
  const server = useLoad<ServerInfo>("server");
  const [capture, growth] = useCapture(state.capture, uploads.version);
  useEffect(() => applyTheme(theme), [theme]);
  useEffect(() => {
    const ask = () => setWantsToken(true);
    addEventListener(TOKEN_EVENT, ask);
    return () => removeEventListener(TOKEN_EVENT, ask);
  }, []);
  const turn = () => setTheme(nextTheme(theme));
  useKeys({
    "?": () => setHelp(true),
    t: turn,
    "/": () => document.querySelector<HTMLInputElement>("#filter")?.focus(),
    ...Object.fromEntries(VIEWS.map((view, i) => [String((i + 1) % 10), () => {
      if (isReachable(view, state)) navigate({ view });
    }])),
  });
  const name = capture?.name ?? state.capture ?? "";
  return (
    <div class="app">
      <header class="bar">
        <h1 class="brand" aria-label="iggyscope">
          <svg viewBox="0 0 24 24" aria-hidden="true">
            <circle cx="10" cy="10" r="7" />
            <path d="m15 15 6 6M6 10h2l1.5-3 2 6 1.2-3H14" />
          </svg>
          <span>iggyscope</span>
        </h1>
        {state.capture !== null && (
          <span class="of" title={visible(name)}>{visible(name)}</span>
        )}
        <FilterBox
          filter={state.filter}
          onApply={(filter) => navigate({ filter, transaction: null })}
        />
        <DownloadMenu
          capture={state.capture}
          name={name}
          state={state}
          showsSecrets={server.data?.show_secrets ?? false}
        />
        <button
          type="button"
          class="plain"
          onClick={turn}
          aria-label={`Colours: ${theme}`}
        >
          {theme === "system" ? "◐" : theme === "light" ? "☀" : "☾"}
        </button>
        <button
          type="button"
          class="plain"
          onClick={() => setHelp(true)}
          aria-label="Keys"
        >
          ?
        </button>
      </header>
      <Growth.Provider value={growth}>
        <Frame state={state} navigate={navigate} capture={capture} server={server.data}>
          {state.view === "captures" && (
            <Captures uploads={uploads} current={state.capture} navigate={navigate} />
          )}
        </Frame>
      </Growth.Provider>
      {isDropping && <div class="dropping">Drop to send the capture</div>}
      {isHelp && <Help onClose={() => setHelp(false)} />}
      {wantsToken && <TokenDialog />}
    </div>
  );
}

/** The tabs, and the part of the page that the chosen one shows. */
function Frame({ state, navigate, capture, server, children }: {
  readonly state: PageState;
  readonly navigate: Navigate;
  readonly capture: Capture | null;
  readonly server: ServerInfo | null;
  readonly children: ComponentChildren;
}) {
  const [total, setTotal] = useState<RowCount | null>(null);
  const { view, from, to } = state;
  const props = { capture: state.capture ?? "", state, navigate };
  const all = capture?.transactions ?? null;
  const hasFilter = state.filter.trim() !== "" || from !== null || to !== null;
  const counted = view !== "transactions" || total === null
    ? ""
    : countedOf(total, hasFilter ? all : null);
  return (
    <>
      <Tabs
        view={view}
        errors={capture?.errors ?? 0}
        isReachable={(each) => isReachable(each, state)}
        onChoose={(each) => navigate({ view: each })}
      >
        {(from !== null || to !== null) && (
          <span class="chip">
            {`${from === null ? "…" : clockOf(from)} – ${
              to === null ? "…" : clockOf(to)
            }`}
            <button
              type="button"
              aria-label="Show the whole time"
              onClick={() => navigate({ from: null, to: null })}
            >
              ✕
            </button>
          </span>
        )}
        {capture !== null && isIncomplete(capture) && <span class="odd">coming in…</span>}
        {capture?.cut && <span class="odd" title={capture.issues[0]?.message}>cut</span>}
        <span role="status" aria-live="polite">{counted}</span>
      </Tabs>
      <main class="view">
        {state.capture !== null && view === "transactions" && (
          <FindingsPanel
            key={`${state.capture} ${capture?.state}`}
            capture={state.capture}
            navigate={navigate}
          />
        )}
        {state.capture !== null && hasTime(view) && (
          <Minimap key={state.capture} {...props} />
        )}
        <div
          id="panel"
          class="view"
          role="tabpanel"
          aria-labelledby={`tab-${view}`}
        >
          {children}
          {view === "live" && (
            <Live server={server} filter={state.filter} navigate={navigate} />
          )}
          {state.capture !== null && view === "transactions" && (
            <Transactions
              {...props}
              isGrowing={capture !== null && isIncomplete(capture)}
              onTotal={setTotal}
            />
          )}
          {state.capture !== null && view === "charts" && <Charts {...props} />}
          {state.capture !== null && view === "errors" && <Errors {...props} />}
          {state.capture !== null && view === "conversations" && (
            <Conversations {...props} />
          )}
          {state.capture !== null && view === "consumers" && <Consumers {...props} />}
          {state.capture !== null && view === "check" && <Check {...props} />}
          {state.capture !== null && view === "compare" && <Compare {...props} />}
          {state.capture !== null && view === "topology" && <Topology {...props} />}
        </div>
      </main>
    </>
  );
}

/** How many rows the table has, of all transactions where it leaves some out. */
function countedOf({ transactions, remarks }: RowCount, all: number | null): string {
  const text = all === null
    ? amount(transactions, "transaction")
    : `${count(transactions)} of ${amount(all, "transaction")}`;
  return remarks === 0 ? text : `${text}, ${amount(remarks, "remark")}`;
}

/** Whether a view shows transactions of a capture, and heeds a range of its time. */
function hasTime(view: PageState["view"]): boolean {
  return view !== "captures" && view !== "live";
}

function isReachable(view: PageState["view"], { capture }: PageState): boolean {
  return capture !== null || view === "captures" || view === "live";
}

/** The capture shown, asked for again while it comes in, and how often it has grown. */
function useCapture(id: string | null, version: number): [Capture | null, number] {
  const [times, again] = useState(0);
  const path = id === null ? null : `captures/${encodeURIComponent(id)}`;
  const { data } = useLoad<Capture>(path, {}, version + times);
  const isGrowing = data !== null && isIncomplete(data);
  useEffect(() => {
    if (!isGrowing) return;
    const timer = setInterval(() => again((before) => before + 1), 1000);
    return () => clearInterval(timer);
  }, [isGrowing]);
  // Views are asked for half as often; once more when it is complete.
  const growth = isGrowing ? Math.floor(times / 2) : -1;
  return [id === null || data?.id !== id ? null : data, growth];
}
