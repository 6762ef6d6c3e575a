import type { Completion } from "../../api.ts";
import { useEffect, useRef, useState } from "preact/hooks";
import { load } from "./client.ts";
import { filterHistory, rememberFilter } from "./filter_history.ts";
import { visible } from "./format.ts";

type Wrong = NonNullable<Completion["error"]>;

/** One line of the list under the box. */
interface Choice {
  readonly text: string;
  readonly doc: string;
  /** What the box holds once it is taken, and where the cursor stands. */
  readonly filter: string;
  readonly cursor: number;
}

/** What {@link FilterBox} shows and tells. */
export interface FilterProps {
  readonly filter: string;
  readonly onApply: (filter: string) => void;
}

/** Typing asks for completion after a rest of so many ms. */
const REST = 80;

/** The filter: completed while it is typed, wrong places underlined, used ones remembered. */
export function FilterBox({ filter, onApply }: FilterProps) {
  const input = useRef<HTMLInputElement>(null);
  const mirror = useRef<HTMLDivElement>(null);
  const [text, setText] = useState(filter);
  const [choices, setChoices] = useState<readonly Choice[]>([]);
  const [at, setAt] = useState(-1);
  const [isOpen, setOpen] = useState(false);
  const [found, setWrong] = useState<Wrong | null>(null);
  const [hasFocus, setFocus] = useState(false);
  // What may still become right as it is typed is not called wrong.
  const isTyped = hasFocus && text.trim() !== filter.trim();
  const wrong = found !== null && isTyped && isUnfinished(text, found, choices.length)
    ? null
    : found;
  const asked = useRef<AbortController>(null);
  useEffect(() => {
    setText(filter);
    if (filter !== "") complete(filter, filter.length, false, 0);
    else setWrong(null);
  }, [filter]);

  const complete = (value: string, cursor: number, open: boolean, rest = REST) => {
    asked.current?.abort();
    const { signal } = asked.current = new AbortController();
    setTimeout(async () => {
      if (signal.aborted) return;
      try {
        const found = await load<Completion>(
          "complete",
          { text: value, at: String(cursor) },
          signal,
        );
        setWrong(value.trim() === "" ? null : found.error);
        setChoices([...fromHistory(value), ...fromCompletion(value, found)]);
        setAt(-1);
        if (open) setOpen(true);
      } catch {
        // Typing goes on without help.
        if (!signal.aborted) setChoices(fromHistory(value));
      }
    }, rest);
  };
  const onInput = ({ currentTarget }: Event & { currentTarget: HTMLInputElement }) => {
    setText(currentTarget.value);
    setWrong(null);
    complete(
      currentTarget.value,
      currentTarget.selectionStart ?? currentTarget.value.length,
      true,
    );
  };
  const take = (choice: Choice) => {
    const box = input.current;
    if (box !== null) {
      // At once: the next key may come before the box is drawn anew.
      box.value = choice.filter;
      box.focus();
      box.setSelectionRange(choice.cursor, choice.cursor);
    }
    setText(choice.filter);
    setChoices([]);
    setAt(-1);
    complete(choice.filter, choice.cursor, true);
  };
  const apply = (value: string) => {
    asked.current?.abort();
    setOpen(false);
    setAt(-1);
    if (value.trim() !== "") rememberFilter(value.trim());
    complete(value, value.length, false, 0);
    onApply(value.trim());
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const chosen = choices[at];
    const shows = isOpen && choices.length > 0;
    // Who chooses has the list that shows: no later one may take its place.
    if (shows && /^Arrow(Down|Up)$/.test(event.key)) asked.current?.abort();
    if (event.key === "ArrowDown") {
      if (shows) setAt((at + 1) % choices.length);
      else complete(text, input.current?.selectionStart ?? text.length, true, 0);
    } else if (event.key === "ArrowUp" && shows) {
      setAt((at <= 0 ? choices.length : at) - 1);
    } else if (event.key === "Enter") {
      if (shows && chosen !== undefined) take(chosen);
      else apply(text);
    } else if (event.key === "Tab" && shows && !event.shiftKey && text !== "") {
      // The list may be that of what was typed a moment ago.
      take(chosen ?? choices.find((one) => one.filter.startsWith(text)) ?? choices[0]!);
    } else if (event.key === "Escape") {
      if (shows) setOpen(false);
      else input.current?.blur();
    } else return;
    event.preventDefault();
  };
  const sync = () => {
    if (mirror.current) mirror.current.scrollLeft = input.current?.scrollLeft ?? 0;
  };
  useEffect(sync);
  const shows = isOpen && choices.length > 0;
  return (
    <div class="filter">
      <div class={wrong === null ? "box" : "box wrong"}>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M2 3h12L9.5 8.5V13l-3-1.5v-3z" />
        </svg>
        <div class="text">
          <div class="mirror" aria-hidden="true" ref={mirror}>{marked(text, wrong)}</div>
          <input
            ref={input}
            id="filter"
            type="text"
            role="combobox"
            autocomplete="off"
            spellcheck={false}
            placeholder='Filter: iggy.command == "poll_messages" && iggy.response_time > 10ms'
            aria-label="Filter"
            aria-autocomplete="list"
            aria-expanded={shows}
            aria-controls="filter-choices"
            aria-activedescendant={shows && at >= 0 ? `choice-${at}` : undefined}
            aria-invalid={wrong !== null}
            aria-describedby="filter-error"
            value={text}
            onInput={onInput}
            onKeyDown={onKeyDown}
            onScroll={sync}
            onFocus={() => {
              setFocus(true);
              if (text === "") complete("", 0, true, 0);
            }}
            onBlur={() => {
              setFocus(false);
              setOpen(false);
            }}
          />
        </div>
        {text !== "" && (
          <button
            type="button"
            class="plain"
            aria-label="Clear filter"
            onClick={() => {
              setText("");
              apply("");
            }}
          >
            ✕
          </button>
        )}
        <kbd aria-hidden="true">/</kbd>
      </div>
      <p id="filter-error" class="error" role="status">
        {wrong !== null && !shows ? visible(wrong.message) : ""}
      </p>
      <ul id="filter-choices" role="listbox" aria-label="Completions" hidden={!shows}>
        {choices.map((choice, i) => (
          <li
            key={choice.text}
            id={`choice-${i}`}
            role="option"
            aria-selected={i === at}
            ref={(element) => {
              if (i === at) element?.scrollIntoView({ block: "nearest" });
            }}
            onMouseDown={(event) => {
              event.preventDefault();
              take(choice);
            }}
          >
            <code>{visible(choice.text)}</code>
            <span class="muted">{visible(choice.doc)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/**
 * Whether what is wrong may be mended by typing on: it is at the end, and there are ways to go
 * on, or a sign or a string has only begun.
 */
function isUnfinished(text: string, { offset, length }: Wrong, ways: number): boolean {
  if (offset + length < text.trimEnd().length) {
    // A string without its end may have anything in it.
    return /^["']/.test(text.slice(offset)) && !/^(["']).*\1/s.test(text.slice(offset));
  }
  return length === 0 || ways > 0 || /^["'=!<>|&]/.test(text.slice(offset));
}

/** The text with the wrong part in a span of its own, under the box's own text. */
function marked(text: string, wrong: Wrong | null) {
  if (wrong === null) return text;
  const from = Math.min(wrong.offset, text.length);
  const to = Math.min(from + Math.max(1, wrong.length), Math.max(text.length, from + 1));
  return (
    <>
      {text.slice(0, from)}
      <span class="mistake">{text.slice(from, to) || " "}</span>
      {text.slice(to)}
    </>
  );
}

function fromCompletion(text: string, { from, to, candidates }: Completion): Choice[] {
  return candidates.map((candidate) => ({
    ...candidate,
    filter: text.slice(0, from) + candidate.text + text.slice(to),
    cursor: from + candidate.text.length,
  }));
}

/** Filters used before, for an empty box. */
function fromHistory(text: string): Choice[] {
  return (text === "" ? filterHistory() : []).map((filter) => (
    { text: filter, doc: "used before", filter, cursor: filter.length }
  ));
}
