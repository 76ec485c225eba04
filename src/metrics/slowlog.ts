// The slow log: the last commands that took longer than a limit.

const ARGUMENTS_MAX = 32;
const ARGUMENT_CHARS_MAX = 128;

export interface SlowEntry {
  id: number;
  /** Unix time in seconds. */
  time: number;
  us: number;
  args: string[];
  address: string;
  name: string;
}

export class Slowlog {
  /** Newest first. */
  readonly entries: SlowEntry[] = [];
  /** Microseconds from which a command is slow; negative: none is. */
  thresholdUs = 10000;
  maxLength = 128;
  #nextId = 0;

  /** Notes a command; `argument` gives its words with one character for each byte. */
  add(
    time: number,
    us: number,
    count: number,
    argument: (i: number) => string,
    address: string,
    name: string,
  ): void {
    this.entries.unshift({
      id: this.#nextId++,
      time,
      us,
      args: shownArguments(count, argument),
      address,
      name,
    });
    this.trim();
  }

  trim(): void {
    if (this.entries.length > this.maxLength) this.entries.length = this.maxLength;
  }

  reset(): void {
    this.entries.length = 0;
  }
}

/** At most 32 words of at most 128 characters, the cut parts named. */
function shownArguments(count: number, argument: (i: number) => string): string[] {
  const args: string[] = [];
  const shown = count > ARGUMENTS_MAX ? ARGUMENTS_MAX - 1 : count;
  for (let i = 0; i < shown; i++) {
    const text = argument(i);
    const cut = text.length - ARGUMENT_CHARS_MAX;
    args.push(cut > 0 ? `${text.slice(0, ARGUMENT_CHARS_MAX)}... (${cut} more bytes)` : text);
  }
  if (shown < count) args.push(`... (${count - shown} more arguments)`);
  return args;
}
