import { useEffect, useRef, useState } from "preact/hooks";
import { COLUMNS } from "./columns.tsx";

/** What {@link ColumnMenu} shows and tells. */
export interface ColumnMenuProps {
  /** Names of the columns that show. */
  readonly shown: readonly string[];
  /** Null lets the width decide again. */
  readonly onChoose: (names: readonly string[] | null) => void;
}

/** Chooses the columns of a table. */
export function ColumnMenu({ shown, onChoose }: ColumnMenuProps) {
  const [isOpen, setOpen] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    place.current?.querySelector("input")?.focus();
    const outside = ({ target }: Event) => {
      if (!place.current?.contains(target as Node)) setOpen(false);
    };
    addEventListener("pointerdown", outside);
    return () => removeEventListener("pointerdown", outside);
  }, [isOpen]);
  const toggle = (name: string) => {
    const isShown = shown.includes(name);
    const names = COLUMNS.map((column) => column.name)
      .filter((each) => each === name ? !isShown : shown.includes(each));
    if (names.length > 0) onChoose(names);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    setOpen(false);
    place.current?.querySelector("button")?.focus();
  };
  return (
    <div class="menu columns" ref={place} onKeyDown={onKeyDown}>
      <button
        type="button"
        aria-expanded={isOpen}
        aria-label="Choose columns"
        title="Choose columns"
        onClick={() => setOpen(!isOpen)}
      >
        ⋮
      </button>
      {isOpen && (
        <fieldset class="choices">
          <legend class="hidden">Columns</legend>
          {COLUMNS.map(({ name }) => (
            <label key={name} class="check">
              <input
                type="checkbox"
                checked={shown.includes(name)}
                onChange={() => toggle(name)}
              />
              {name}
            </label>
          ))}
          <button type="button" class="link" onClick={() => onChoose(null)}>
            As the width allows
          </button>
        </fieldset>
      )}
    </div>
  );
}
