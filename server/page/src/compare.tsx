import type { CaptureList, Comparison } from "../../api.ts";
import { useState } from "preact/hooks";
import { apiUrl } from "./client.ts";
import { amount, areaOf, count, visible } from "./format.ts";
import { type Navigate, type PageState, selection } from "./url_state.ts";
import { Failure, useLoad } from "./use_load.tsx";

/** What {@link Compare} shows and tells. */
export interface CompareProps {
  readonly capture: string;
  readonly state: PageState;
  readonly navigate: Navigate;
}

/** Another capture of the same work beside this one, field by field. */
export function Compare({ capture, state, navigate }: CompareProps) {
  const [other, setOther] = useState<string | null>(null);
  const captures = useLoad<CaptureList>("captures");
  const path = other === null ? null : `captures/${encodeURIComponent(capture)}/diff`;
  const { data, error, isLoading } = useLoad<Comparison>(path, {
    ...selection(state),
    with: other,
  });
  const others = (captures.data?.items ?? []).filter(({ id, state }) =>
    id !== capture && state === "ready"
  );
  return (
    <div class="scroll pad">
      <div class="toolbar">
        <label>
          {"Compare with "}
          <select
            value={other ?? ""}
            onChange={({ currentTarget }) => setOther(currentTarget.value || null)}
          >
            <option value="">another capture…</option>
            {others.map(({ id, name, transactions }) => (
              <option key={id} value={id}>
                {`${visible(name ?? id)} (${amount(transactions, "transaction")})`}
              </option>
            ))}
          </select>
        </label>
        <a
          class="link"
          href={apiUrl(`captures/${capture}/anonymized`)}
          download={`${capture}-anonymous.pcapng`}
        >
          Download this capture without names, payloads and addresses
        </a>
      </div>
      {others.length === 0 && captures.data !== null && (
        <p class="empty">
          There is no other capture: send a second one of the same work, such as another
          SDK's or another release's.
        </p>
      )}
      {(state.from !== null || state.to !== null) && (
        <p class="muted" role="status">
          Of this capture only the chosen time is compared, of the other all of it: it has
          a time of its own.
        </p>
      )}
      <Failure error={error ?? captures.error} />
      {other !== null && isLoading && <p role="status">Comparing…</p>}
      {other !== null && data !== null && (
        <Found found={data} other={other} capture={capture} navigate={navigate} />
      )}
    </div>
  );
}

function Found({ found, capture, other, navigate }: {
  readonly found: Comparison;
  readonly capture: string;
  readonly other: string;
  readonly navigate: Navigate;
}) {
  const { pairs, different, fields, only_a: onlyA, only_b: onlyB } = found;
  const show = (id: string, transaction: number) =>
    navigate({ capture: id, view: "transactions", filter: "", transaction });
  return (
    <>
      <p role="status">
        {`${amount(pairs, "pair")}, ${count(pairs - different)} alike, ` +
          `${count(different)} different`}
      </p>
      {fields.length > 0 && (
        <div class="card wide differences">
          <table>
            <caption class="hidden">Fields that differ</caption>
            <thead>
              <tr>
                <th scope="col">Command</th>
                <th scope="col">Field</th>
                <th scope="col">This capture</th>
                <th scope="col">The other</th>
                <th scope="col" class="right">Pairs</th>
              </tr>
            </thead>
            <tbody>
              {fields.map(({ command, path, a, b, count: pairs, transactions }) => (
                <tr key={`${command} ${path}`}>
                  <td class={`command ${areaOf(command)}`}>{visible(command)}</td>
                  <td>
                    <code>{path}</code>
                  </td>
                  {([[a, capture, 0], [b, other, 1]] as const).map((
                    [value, id, side],
                  ) => (
                    <td key={side} data-column={side === 0 ? "this" : "other"}>
                      <button
                        type="button"
                        class="link"
                        onClick={() => show(id, transactions[side])}
                      >
                        {value === null ? "absent" : visible(value)}
                      </button>
                    </td>
                  ))}
                  <td class="right">{count(pairs)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Alone name="Only in this capture" list={onlyA} />
      <Alone name="Only in the other" list={onlyB} />
    </>
  );
}

function Alone({ name, list }: {
  readonly name: string;
  readonly list: Comparison["only_a"];
}) {
  if (list.length === 0) return null;
  const counts = Map.groupBy(list, ({ command }) => command);
  const names = [...counts].map(([command, all]) =>
    all.length === 1 ? command : `${command} × ${all.length}`
  );
  return <p>{`${name}: ${names.map(visible).join(", ")}`}</p>;
}
