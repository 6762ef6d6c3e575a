import { useEffect, useRef, useState } from "preact/hooks";
import { apiUrl } from "./client.ts";
import { type PageState, selection } from "./url_state.ts";

/** What {@link DownloadMenu} saves. */
export interface DownloadProps {
  readonly capture: string | null;
  readonly name: string;
  readonly state: PageState;
  /** Only then the server gives captures as they came, which hold passwords. */
  readonly showsSecrets: boolean;
}

/** What transactions are saved as. */
const FORMATS = [
  ["Records", "ndjson"],
  ["Table", "csv"],
  ["Columns (Parquet)", "parquet"],
  ["Columns (Arrow)", "arrow"],
] as const;

/** Saves what the filter lets through, in several formats. */
export function DownloadMenu({ capture, name, state, showsSecrets }: DownloadProps) {
  const [isOpen, setOpen] = useState(false);
  const menu = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    menu.current?.querySelector<HTMLElement>("[role=menuitem]")?.focus();
    const outside = ({ target }: Event) => {
      if (!menu.current?.parentElement?.contains(target as Node)) setOpen(false);
    };
    addEventListener("pointerdown", outside);
    return () => removeEventListener("pointerdown", outside);
  }, [isOpen]);

  const base = name.replace(/\.(pcapng|pcap|gz|zst|cap)$/g, "");
  const route = `captures/${capture}`;
  const chosen = selection(state);
  const isAll = Object.keys(chosen).length === 0;
  const items = [
    ...capture === null ? [] : [
      ...FORMATS.map(([what, format]) =>
        [
          what,
          `${base}.${format}`,
          apiUrl(`${route}/transactions`, { ...chosen, format }),
        ] as const
      ),
      [
        "Conversations",
        `${base}.pcapng`,
        apiUrl(`${route}/pcap`, chosen),
      ],
      [
        isAll ? "Anonymous capture" : "Anonymous conversations",
        `${base}-anonymous.pcapng`,
        apiUrl(`${route}/anonymized`, chosen),
      ],
    ] as const,
    ...capture === null || !showsSecrets
      ? []
      : [["Capture as it came", name, apiUrl(`${route}/file`)] as const],
    ["Wireshark dissector", "iggy.lua", apiUrl("export/lua")] as const,
  ];
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const all = [...menu.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? []];
    const at = all.findIndex((item) => item === document.activeElement);
    if (event.key === "ArrowDown") all[(at + 1) % all.length]?.focus();
    else if (event.key === "ArrowUp") all.at(at - 1)?.focus();
    else if (event.key === "Home") all[0]?.focus();
    else if (event.key === "End") all.at(-1)?.focus();
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="menu">
      <button
        ref={button}
        type="button"
        aria-haspopup="menu"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        Download
      </button>
      {isOpen && (
        <div role="menu" aria-label="Download" ref={menu} onKeyDown={onKeyDown}>
          {items.map(([what, file, url]) => (
            <a
              key={url}
              role="menuitem"
              href={url}
              download={file}
              onClick={close}
            >
              {what}
              <code class="muted">{file.split(".").slice(1).join(".") || file}</code>
            </a>
          ))}
        </div>
      )}
    </div>
  );
}
