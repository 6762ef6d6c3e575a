import type { Stats } from "../../api.ts";
import { errorKinds, errorTiles } from "./counts.ts";
import { areaOf, count, visible } from "./format.ts";
import { bothFilters, type Navigate, type PageState, selection } from "./url_state.ts";
import { Failure, useLoad } from "./use_load.tsx";

/** What {@link Errors} shows and tells. */
export interface ErrorsProps {
  readonly capture: string;
  readonly state: PageState;
  readonly navigate: Navigate;
}

/** What went wrong: statuses by command, requests without an answer, findings. */
export function Errors({ capture, state, navigate }: ErrorsProps) {
  const { data, error } = useLoad<Stats>(`captures/${capture}/stats`, selection(state));
  if (error !== null) return <Failure error={error} />;
  if (data === null) return <div class="view" aria-busy="true" />;
  const show = (part: string) =>
    navigate({
      view: "transactions",
      filter: bothFilters(state.filter, part),
      transaction: null,
    });
  const kinds = errorKinds(data);
  return (
    <div class="scroll pad errors">
      <div class="tiles">
        {errorTiles(data).map(({ name, count: value, look, filter }) => (
          <Tile
            key={name}
            name={name}
            value={value}
            look={look}
            onClick={() => show(filter)}
          />
        ))}
      </div>
      {kinds.length === 0
        ? <p class="empty">Every request that was answered was answered with ok.</p>
        : (
          <div class="card wide">
            <table>
              <caption class="hidden">Errors by command and status</caption>
              <thead>
                <tr>
                  <th scope="col">Command</th>
                  <th scope="col">Answer</th>
                  <th scope="col" class="right">Count</th>
                  <th scope="col">Share of the command</th>
                  <th scope="col">
                    <span class="hidden">Show</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {kinds.map((kind) => (
                  <tr key={kind.key}>
                    <td class={`command ${areaOf(kind.command)}`}>
                      {visible(kind.name)}
                    </td>
                    <td class={kind.look}>{visible(kind.answer)}</td>
                    <td class="right">{count(kind.count)}</td>
                    <td>
                      <meter
                        min={0}
                        max={1}
                        value={kind.share}
                        aria-label={`Share of ${kind.name}`}
                      />
                      <span class="muted">{` ${(kind.share * 100).toFixed(1)} %`}</span>
                    </td>
                    <td class="right">
                      <button
                        type="button"
                        class="link"
                        onClick={() => show(kind.filter)}
                      >
                        {`Show ${count(kind.count)}`}
                      </button>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
    </div>
  );
}

function Tile({ name, value, look, onClick }: {
  readonly name: string;
  readonly value: number;
  readonly look: string;
  readonly onClick: () => void;
}) {
  return (
    <button type="button" class="tile" disabled={value === 0} onClick={onClick}>
      <span class={value === 0 ? "number muted" : `number ${look}`}>{count(value)}</span>
      <span class="muted">{name}</span>
    </button>
  );
}
