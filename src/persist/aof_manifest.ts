// The manifest of an append-only file: which files it consists of, in the order of loading.
//
//   file appendonly.aof.2.base.rdb seq 2 type b      at most one base: all data at some time
//   file appendonly.aof.1.incr.aof seq 1 type h      history: not needed any more, to be removed
//   file appendonly.aof.4.incr.aof seq 4 type i      increments: the commands since then, of growing numbers
//
// Words in any order, further pairs of words allowed, names quoted where need be; lines that begin with # are comments. This
// is the format of Redis 7.0.
import { quote, splitQuoted, trimLine } from '../base/quoted.ts';

export interface AofFile {
  /** A name in the directory of the append-only file, one character for each byte. */
  readonly name: string;
  readonly sequence: number;
}

/** What an append-only file consists of. Immutable: a change makes another one. */
export interface AofManifest {
  readonly base: AofFile | null;
  readonly increments: readonly AofFile[];
  readonly history: readonly AofFile[];
}

export const EMPTY_MANIFEST: AofManifest = { base: null, increments: [], history: [] };

/** A line, with its end, is shorter than this. */
const LINE_BYTES_MAX = 1024;
const WORDS_MIN = 6;
/** Names of printable characters without blanks and quotes stand as they are. */
const PLAIN = /^[!#-&(-[\]-~]+$/;

/** A manifest that cannot be understood. */
export class ManifestError extends Error {
  /** The line, from 1 on; 0 where it is none in particular. */
  readonly line: number;
  readonly text: string;

  constructor(reason: string, line: number, text: string) {
    super(reason);
    this.name = 'ManifestError';
    this.line = line;
    this.text = text;
  }

  /** What to tell whoever looks after the server. */
  get report(): string[] {
    const place =
      this.line > 0 ? [`Reading the manifest file, at line ${this.line}`, `>>> '${this.text}'`] : [];
    return ['*** FATAL AOF MANIFEST FILE ERROR ***', ...place, this.message];
  }
}

/** Reads a manifest. Throws ManifestError. */
export function parseManifest(bytes: Uint8Array): AofManifest {
  const text = Buffer.from(bytes).toString('latin1');
  if (text === '') throw new ManifestError('Found an empty AOF manifest', 0, '');
  let base: AofFile | null = null;
  const increments: AofFile[] = [];
  const history: AofFile[] = [];
  let number = 0;
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\n', at);
    const next = end < 0 ? text.length : end + 1;
    const raw = text.slice(at, next);
    at = next;
    number++;
    if (raw.startsWith('#')) continue;
    const refuse = (reason: string, line: string) => new ManifestError(reason, number, line);
    if (end < 0 || raw.length >= LINE_BYTES_MAX)
      throw new ManifestError('The AOF manifest file contains too long line', 0, '');
    const line = trimLine(raw);
    const { file, kind } = parseLine(line, refuse);
    if (kind === 'b') {
      if (base !== null) throw refuse('Found duplicate base file information', line);
      base = file;
    } else if (kind === 'h') {
      history.push(file);
    } else if (kind === 'i') {
      if (file.sequence <= (increments.at(-1)?.sequence ?? 0))
        throw refuse('Found a non-monotonic sequence number', line);
      increments.push(file);
    } else {
      throw refuse('Unknown AOF file type', line);
    }
  }
  return { base, increments, history };
}

function parseLine(
  line: string,
  refuse: (reason: string, line: string) => ManifestError,
): { file: AofFile; kind: string } {
  const words = splitQuoted(line);
  if (words === null || words.length < WORDS_MIN || words.length % 2 === 1)
    throw refuse('Invalid AOF manifest file format', line);
  let name = '';
  let sequence = 0;
  let kind = '';
  for (let i = 0; i < words.length; i += 2) {
    const value = words[i + 1]!;
    const key = words[i]!.toLowerCase();
    if (key === 'file') {
      if (/[/\\]/.test(value)) throw refuse("File can't be a path, just a filename", line);
      name = value;
    } else if (key === 'seq') {
      sequence = Number.parseInt(value, 10) || 0;
    } else if (key === 'type') {
      kind = value.slice(0, 1);
    }
  }
  if (name === '' || sequence === 0 || kind === '') throw refuse('Invalid AOF manifest file format', line);
  return { file: { name, sequence }, kind };
}

/** The text of a manifest. */
export function printManifest({ base, increments, history }: AofManifest): string {
  const lines: string[] = [];
  const add = ({ name, sequence }: AofFile, kind: string) =>
    lines.push(`file ${PLAIN.test(name) ? name : quote(name)} seq ${sequence} type ${kind}\n`);
  if (base !== null) add(base, 'b');
  for (const file of history) add(file, 'h');
  for (const file of increments) add(file, 'i');
  return lines.join('');
}

/** The base that follows, as an RDB file or as commands. */
export function nextBase(manifest: AofManifest, prefix: string, isRdb: boolean): AofFile {
  const sequence = (manifest.base?.sequence ?? 0) + 1;
  return { name: `${prefix}.${sequence}.base.${isRdb ? 'rdb' : 'aof'}`, sequence };
}

/** The increment that follows. `last` is the highest number used so far. */
export function nextIncrement(last: number, prefix: string): AofFile {
  const sequence = last + 1;
  return { name: `${prefix}.${sequence}.incr.aof`, sequence };
}

/** The highest number of an increment. */
export function lastIncrement(manifest: AofManifest): number {
  return manifest.increments.at(-1)?.sequence ?? 0;
}
