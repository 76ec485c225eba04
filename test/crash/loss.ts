// What a loss of power leaves of a disk (test/support/simulated_disk.ts). What was synced is there. Of what was not, each file
// has, whatever the others have, one of: nothing, all, what came first up to some byte or sector, or any sectors at all with
// zeros in between. Names of a directory that were made, changed or removed since it was synced are so for all, for the first
// ones, or for any of these changes.
import { dirname } from 'node:path';
import type { Random } from '../../src/base/random.ts';
import { DIRECTORY, type DiskState, type JournalEntry } from '../support/simulated_disk.ts';

const SECTOR_BYTES = 512;

type Change = { readonly index: number; readonly isLost: boolean } & (
  | { readonly at: number; readonly bytes: Uint8Array }
  | { readonly cut: number }
);

interface StoredFile {
  stored: Uint8Array;
  /** What was done to it since it was synced. */
  pending: Change[];
}

type NameChange = Extract<JournalEntry, { kind: 'link' } | { kind: 'unlink' } | { kind: 'rename' }>;

export class Losses {
  readonly #journal: readonly JournalEntry[];
  readonly #files: StoredFile[] = [];
  /** Names that are durable, and for each directory the changes that are not yet, with their places in the journal. */
  readonly #names = new Map<string, number>();
  readonly #pendingNames = new Map<string, { index: number; change: NameChange }[]>();
  #at = 0;

  /** `state` is what the disk held, all of it durable, before the journal began. */
  constructor(state: DiskState, journal: readonly JournalEntry[]) {
    this.#journal = journal;
    for (const path of state.directories) this.#names.set(path, DIRECTORY);
    for (const [path, stored] of state.files)
      this.#names.set(path, this.#files.push({ stored, pending: [] }) - 1);
  }

  /** Goes on to the moment before entry `index` of the journal. */
  advance(index: number): void {
    for (; this.#at < index; this.#at++) this.#take(this.#journal[this.#at]!, this.#at);
  }

  #take(entry: JournalEntry, index: number): void {
    if (entry.kind === 'write') {
      this.#files[entry.file]!.pending.push({ index, isLost: false, at: entry.at, bytes: entry.bytes });
    } else if (entry.kind === 'cut') {
      this.#files[entry.file]!.pending.push({ index, isLost: false, cut: entry.bytes });
    } else if (entry.kind === 'sync') {
      this.#sync(this.#files[entry.file]!, entry.upTo, entry.isGood);
    } else if (entry.kind === 'syncDirectory') {
      this.#syncDirectory(entry.path, entry.upTo);
    } else {
      if (entry.kind === 'link' && entry.file !== DIRECTORY)
        this.#files[entry.file] = { stored: new Uint8Array(0), pending: [] };
      const directory = dirname(entry.kind === 'rename' ? entry.to : entry.path);
      const pending = this.#pendingNames.get(directory) ?? [];
      this.#pendingNames.set(directory, pending);
      pending.push({ index, change: entry });
    }
  }

  #sync(file: StoredFile, upTo: number, isGood: boolean): void {
    const isMeant = ({ index }: Change): boolean => index < upTo;
    if (!isGood) {
      file.pending = file.pending.map((change) => (isMeant(change) ? { ...change, isLost: true } : change));
      return;
    }
    const isStored = (change: Change): boolean => isMeant(change) && !change.isLost;
    file.stored = applied(file.stored, file.pending.filter(isStored));
    file.pending = file.pending.filter((change) => !isStored(change));
  }

  #syncDirectory(path: string, upTo: number): void {
    const pending = this.#pendingNames.get(path) ?? [];
    for (const { index, change } of pending) if (index < upTo) rename(this.#names, change);
    this.#pendingNames.set(
      path,
      pending.filter(({ index }) => index >= upTo),
    );
  }

  /** One of the states that a loss at this moment may leave. */
  draw(random: Random): DiskState {
    const names = new Map(this.#names);
    for (const pending of this.#pendingNames.values())
      for (const { change } of someNames(pending, random)) rename(names, change);
    const files = new Map<string, Uint8Array>();
    const directories = new Set<string>();
    const drawn = new Map<number, Uint8Array>();
    for (const [path, file] of names) {
      if (!isReachable(names, path)) continue;
      if (file === DIRECTORY) {
        directories.add(path);
        continue;
      }
      const bytes = drawn.get(file) ?? drawFile(this.#files[file]!, random);
      drawn.set(file, bytes);
      files.set(path, bytes);
    }
    return { files, directories };
  }
}

function isReachable(names: ReadonlyMap<string, number>, path: string): boolean {
  const directory = dirname(path);
  return directory === path || directory === '/' || names.get(directory) === DIRECTORY;
}

function rename(names: Map<string, number>, change: NameChange): void {
  if (change.kind === 'link') {
    names.set(change.path, change.file);
  } else if (change.kind === 'unlink') {
    names.delete(change.path);
  } else {
    names.delete(change.from);
    names.set(change.to, change.file);
  }
}

function someNames<T>(pending: readonly T[], random: Random): readonly T[] {
  const way = random.below(4);
  if (pending.length === 0 || way === 0) return [];
  if (way === 1) return pending;
  if (way === 2) return pending.slice(0, random.below(pending.length + 1));
  return pending.filter(() => random.below(2) === 0);
}

function drawFile({ stored, pending }: StoredFile, random: Random): Uint8Array {
  const way = random.below(5);
  if (pending.length === 0 || way === 0) return stored;
  if (way === 1) return applied(stored, pending);
  if (way === 2) return applied(stored, first(pending, random, 1));
  if (way === 3) return applied(stored, first(pending, random, SECTOR_BYTES));
  const some = scattered(pending, random);
  // The length may be stored without the bytes.
  return random.below(4) > 0
    ? applied(stored, some)
    : padded(applied(stored, some), applied(stored, pending).length);
}

/** For each sector, what was written to it first; and each cut or not. */
function scattered(pending: readonly Change[], random: Random): Change[] {
  const keep = 1 + random.below(9);
  const given = new Set<number>();
  return pending
    .flatMap((change) => ('cut' in change ? [change] : pieces(change)))
    .filter((change) => {
      if ('cut' in change) return random.below(2) === 0;
      const sector = Math.floor(change.at / SECTOR_BYTES);
      if (random.below(10) >= keep) given.add(sector);
      return !given.has(sector);
    });
}

function padded(bytes: Uint8Array, length: number): Uint8Array {
  const whole = new Uint8Array(Math.max(bytes.length, length));
  whole.set(bytes);
  return whole;
}

/** What came first, up to some byte or, with larger units, some place that is a multiple of those. */
function first(pending: readonly Change[], random: Random, unitBytes: number): Change[] {
  const count = random.below(pending.length);
  const torn = pending[count]!;
  const whole = pending.slice(0, count);
  if ('cut' in torn) return random.below(2) === 0 ? whole : [...whole, torn];
  const end = torn.at + random.below(torn.bytes.length + 1);
  const length = Math.max(0, end - (end % unitBytes) - torn.at);
  return [...whole, { ...torn, bytes: torn.bytes.subarray(0, length) }];
}

/** A write as several ones, none of which goes over the end of a sector. */
function pieces(change: Change & { at: number; bytes: Uint8Array }): Change[] {
  const found: Change[] = [];
  const { at, bytes } = change;
  for (let start = 0; start < bytes.length; ) {
    const end = Math.min(bytes.length, start + SECTOR_BYTES - ((at + start) % SECTOR_BYTES));
    found.push({ ...change, at: at + start, bytes: bytes.subarray(start, end) });
    start = end;
  }
  return found;
}

function applied(stored: Uint8Array, changes: readonly Change[]): Uint8Array {
  let length = stored.length;
  let most = length;
  for (const change of changes) {
    if (!('cut' in change)) most = Math.max(most, change.at + change.bytes.length);
  }
  const bytes = new Uint8Array(most);
  bytes.set(stored);
  for (const change of changes) {
    if ('cut' in change) {
      bytes.fill(0, change.cut);
      length = change.cut;
    } else {
      bytes.set(change.bytes, change.at);
      if (change.bytes.length > 0) length = Math.max(length, change.at + change.bytes.length);
    }
  }
  return bytes.subarray(0, length);
}
