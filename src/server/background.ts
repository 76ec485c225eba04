// Work that must not wait for ever and must not hold up commands: expiry, lazy freeing, shrinking, returning memory. Each
// job does a slice of at most a millisecond, then clients have their turn; all together take at most a quarter of the
// time.

/** A job: works for at most `budgetMs` and answers whether it has more to do at once. */
export type Job = (budgetMs: number) => boolean;

const SLICE_MS = 1;
const SHARE = 0.25;

export class Background {
  readonly #jobs: Job[] = [];
  readonly #nowMs: () => number;
  readonly #afterSlice: () => void;
  #budgetMs = 0;
  /** Time that slices have taken. */
  spentMs = 0;
  #scheduled: NodeJS.Immediate | null = null;
  #stopped = false;
  /** Jobs that somebody waits for, and their next turn. */
  readonly #urgent = new Set<Job>();
  #hurrying: NodeJS.Immediate | null = null;
  /** False until the first period: under virtual time nothing happens by itself. */
  #started = false;

  /** `afterSlice` is called when each job has had a slice: what they wrote to clients has to be sent. */
  constructor(nowMs: () => number, afterSlice: () => void) {
    this.#nowMs = nowMs;
    this.#afterSlice = afterSlice;
  }

  add(job: Job): void {
    this.#jobs.push(job);
  }

  /** Begins a period of `periodMs`: the jobs get their share of it, in slices. */
  beginPeriod(periodMs: number): void {
    this.#started = true;
    this.#budgetMs = periodMs * SHARE;
    if (this.#scheduled === null) this.#work();
  }

  /** Gives a job slice after slice until it answers false, however much time that takes: somebody waits for it. */
  hurry(job: Job): void {
    if (!this.#started || this.#stopped) return;
    this.#urgent.add(job);
    this.#hurrying ??= setImmediate(() => this.#hurry());
  }

  #hurry(): void {
    this.#hurrying = null;
    if (this.#stopped) return;
    const startMs = this.#nowMs();
    for (const job of this.#urgent) if (!job(SLICE_MS)) this.#urgent.delete(job);
    this.spentMs += this.#nowMs() - startMs;
    this.#afterSlice();
    if (this.#urgent.size > 0) this.#hurrying ??= setImmediate(() => this.#hurry());
  }

  /** Runs all jobs until none has anything left (virtual time, shutdown). */
  finish(): void {
    for (const job of this.#jobs) while (job(Number.POSITIVE_INFINITY));
  }

  stop(): void {
    this.#stopped = true;
    if (this.#scheduled !== null) clearImmediate(this.#scheduled);
    if (this.#hurrying !== null) clearImmediate(this.#hurrying);
    this.#scheduled = null;
    this.#hurrying = null;
  }

  #work(): void {
    this.#scheduled = null;
    if (this.#stopped) return;
    const startMs = this.#nowMs();
    let more = false;
    for (const job of this.#jobs) more = job(SLICE_MS) || more;
    const elapsedMs = this.#nowMs() - startMs;
    this.#budgetMs -= elapsedMs;
    this.spentMs += elapsedMs;
    this.#afterSlice();
    if (more && this.#budgetMs > 0) this.#scheduled = setImmediate(() => this.#work());
  }
}
