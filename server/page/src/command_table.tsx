import type { Stats } from "../../api.ts";
import { commandFilter, commandName } from "./counts.ts";
import { areaOf, bytes, count, micros, visible } from "./format.ts";
import { bothFilters, type Navigate } from "./url_state.ts";

/** What each command came to. */
export function CommandTable({ stats, filter, navigate }: {
  readonly stats: Stats;
  readonly filter: string;
  readonly navigate: Navigate;
}) {
  return (
    <section class="card wide">
      <table>
        <caption class="hidden">Commands</caption>
        <thead>
          <tr>
            <th scope="col">Command</th>
            {[
              "Count",
              "Errors",
              "Unanswered",
              "p50",
              "p90",
              "p99",
              "Longest",
              "Sent",
              "Received",
            ]
              .map((name) => <th key={name} scope="col" class="right">{name}</th>)}
          </tr>
        </thead>
        <tbody>
          {stats.groups.map((each) => (
            <tr key={each.key}>
              <td class={`command ${areaOf(each.key)}`}>
                <button
                  type="button"
                  class="link"
                  onClick={() =>
                    navigate({
                      view: "transactions",
                      filter: bothFilters(filter, commandFilter(each)),
                      transaction: null,
                    })}
                >
                  {visible(commandName(each))}
                </button>
              </td>
              <td class="right">{count(each.count)}</td>
              <td class={each.errors > 0 ? "right bad" : "right muted"}>
                {count(each.errors)}
              </td>
              <td class={each.unanswered > 0 ? "right odd" : "right muted"}>
                {count(each.unanswered)}
              </td>
              <td class="right">{micros(each.response_time_us?.p50 ?? null)}</td>
              <td class="right">{micros(each.response_time_us?.p90 ?? null)}</td>
              <td class="right">{micros(each.response_time_us?.p99 ?? null)}</td>
              <td class="right">{micros(each.response_time_us?.max ?? null)}</td>
              <td class="right muted">{bytes(each.request_bytes)}</td>
              <td class="right muted">{bytes(each.response_bytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
