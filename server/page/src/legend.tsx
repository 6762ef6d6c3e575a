/** What one mark of a drawing stands for. */
export interface LegendItem {
  /** Classes of the mark; none where only a name and its value stand. */
  readonly mark?: string;
  readonly name: string;
  readonly value?: string | undefined;
}

/** What the marks of a drawing stand for, with a value each where there is one. */
export function Legend({ items }: { readonly items: readonly LegendItem[] }) {
  return (
    <span class="legend">
      {items.map(({ mark, name, value }) => (
        <span key={name}>
          {mark !== undefined && <i class={mark} />}
          {value === undefined ? name : (
            <>
              {name} <b>{value}</b>
            </>
          )}
        </span>
      ))}
    </span>
  );
}
