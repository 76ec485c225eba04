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
  #scheduled: NodeJS.Immediate | null = null;
  #stopped = false;

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
    this.#budgetMs = periodMs * SHARE;
    if (this.#scheduled === null) this.#work();
  }

  /** Runs all jobs until none has anything left (virtual time, shutdown). */
  finish(): void {
    for (const job of this.#jobs) while (job(Number.POSITIVE_INFINITY));
  }

  stop(): void {
    this.#stopped = true;
    if (this.#scheduled !== null) clearImmediate(this.#scheduled);
    this.#scheduled = null;
  }

  #work(): void {
    this.#scheduled = null;
    if (this.#stopped) return;
    const startMs = this.#nowMs();
    let more = false;
    for (const job of this.#jobs) more = job(SLICE_MS) || more;
    this.#budgetMs -= this.#nowMs() - startMs;
    this.#afterSlice();
    if (more && this.#budgetMs > 0) this.#scheduled = setImmediate(() => this.#work());
  }
}
