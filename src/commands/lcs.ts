// LCS: a longest common subsequence of two strings, by the classic table (Wagner and Fischer, 1974).
//
// Where several subsequences are equally long, clients see which one is chosen, so the way back through the table is fixed:
// from the end, take a common byte; else drop the last byte of the first string if that leaves strictly more in
// common than dropping that of the second one. The way back needs one bit of each cell ("drop of the first"), so two
// rows of lengths and a matrix of bits are all that is kept, a thirty-second of the table. The limit on
// memory is nevertheless the one that clients know, that of a table of 32-bit lengths.
import {
  LCS_LENGTH_AND_INDEXES,
  LCS_NOT_STRINGS,
  LCS_TOO_LARGE,
  NOT_AN_INTEGER,
  SYNTAX,
} from '../resp/errors.ts';
import { TYPE_STRING } from '../structs/entry.ts';
import type { Context } from './context.ts';
import { type CommandSpec, command, keyRange, READONLY } from './spec.ts';

const CELL_BYTES = 4;

interface Options {
  length: boolean;
  indexes: boolean;
  matchLength: boolean;
  matchLengthMin: number;
}

/** Where a run of equal bytes is: its first byte in either string. */
interface Match {
  a: number;
  b: number;
  length: number;
}

const LCS = command({
  name: 'lcs',
  group: 'string',
  since: '7.0.0',
  summary: 'Longest common subsequence of two strings, its length or where it matches',
  complexity: 'O(N*M) in the bytes of the two values',
  arity: -3,
  flags: READONLY,
  keys: [keyRange('RO ACCESS', 1, 1)],
  syntax: 'key1:key key2:key [LEN] [IDX] [MINMATCHLEN len:integer] [WITHMATCHLEN]',
  run: runLcs,
});

function runLcs(c: Context): void {
  const { config, keyspace, reply } = c;
  const first = c.lookup(1);
  const second = c.lookup(2);
  if (!isStringOrNone(c, first) || !isStringOrNone(c, second)) {
    reply.error(LCS_NOT_STRINGS);
    return;
  }
  const options = parseOptions(c);
  if (options === null) return;
  const a = first === 0 ? new Uint8Array(0) : keyspace.strings.view(first);
  const b = second === 0 ? new Uint8Array(0) : keyspace.strings.view(second);
  if ((a.length + 1) * (b.length + 1) * CELL_BYTES > config.number('proto-max-bulk-len')) {
    reply.error(LCS_TOO_LARGE);
    return;
  }
  const table = new Table(a, b, !options.length);
  if (options.length) reply.integer(table.length);
  else if (options.indexes) replyIndexes(c, table.matches(), table.length, options);
  else replySubsequence(c, a, table.matches(), table.length);
}

function isStringOrNone(c: Context, ref: number): boolean {
  return ref === 0 || c.keyspace.entries.type(ref) === TYPE_STRING;
}

/** Null after replying with an error. */
function parseOptions(c: Context): Options | null {
  const { args, reply } = c;
  const options: Options = { length: false, indexes: false, matchLength: false, matchLengthMin: 0 };
  for (let i = 3; i < args.count; i++) {
    if (args.is(i, 'len')) options.length = true;
    else if (args.is(i, 'idx')) options.indexes = true;
    else if (args.is(i, 'withmatchlen')) options.matchLength = true;
    else if (args.is(i, 'minmatchlen') && i + 1 < args.count) {
      const shortest = args.int64(++i);
      if (shortest === null) {
        reply.error(NOT_AN_INTEGER);
        return null;
      }
      options.matchLengthMin = Number(shortest);
    } else {
      reply.error(SYNTAX);
      return null;
    }
  }
  if (!options.length || !options.indexes) return options;
  reply.error(LCS_LENGTH_AND_INDEXES);
  return null;
}

class Table {
  /** Bytes in a longest common subsequence. */
  readonly length: number;
  readonly #a: Uint8Array;
  readonly #b: Uint8Array;
  /** One bit of each cell, a row for each byte of `a`; empty unless the way back is wanted. */
  readonly #drops: Uint8Array;
  readonly #rowBytes: number;

  constructor(a: Uint8Array, b: Uint8Array, wayBack: boolean) {
    this.#a = a;
    this.#b = b;
    this.#rowBytes = (b.length + 7) >>> 3;
    this.#drops = new Uint8Array(wayBack ? a.length * this.#rowBytes : 0);
    this.length = this.#compute(wayBack);
  }

  #compute(wayBack: boolean): number {
    const a = this.#a;
    const b = this.#b;
    const drops = this.#drops;
    // lengths[j + 1] belongs to the first j + 1 bytes of b: the previous row's to the right of j, this row's up to it.
    const lengths = new Int32Array(b.length + 1);
    for (let i = 0; i < a.length; i++) {
      const byte = a[i]!;
      const row = i * this.#rowBytes;
      let diagonal = 0;
      let left = 0;
      for (let j = 0; j < b.length; j++) {
        const above = lengths[j + 1]!;
        if (b[j] === byte) {
          left = diagonal + 1;
        } else if (above > left) {
          left = above;
          if (wayBack) drops[row + (j >>> 3)]! |= 1 << (j & 7);
        }
        diagonal = above;
        lengths[j + 1] = left;
      }
    }
    return lengths[b.length]!;
  }

  /** The runs of equal bytes of the subsequence, last one first. */
  matches(): Match[] {
    const found: Match[] = [];
    let i = this.#a.length;
    let j = this.#b.length;
    let run: Match | null = null;
    while (i > 0 && j > 0) {
      if (this.#a[i - 1] === this.#b[j - 1]) {
        i--;
        j--;
        if (run !== null && run.a === i + 1 && run.b === j + 1) {
          run.a = i;
          run.b = j;
          run.length++;
        } else {
          run = { a: i, b: j, length: 1 };
          found.push(run);
        }
      } else if (((this.#drops[(i - 1) * this.#rowBytes + ((j - 1) >>> 3)]! >>> ((j - 1) & 7)) & 1) === 1) {
        i--;
      } else {
        j--;
      }
    }
    return found;
  }
}

function replySubsequence(c: Context, a: Uint8Array, matches: readonly Match[], length: number): void {
  const result = new Uint8Array(length);
  let end = length;
  for (const match of matches) {
    end -= match.length;
    result.set(a.subarray(match.a, match.a + match.length), end);
  }
  c.reply.bulk(result, 0, length);
}

function replyIndexes(c: Context, matches: readonly Match[], length: number, options: Options): void {
  const { reply } = c;
  const shown = matches.filter((match) => match.length >= options.matchLengthMin);
  reply.map(2);
  reply.bulkText('matches');
  reply.array(shown.length);
  for (const match of shown) {
    reply.array(options.matchLength ? 3 : 2);
    replySpan(c, match.a, match.length);
    replySpan(c, match.b, match.length);
    if (options.matchLength) reply.integer(match.length);
  }
  reply.bulkText('len');
  reply.integer(length);
}

function replySpan(c: Context, first: number, length: number): void {
  c.reply.array(2);
  c.reply.integer(first);
  c.reply.integer(first + length - 1);
}

export const LCS_COMMANDS: readonly CommandSpec[] = [LCS];
