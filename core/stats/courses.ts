/** Moments that a course has at most. */
export const MAX_MOMENTS = 120;
/** The shortest time between two of them, in ms. */
const FINEST = 1;

/** How an offset went over time: the last one in each stretch of it; null from where none is. */
export type Course = Map<number, bigint | null>;

/**
 * How offsets went over time, in memory that does not grow with it: all courses have the same
 * stretches, and where there would be too many, two become one.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const courses = new Courses();
 * const course = courses.begin();
 * courses.set(course, 10, 1n);
 * courses.set(course, 10.002, 5n);
 * assertEquals(courses.moments.length, 3);
 * assertEquals(courses.values(course), [1n, 1n, 5n]);
 * ```
 */
export class Courses {
  #interval = FINEST;
  /** Indexes of the first and last stretch. */
  #first: number | null = null;
  #last = 0;
  readonly #courses: Course[] = [];

  /** A course without values yet. */
  begin(): Course {
    const course: Course = new Map();
    this.#courses.push(course);
    return course;
  }

  /** An offset from a time on, in seconds since the epoch. */
  set(course: Course, time: number, offset: bigint | null): void {
    course.set(this.#at(time), offset);
  }

  /** Something happened at a time, whatever it was: courses go on until then. */
  reach(time: number): void {
    this.#at(time);
  }

  #at(time: number): number {
    for (;;) {
      const index = Math.floor(time * 1000 / this.#interval);
      const first = Math.min(this.#first ?? index, index);
      const last = Math.max(this.#first === null ? index : this.#last, index);
      if (last - first < MAX_MOMENTS) {
        [this.#first, this.#last] = [first, last];
        return index;
      }
      this.#widen();
    }
  }

  #widen(): void {
    this.#interval *= 2;
    this.#first = Math.floor(this.#first! / 2);
    this.#last = Math.floor(this.#last / 2);
    for (const course of this.#courses) {
      const old = [...course].sort(([a], [b]) => a - b);
      course.clear();
      for (const [index, offset] of old) course.set(Math.floor(index / 2), offset);
    }
  }

  /** The ends of the stretches, in ms since the epoch; none before anything happened. */
  get moments(): number[] {
    if (this.#first === null) return [];
    const first = this.#first;
    return Array.from(
      { length: this.#last - first + 1 },
      (_, i) => (first + i + 1) * this.#interval,
    );
  }

  /** A course's offset at each of {@link moments}; null before the first. */
  values(course: Course): (bigint | null)[] {
    if (this.#first === null) return [];
    const values: (bigint | null)[] = [];
    let offset: bigint | null = null;
    for (let index = this.#first; index <= this.#last; index++) {
      const set = course.get(index);
      if (set !== undefined) offset = set;
      values.push(offset);
    }
    return values;
  }
}
