// The log of what access control refused, newest first: repetitions within a minute are counted in one entry.

/** Why something was refused. */
export type AclReason = 'auth' | 'command' | 'key' | 'channel';

export interface AclRefusal {
  readonly reason: AclReason;
  readonly context: 'toplevel' | 'multi' | 'lua';
  /** The command, key or channel; for a failed login, the command's name as it was sent. */
  readonly object: string;
  readonly username: string;
}

export interface AclEntry extends AclRefusal {
  readonly id: number;
  readonly createdMs: number;
  count: number;
  updatedMs: number;
  /** The line of CLIENT LIST of the client that was refused last. */
  client: string;
}

const SAME_ENTRY_MS = 60_000;
/** How many entries back a repetition is looked for. */
const COMPARED_ENTRIES = 10;

export class AclLog {
  #entries: AclEntry[] = [];
  #nextId = 0;

  get entries(): readonly AclEntry[] {
    return this.#entries;
  }

  add(refusal: AclRefusal, client: string, nowMs: number, entriesMax: number): void {
    const same = this.#entries.slice(0, COMPARED_ENTRIES).find((entry) => {
      return isSame(entry, refusal) && Math.abs(nowMs - entry.updatedMs) <= SAME_ENTRY_MS;
    });
    const entry = same ?? {
      ...refusal,
      id: this.#nextId++,
      createdMs: nowMs,
      count: 0,
      updatedMs: 0,
      client: '',
    };
    entry.count++;
    entry.updatedMs = nowMs;
    entry.client = client;
    this.#entries = [entry, ...this.#entries.filter((other) => other !== entry)].slice(0, entriesMax);
  }

  reset(): void {
    this.#entries = [];
  }
}

function isSame(a: AclRefusal, b: AclRefusal): boolean {
  return (
    a.reason === b.reason && a.context === b.context && a.object === b.object && a.username === b.username
  );
}
