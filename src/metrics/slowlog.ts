// The slow log: the last commands that took longer than a limit.

/** Entries dropped from the front before the array is made shorter. */
const SLACK_MAX = 1024;

export interface SlowEntry {
  readonly id: number;
  /** Unix time in seconds. */
  readonly time: number;
  readonly us: number;
  readonly args: readonly string[];
  readonly address: string;
  readonly name: string;
}

/** What is noted of a slow command. */
export interface SlowCommand {
  readonly time: number;
  readonly us: number;
  /** Number of words, and each of them with one character for each byte. */
  readonly count: number;
  readonly argument: (i: number) => string;
  readonly address: string;
  readonly name: string;
}

export class Slowlog {
  /** Microseconds from which a command is slow; negative: none is. */
  thresholdUs = 10000;
  /** Words that are kept of a command, and characters of a word. */
  wordsMax = 32;
  wordCharsMax = 128;
  /** Entries beyond it go when the next one comes. */
  maxLength = 128;
  /** Oldest first, from `#first` on. */
  #entries: SlowEntry[] = [];
  #first = 0;
  #nextId = 0;

  get length(): number {
    return this.#entries.length - this.#first;
  }

  /** Whether a command that took so long is slow. */
  isSlow(us: number): boolean {
    return this.thresholdUs >= 0 && us >= this.thresholdUs;
  }

  add({ time, us, count, argument, address, name }: SlowCommand): void {
    const args = this.#shown(count, argument);
    this.#entries.push({ id: this.#nextId++, time, us, args, address, name });
    this.#first = Math.max(this.#first, this.#entries.length - this.maxLength);
    if (this.#first < SLACK_MAX) return;
    this.#entries = this.#entries.slice(this.#first);
    this.#first = 0;
  }

  /** The newest entries, newest first. */
  newest(count: number): SlowEntry[] {
    const from = Math.max(this.#first, this.#entries.length - count);
    return this.#entries.slice(from).reverse();
  }

  reset(): void {
    this.#entries = [];
    this.#first = 0;
  }

  /** The words, long ones and late ones cut, with what was cut away. */
  #shown(count: number, argument: (i: number) => string): string[] {
    const shown = count > this.wordsMax ? this.wordsMax - 1 : count;
    const args: string[] = [];
    for (let i = 0; i < shown; i++) {
      const text = argument(i);
      const cut = text.length - this.wordCharsMax;
      args.push(cut > 0 ? `${text.slice(0, this.wordCharsMax)}... (${cut} more bytes)` : text);
    }
    if (shown < count) args.push(`... (${count - shown} more arguments)`);
    return args;
  }
}
