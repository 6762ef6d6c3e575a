import type { CommandStats, Stats } from "../../api.ts";
import { areaOf, bytes, count, micros, visible } from "./format.ts";
import { bothFilters, type Navigate } from "./url_state.ts";

/** The filter that finds a command. */
export function commandFilter({ command, code }: CommandStats): string {
  return command === null ? `iggy.code == ${code ?? 0}` : `iggy.command == "${command}"`;
}

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
          {stats.commands.map((each) => (
            <tr key={`${each.command} ${each.code}`}>
              <td class={`command ${areaOf(each.command)}`}>
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
                  {visible(each.command ?? `unknown code ${each.code}`)}
                </button>
              </td>
              <td class="right">{count(each.count)}</td>
              <td class={each.errors > 0 ? "right bad" : "right muted"}>
                {count(each.errors)}
              </td>
              <td class={each.unanswered > 0 ? "right odd" : "right muted"}>
                {count(each.unanswered)}
              </td>
              <td class="right">{micros(each.response_time_us.p50)}</td>
              <td class="right">{micros(each.response_time_us.p90)}</td>
              <td class="right">{micros(each.response_time_us.p99)}</td>
              <td class="right">{micros(each.response_time_us.max)}</td>
              <td class="right muted">{bytes(each.request_bytes)}</td>
              <td class="right muted">{bytes(each.response_bytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
