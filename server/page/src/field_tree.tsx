import type { Node } from "../../api.ts";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { visible } from "./format.ts";
import { useRows } from "./use_rows.ts";

const ROW_HEIGHT = 22;

/** A line of the tree. */
export interface TreeLine {
  /** Where it stands: indexes of children from the root. */
  readonly id: string;
  readonly side: "request" | "response";
  readonly level: number;
  readonly node: Node;
  readonly isRoot: boolean;
}

/** What {@link FieldTree} shows and tells. */
export interface TreeProps {
  /** The two PDUs, each a node of its own. */
  readonly roots: readonly TreeLine[];
  readonly selected: string | null;
  /** The line under the pointer, or whose bytes are. */
  readonly hinted: string | null;
  readonly closed: ReadonlySet<string>;
  /** The colour of a field's bytes, by number; 0 is none. */
  readonly colorOf: (node: Node) => number;
  /** Whether it is to take the keyboard's focus, and the word that it did. */
  readonly isEntered: boolean;
  readonly onEntered: () => void;
  readonly onSelect: (line: TreeLine) => void;
  readonly onHover: (line: TreeLine | null) => void;
  readonly onToggle: (id: string, open: boolean) => void;
}

/** The lines that show, those under closed ones left out. */
export function openLines(
  roots: readonly TreeLine[],
  closed: ReadonlySet<string>,
): TreeLine[] {
  const lines: TreeLine[] = [];
  const walk = (line: TreeLine) => {
    lines.push(line);
    if (!closed.has(line.id)) childLines(line).forEach(walk);
  };
  roots.forEach(walk);
  return lines;
}

/** Lines with so many others under them are closed at first, so that what follows is seen. */
const LONG = 30;

/** The header of a framing that has a long one. */
const HEADER = "iggy.vsr";

/** Ids of the lines that are closed at first. */
export function longLines(roots: readonly TreeLine[]): Set<string> {
  const found = new Set<string>();
  const walk = (line: TreeLine) => {
    const { path, children } = line.node;
    if (!line.isRoot && (children.length > LONG || path === HEADER)) found.add(line.id);
    childLines(line).forEach(walk);
  };
  roots.forEach(walk);
  return found;
}

/** The lines right under one. */
export function childLines({ id, side, level, node }: TreeLine): TreeLine[] {
  return node.children.map((child, i) => (
    { id: `${id}.${i}`, side, level: level + 1, node: child, isRoot: false }
  ));
}

/** The innermost line whose bytes hold the byte at `offset`. */
export function lineAt(root: TreeLine, offset: number): TreeLine {
  const inner = childLines(root).find(({ node }) =>
    offset >= node.offset && offset < node.offset + node.length
  );
  return inner === undefined ? root : lineAt(inner, offset);
}

/** The decoded fields, as a tree to walk with the arrow keys. */
export function FieldTree(props: TreeProps) {
  const { roots, selected, hinted, closed, colorOf, onSelect, onHover, onToggle } = props;
  const { isEntered, onEntered } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const lines = useMemo(() => openLines(roots, closed), [roots, closed]);
  const at = lines.findIndex(({ id }) => id === selected);
  const rows = useRows(scroller, lines.length, ROW_HEIGHT);
  const { first, end } = rows.window.range;
  useEffect(() => {
    if (at >= 0) rows.reveal(at);
  }, [at, roots]);
  useEffect(() => {
    if (!isEntered) return;
    scroller.current?.focus();
    onEntered();
  }, [isEntered]);

  const onKeyDown = (event: KeyboardEvent) => {
    const line = lines[at];
    const go = (index: number) => {
      const to = lines[Math.max(0, Math.min(index, lines.length - 1))];
      if (to !== undefined) onSelect(to);
    };
    const hasChildren = line !== undefined && line.node.children.length > 0;
    if (event.key === "ArrowDown") go(at + 1);
    else if (event.key === "ArrowUp") go(at - 1);
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(lines.length - 1);
    else if (event.key === "PageDown") go(at + rows.page);
    else if (event.key === "PageUp") go(at - rows.page);
    else if (event.key === "ArrowRight" && hasChildren) {
      if (closed.has(line.id)) onToggle(line.id, true);
      else go(at + 1);
    } else if (event.key === "ArrowLeft" && line !== undefined) {
      if (hasChildren && !closed.has(line.id)) onToggle(line.id, false);
      else go(lines.findIndex(({ id }) => id === line.id.replace(/\.\d+$/, "")));
    } else return;
    event.preventDefault();
  };
  const isShown = at >= first && at < end;
  return (
    <div
      class="tree"
      role="tree"
      aria-label="Fields"
      tabIndex={0}
      aria-activedescendant={isShown ? `field-${selected}` : undefined}
      ref={scroller}
      onScroll={rows.onScroll}
      onKeyDown={onKeyDown}
      onMouseLeave={() => onHover(null)}
    >
      <div role="presentation" style={{ height: `${rows.window.height}px` }} />
      {lines.slice(first, end).map((line, i) => (
        <Line
          key={line.id}
          line={line}
          top={rows.window.top(first + i)}
          color={colorOf(line.node)}
          isSelected={line.id === selected}
          isHinted={line.id === hinted}
          isOpen={!closed.has(line.id)}
          onSelect={onSelect}
          onHover={onHover}
          onToggle={onToggle}
        />
      ))}
    </div>
  );
}

interface LineProps {
  readonly line: TreeLine;
  readonly top: number;
  readonly color: number;
  readonly isSelected: boolean;
  readonly isHinted: boolean;
  readonly isOpen: boolean;
  readonly onSelect: (line: TreeLine) => void;
  readonly onHover: (line: TreeLine) => void;
  readonly onToggle: (id: string, open: boolean) => void;
}

function Line(props: LineProps) {
  const { line, top, color, isSelected, isHinted, isOpen } = props;
  const { onSelect, onHover, onToggle } = props;
  const { id, level, node, isRoot } = line;
  const hasChildren = node.children.length > 0;
  const toggle = (event: MouseEvent) => {
    event.stopPropagation();
    onToggle(id, !isOpen);
  };
  return (
    <div
      id={`field-${id}`}
      role="treeitem"
      aria-level={level}
      aria-expanded={hasChildren ? isOpen : undefined}
      aria-selected={isSelected}
      class={`field${isRoot ? " root" : ""}${isHinted ? " hinted" : ""}`}
      style={{ transform: `translateY(${top}px)`, paddingLeft: `${level * 14 - 6}px` }}
      title={isRoot ? undefined : `${node.path}\n${node.wire}\n${node.doc}`.trim()}
      onClick={() => onSelect(line)}
      onMouseEnter={() => onHover(line)}
    >
      <span class="twist" aria-hidden="true" onClick={hasChildren ? toggle : undefined}>
        {hasChildren ? (isOpen ? "▾" : "▸") : ""}
      </span>
      {color > 0 && <span class={`swatch of-${color}`} aria-hidden="true" />}
      <span class="name">
        {/^\d+$/.test(node.name) ? `[${node.name}]` : visible(node.name)}
      </span>
      <span class={node.secret ? "value muted" : "value"}>{visible(node.text)}</span>
    </div>
  );
}
