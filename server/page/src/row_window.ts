/** Browsers draw no element higher than some 17 million pixels; above this, rows are scaled. */
export const MAX_HEIGHT = 10_000_000;

/** How many rows to draw beyond those in view, on each side. */
const SPARE = 8;

/** The rows to draw, from `first` up to `end`. */
export interface RowRange {
  readonly first: number;
  readonly end: number;
}

/**
 * Which rows of one height show in a scroller. Where all rows are higher than a browser can
 * draw, small moves of the scroll bar still move by pixels, and long ones by proportion.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const rows = new RowWindow(20);
 * rows.resize(1_000_000, 400);
 * rows.scrolled(rows.height - 400);
 * assertEquals(rows.range.end, 1_000_000);
 * ```
 */
export class RowWindow {
  readonly rowHeight: number;
  #count = 0;
  #view = 0;
  /** The scroller's own `scrollTop`. */
  #scrollTop = 0;
  /** Pixels from the top of the first row to the top of the view. */
  #position = 0;

  constructor(rowHeight: number) {
    this.rowHeight = rowHeight;
  }

  /** Height of what is scrolled, in pixels. */
  get height(): number {
    return Math.min(this.#total, MAX_HEIGHT);
  }

  /** Rows that fit in the view as a whole; at least 1. */
  get page(): number {
    return Math.max(1, Math.floor(this.#view / this.rowHeight));
  }

  /** The rows to draw. */
  get range(): RowRange {
    const first = Math.floor(this.#position / this.rowHeight);
    const end = Math.ceil((this.#position + this.#view) / this.rowHeight);
    return {
      first: Math.max(0, first - SPARE),
      end: Math.min(this.#count, end + SPARE),
    };
  }

  /** Where a row is drawn, in pixels from the top of what is scrolled. */
  top(row: number): number {
    return row * this.rowHeight - this.#position + this.#scrollTop;
  }

  /** Tells of another number of rows or another height of the view. */
  resize(count: number, view: number): void {
    this.#count = count;
    this.#view = view;
    this.#position = Math.min(this.#position, this.#maxPosition);
    if (!this.#isScaled) this.#scrollTop = this.#position;
  }

  /** Tells where the scroller stands. */
  scrolled(scrollTop: number): void {
    const delta = scrollTop - this.#scrollTop;
    this.#scrollTop = scrollTop;
    const isJump = Math.abs(delta) > 2 * this.#view || scrollTop <= 0 ||
      scrollTop >= this.#maxScroll;
    if (!this.#isScaled) this.#position = scrollTop;
    else if (isJump) this.#position = scrollTop / this.#maxScroll * this.#maxPosition;
    else this.#position += delta;
    this.#position = Math.max(0, Math.min(this.#position, this.#maxPosition));
  }

  /** Brings a row into view, moving as little as needed; gives the `scrollTop` to set. */
  reveal(row: number): number {
    const top = row * this.rowHeight;
    const lowest = top + this.rowHeight - this.#view;
    this.#position = Math.max(lowest, Math.min(this.#position, top));
    return this.settle();
  }

  /** The `scrollTop` that fits the rows in view: to be set once scrolling rests. */
  settle(): number {
    this.#scrollTop = this.#isScaled
      ? Math.round(this.#position / this.#maxPosition * this.#maxScroll)
      : this.#position;
    return this.#scrollTop;
  }

  get #total(): number {
    return this.#count * this.rowHeight;
  }

  get #isScaled(): boolean {
    return this.#total > MAX_HEIGHT;
  }

  get #maxScroll(): number {
    return Math.max(1, this.height - this.#view);
  }

  get #maxPosition(): number {
    return Math.max(0, this.#total - this.#view);
  }
}
