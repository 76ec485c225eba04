// Things to do at a time to come, in the order of their times: a binary heap. Whoever owns the clock asks for `nextMs`
// and calls `runDue` when it has come.

export interface Deadline {
  /** Monotonic ms. */
  readonly atMs: number;
  readonly run: () => void;
  /** Its place in the heap; -1 once it ran or was cancelled. */
  place: number;
  /** Equal times run in the order in which they were set. */
  readonly order: number;
}

export class Deadlines {
  /** Called when the earliest deadline became an earlier one. */
  onEarlier: (() => void) | null = null;
  readonly #heap: Deadline[] = [];
  #orders = 0;

  get count(): number {
    return this.#heap.length;
  }

  /** When the earliest deadline is; Infinity if there is none. */
  get nextMs(): number {
    return this.#heap.length === 0 ? Number.POSITIVE_INFINITY : this.#heap[0]!.atMs;
  }

  /** Calls `run` once `runDue` is called at `atMs` or later. */
  set(atMs: number, run: () => void): Deadline {
    const deadline: Deadline = { atMs, run, place: this.#heap.length, order: this.#orders++ };
    this.#heap.push(deadline);
    this.#rise(deadline);
    if (deadline.place === 0) this.onEarlier?.();
    return deadline;
  }

  /** Takes a deadline back; nothing happens if it is past. */
  cancel(deadline: Deadline): void {
    const { place } = deadline;
    if (place < 0) return;
    deadline.place = -1;
    const last = this.#heap.pop()!;
    if (last === deadline) return;
    this.#put(last, place);
    this.#rise(last);
    this.#sink(last);
  }

  /** Runs everything due at `nowMs`, also what that sets for no later. */
  runDue(nowMs: number): void {
    while (this.nextMs <= nowMs) {
      const deadline = this.#heap[0]!;
      this.cancel(deadline);
      deadline.run();
    }
  }

  #rise(deadline: Deadline): void {
    while (deadline.place > 0) {
      const parent = this.#heap[(deadline.place - 1) >> 1]!;
      if (!isBefore(deadline, parent)) return;
      this.#exchange(deadline, parent);
    }
  }

  #sink(deadline: Deadline): void {
    for (;;) {
      const left = this.#heap[2 * deadline.place + 1];
      const right = this.#heap[2 * deadline.place + 2];
      if (left === undefined) return;
      const child = right !== undefined && isBefore(right, left) ? right : left;
      if (!isBefore(child, deadline)) return;
      this.#exchange(deadline, child);
    }
  }

  #exchange(a: Deadline, b: Deadline): void {
    const { place } = a;
    this.#put(a, b.place);
    this.#put(b, place);
  }

  #put(deadline: Deadline, place: number): void {
    this.#heap[place] = deadline;
    deadline.place = place;
  }
}

function isBefore(a: Deadline, b: Deadline): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
