// Logs of commands: the last ones that took long, whose request was large, or whose reply was.

/** What stands around the words of a request of 64 words at most. */
const HEAD_BYTES_MAX = 1024;
/** Entries dropped from the front before the array is made shorter. */
const SLACK_MAX = 1024;

export interface LoggedCommand {
  readonly id: number;
  /** Unix time in seconds. */
  readonly time: number;
  /** Microseconds or bytes. */
  readonly value: number;
  readonly args: readonly string[];
  readonly address: string;
  readonly name: string;
}

/** What is noted of a command. */
export interface NotedCommand {
  readonly time: number;
  readonly value: number;
  /** Number of words, the first `most` bytes of each, with one character for each byte, and how many bytes it has. */
  readonly count: number;
  readonly argument: (i: number, most: number) => string;
  readonly length: (i: number) => number;
  readonly address: string;
  readonly name: string;
}

/** Words that are kept of a command, and characters of a word. */
export interface WordLimits {
  words: number;
  chars: number;
}

export class CommandLog {
  /** Microseconds or bytes from which a command is noted; negative: none is. */
  threshold: number;
  readonly #limits: WordLimits;
  /** Entries beyond it go when the next one comes. */
  maxLength = 128;
  /** Oldest first, from `#first` on. */
  #entries: LoggedCommand[] = [];
  #first = 0;
  #nextId = 0;

  constructor(threshold: number, limits: WordLimits = { words: 32, chars: 128 }) {
    this.threshold = threshold;
    this.#limits = limits;
  }

  get length(): number {
    return this.#entries.length - this.#first;
  }

  /** Whether a command of this value is to be noted. */
  takes(value: number): boolean {
    return this.threshold >= 0 && value >= this.threshold;
  }

  add(noted: NotedCommand): void {
    const { time, value, address, name } = noted;
    const args = this.#shown(noted);
    this.#entries.push({ id: this.#nextId++, time, value, args, address, name });
    this.#first = Math.max(this.#first, this.#entries.length - this.maxLength);
    if (this.#first < SLACK_MAX) return;
    this.#entries = this.#entries.slice(this.#first);
    this.#first = 0;
  }

  /** The newest entries, newest first. */
  newest(count: number): LoggedCommand[] {
    const from = Math.max(this.#first, this.#entries.length - count);
    return this.#entries.slice(from).reverse();
  }

  reset(): void {
    this.#entries = [];
    this.#first = 0;
  }

  /** The words, long ones and late ones cut, with what was cut away. */
  #shown({ count, argument, length }: NotedCommand): string[] {
    const { words, chars } = this.#limits;
    const shown = count > words ? words - 1 : count;
    const args: string[] = [];
    for (let i = 0; i < shown; i++) {
      // A whole word may be longer than a string can be.
      const text = argument(i, chars).slice(0, chars);
      const cut = text.length === chars ? length(i) - chars : 0;
      args.push(cut > 0 ? `${text}... (${cut} more bytes)` : text);
    }
    if (shown < count) args.push(`... (${count - shown} more arguments)`);
    return args;
  }
}

/** The logs of a server. Valkey calls them slow, large-request and large-reply. */
export class CommandLogs {
  readonly limits: WordLimits = { words: 32, chars: 128 };
  readonly slow = new CommandLog(10000, this.limits);
  readonly largeRequest = new CommandLog(1048576, this.limits);
  readonly largeReply = new CommandLog(1048576, this.limits);

  /**
   * No reply of fewer bytes is noted, nor a command whose words have fewer: a power of two, 0, or 2^32 if none is whatever its
   * size.
   */
  get bytesMin(): number {
    const request = this.largeRequest.threshold;
    const reply = this.largeReply.threshold;
    const least = Math.min(request < 0 ? 2 ** 32 : request - HEAD_BYTES_MAX, reply < 0 ? 2 ** 32 : reply);
    return least < 1 ? 0 : 2 ** Math.floor(Math.log2(least));
  }
}
