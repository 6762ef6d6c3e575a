import type { CommandList, FindingList } from "../../api.ts";
import { useState } from "preact/hooks";
import { apiUrl } from "./client.ts";
import { amount, areaOf, count, visible } from "./format.ts";
import { type Navigate, type PageState, selection } from "./url_state.ts";
import { Failure, useLoad } from "./use_load.tsx";

const SEVERITIES = ["note", "warn", "error"] as const;
/** Findings listed of those that are counted. */
const LISTED = 500;

/** What {@link Check} shows and tells. */
export interface CheckProps {
  readonly capture: string;
  readonly state: PageState;
  readonly navigate: Navigate;
}

/** What `check` finds by strict decoding, by kind and one by one, and vectors for an SDK. */
export function Check({ capture, state, navigate }: CheckProps) {
  const [severity, setSeverity] = useState<string>("note");
  const [kind, choose] = useState<string | null>(null);
  const chosen = { ...selection(state), severity };
  const path = `captures/${capture}/check`;
  const { data, error } = useLoad<FindingList>(path, { ...chosen, limit: LISTED });
  if (error !== null) return <Failure error={error} />;
  if (data === null) return <div class="view" aria-busy="true" />;
  const items = data.items.filter(({ id }) => kind === null || id === kind);
  return (
    <div class="scroll pad check-view">
      <div class="toolbar">
        <p class="muted grow" role="status">
          {data.total === 0
            ? "Strict decoding finds nothing wrong here."
            : `${amount(data.total, "finding")} by strict decoding, as the command ` +
              "check tells them"}
        </p>
        <label>
          {"At least "}
          <select
            value={severity}
            onChange={({ currentTarget }) => setSeverity(currentTarget.value)}
          >
            {SEVERITIES.map((each) => <option key={each} value={each}>{each}</option>)}
          </select>
        </label>
        <a
          class="button"
          href={apiUrl(path, { ...chosen, limit: 1000 })}
          download={`${capture}-check.json`}
        >
          Save as JSON
        </a>
      </div>
      {data.kinds.length > 0 && (
        <div class="tiles" role="group" aria-label="Kinds of findings">
          {data.kinds.map(({ id, severity, count: found }) => (
            <button
              key={`${id} ${severity}`}
              type="button"
              class="tile"
              aria-pressed={kind === id}
              onClick={() => choose(kind === id ? null : id)}
            >
              <span class={`number ${lookOf(severity)}`}>{count(found)}</span>
              <span class="muted">{`${severity}: ${id}`}</span>
            </button>
          ))}
        </div>
      )}
      {items.length > 0 && (
        <div class="card wide">
          <table>
            <caption class="hidden">Findings</caption>
            <thead>
              <tr>
                <th scope="col">Finding</th>
                <th scope="col">Message</th>
                <th scope="col">Command</th>
                <th scope="col" class="right">Packet</th>
                <th scope="col" class="right">Byte</th>
                <th scope="col" class="right">Transaction</th>
              </tr>
            </thead>
            <tbody>
              {items.map((each, i) => (
                <tr key={i}>
                  <td class={lookOf(each.severity)}>{each.id}</td>
                  <td>{visible(each.message)}</td>
                  <td class={`command ${areaOf(each.command)}`}>
                    {visible(each.command ?? "–")}
                  </td>
                  <td class="right muted">{each.packet ?? ""}</td>
                  <td class="right muted">{each.offset ?? ""}</td>
                  <td class="right">
                    {each.transaction !== null && (
                      <button
                        type="button"
                        class="link"
                        onClick={() =>
                          navigate({
                            view: "transactions",
                            transaction: each.transaction,
                          })}
                      >
                        {`#${each.transaction}`}
                      </button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {data.total > data.items.length && (
        <p class="muted">{`The first ${count(data.items.length)} are listed.`}</p>
      )}
      <Vectors />
    </div>
  );
}

/** Payloads of a command, each with the fields they hold, for tests of an SDK. */
function Vectors() {
  const commands = useLoad<CommandList>("commands");
  const [name, setName] = useState("");
  const names = [...new Set((commands.data?.items ?? []).map(({ name }) => name))].sort();
  return (
    <section class="card vectors">
      <header>
        <h2>Vectors for tests of an SDK</h2>
      </header>
      <p class="muted">
        Payloads of a command in every form and release, each with the fields it holds,
        and malformed ones that must be refused.
      </p>
      <div class="toolbar">
        <label>
          {"Command "}
          <select
            value={name}
            onChange={({ currentTarget }) => setName(currentTarget.value)}
          >
            <option value="">choose…</option>
            {names.map((each) => <option key={each} value={each}>{each}</option>)}
          </select>
        </label>
        <a class="button" href={apiUrl("vectors")} download="vectors.tar.gz">
          Save all commands' vectors (vectors.tar.gz)
        </a>
        {name !== "" && (
          <a
            class="button"
            href={apiUrl(`commands/${name}/vectors`)}
            download={`${name}-vectors.json`}
          >
            {`Save ${name}-vectors.json`}
          </a>
        )}
      </div>
    </section>
  );
}

function lookOf(severity: string): string {
  return severity === "error" ? "bad" : severity === "warn" ? "odd" : "muted";
}
