import type { CaptureFindings } from "../../api.ts";
import { useState } from "preact/hooks";
import { amount, count, visible } from "./format.ts";
import type { Navigate } from "./url_state.ts";
import { useLoad } from "./use_load.tsx";

const NARROW = 640;

type Finding = CaptureFindings["items"][number];

/** What {@link FindingsPanel} shows and tells. */
export interface FindingsProps {
  readonly capture: string;
  readonly navigate: Navigate;
}

/** What is wrong in the capture, a line each, with links to the rows that show it. */
export function FindingsPanel({ capture, navigate }: FindingsProps) {
  const { data } = useLoad<CaptureFindings>(`captures/${capture}/findings`);
  // On a narrow page they would leave no room for the table.
  const [isOpen, setOpen] = useState(() => innerWidth > NARROW);
  const [explained, explain] = useState<number | null>(null);
  if (data === null || data.items.length === 0) return null;
  const open = (transaction: number) =>
    navigate({ transaction, filter: "", from: null, to: null });
  return (
    <section class="findings" aria-label="Findings">
      <button
        type="button"
        class="toggle"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        {`${isOpen ? "▾" : "▸"} ${amount(data.items.length, "finding")}`}
      </button>
      {isOpen && (
        <ul>
          {data.items.map((found, i) => (
            <Line
              key={i}
              found={found}
              isExplained={explained === i}
              onExplain={() => explain(explained === i ? null : i)}
              onOpen={open}
            />
          ))}
        </ul>
      )}
    </section>
  );
}

function Line({ found, isExplained, onExplain, onOpen }: {
  readonly found: Finding;
  readonly isExplained: boolean;
  readonly onExplain: () => void;
  readonly onOpen: (transaction: number) => void;
}) {
  const { severity, title, subject, message, meaning, advice, transactions } = found;
  const look = severity === "error" ? "bad" : severity === "warn" ? "odd" : "muted";
  return (
    <li>
      <span class={`strong ${look}`}>{severity}</span>
      <button
        type="button"
        class="link"
        aria-expanded={isExplained}
        onClick={onExplain}
      >
        {title}
      </button>
      <span>{visible(`${subject}: ${message}`)}</span>
      {transactions.map((number) => (
        <button
          key={number}
          type="button"
          class="link"
          onClick={() => onOpen(number)}
        >
          {`#${number}`}
        </button>
      ))}
      {found.count > transactions.length && (
        <span class="muted">{`of ${count(found.count)}`}</span>
      )}
      {isExplained && <p class="why muted">{`${meaning} ${advice}`}</p>}
    </li>
  );
}
