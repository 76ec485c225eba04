// Sets: intersections, unions and differences, returned, counted or stored.
import type { Ref } from '../arena/arena.ts';
import { EVENT_SET } from '../keyspace/keyspace.ts';
import { LIMIT_NEGATIVE, NUMKEYS_NOT_POSITIVE, SYNTAX, TOO_FEW_KEYS } from '../resp/errors.ts';
import { ENC_HASHTABLE, ENC_INTSET, ENC_LISTPACK, TYPE_SET } from '../structs/entry.ts';
import type { Context } from './context.ts';
import { replySet } from './set.ts';
import { type CommandSpec, command, DENYOOM, key, keyCount, keyRange, READONLY, WRITE } from './spec.ts';
import { deleteResult, storeResult } from './store_result.ts';
import { readTyped, WRONG } from './typed.ts';

const NO_KEY = new Uint8Array(0);
/** Members of a union of so few sets are looked up in the larger ones; of more sets a temporary one is made. */
const LOOKED_UP_MAX = 4;

const SINTER = command({
  name: 'sinter',
  group: 'set',
  since: '1.0.0',
  summary: 'Members that are in all sets',
  complexity: 'O(N*M) for N members of the smallest of M sets',
  arity: -2,
  flags: READONLY,
  keys: [keyRange('RO ACCESS', 1, -1)],
  tips: ['nondeterministic_output_order'],
  syntax: 'key+',
  run: (c) => {
    const refs = setsOr(c, 1, c.args.count);
    if (refs !== null) replyPart(c, toIntersect(c, refs), true);
  },
});

const SINTERCARD = command({
  name: 'sintercard',
  group: 'set',
  since: '7.0.0',
  summary: 'Number of members that are in all sets',
  complexity: 'O(N*M) for N members of the smallest of M sets',
  arity: -3,
  flags: READONLY,
  keys: [keyCount('RO ACCESS', 1)],
  syntax: 'numkeys:integer key+ [LIMIT limit:integer]',
  run: (c) => {
    const limit = countedKeysOr(c, false);
    const refs = limit === 0 ? null : setsOr(c, 2, 2 + c.args.int(1));
    if (refs === null) return;
    const sets = toIntersect(c, refs);
    c.reply.integer(sets.length === 0 ? 0 : c.keyspace.setAlgebra.count(sets, true, limit));
  },
});

const SINTERSTORE = command({
  name: 'sinterstore',
  group: 'set',
  since: '1.0.0',
  summary: 'Stores the members that are in all sets',
  complexity: 'O(N*M) for N members of the smallest of M sets',
  arity: -3,
  flags: WRITE | DENYOOM,
  keys: [key('RW UPDATE', 1), keyRange('RO ACCESS', 2, -1)],
  syntax: 'destination:key key+',
  run: runSinterstore,
});

function runSinterstore(c: Context): void {
  const refs = setsOr(c, 2, c.args.count);
  if (refs === null) return;
  const { entries, setAlgebra, sets } = c.keyspace;
  const sources = toIntersect(c, refs);
  if (sources.length === 0) {
    deleteResult(c, 1);
    return;
  }
  const encoding = entries.encoding(sources[0]!) === ENC_INTSET ? ENC_INTSET : ENC_LISTPACK;
  storeSet(c, 'sinterstore', encoding, (into) => {
    setAlgebra.store(sources, true, into);
    sets.compactIntegers(into);
  });
}

const SUNION = command({
  name: 'sunion',
  group: 'set',
  since: '1.0.0',
  summary: 'Members that are in any of the sets',
  complexity: 'O(N) in the members of all sets',
  arity: -2,
  flags: READONLY,
  keys: [keyRange('RO ACCESS', 1, -1)],
  tips: ['nondeterministic_output_order'],
  syntax: 'key+',
  run: (c) => {
    const refs = setsOr(c, 1, c.args.count);
    if (refs === null) return;
    const { setAlgebra } = c.keyspace;
    const sources = toUnite(c, refs);
    if (sources.length < 2) {
      replySet(c, sources[0] ?? 0);
    } else if (sources.length <= LOOKED_UP_MAX && !areIntsets(c, sources)) {
      c.reply.set(setAlgebra.markUnion(sources));
      setAlgebra.emitMarked(sources, c.reply);
    } else {
      withTemporary(c, sources, (into) => {
        setAlgebra.unite(sources, into, Number.POSITIVE_INFINITY);
        replySet(c, into);
      });
    }
  },
});

const SUNIONCARD = command({
  name: 'sunioncard',
  group: 'set',
  since: '8.10.0',
  summary: 'Number of members that are in any of the sets',
  complexity: 'O(N) in the members of all sets',
  arity: -3,
  flags: READONLY,
  keys: [keyCount('RO ACCESS', 1)],
  syntax: 'numkeys:integer key+ [APPROX] [LIMIT limit:integer]',
  run: runSunioncard,
});

/** The count is exact, with APPROX too. */
function runSunioncard(c: Context): void {
  const limit = countedKeysOr(c, true);
  const refs = limit === 0 ? null : setsOr(c, 2, 2 + c.args.int(1));
  if (refs === null) return;
  const { setAlgebra, sets } = c.keyspace;
  const sources = toUnite(c, refs);
  if (sources.length < 2) {
    c.reply.integer(sources.length === 0 ? 0 : Math.min(limit, sets.size(sources[0]!)));
  } else if (sources.length <= LOOKED_UP_MAX) {
    c.reply.integer(Math.min(limit, setAlgebra.markUnion(sources)));
  } else {
    withTemporary(c, sources, (into) => c.reply.integer(setAlgebra.unite(sources, into, limit)));
  }
}

const SUNIONSTORE = command({
  name: 'sunionstore',
  group: 'set',
  since: '1.0.0',
  summary: 'Stores the members that are in any of the sets',
  complexity: 'O(N) in the members of all sets',
  arity: -3,
  flags: WRITE | DENYOOM,
  keys: [key('OW UPDATE', 1), keyRange('RO ACCESS', 2, -1)],
  syntax: 'destination:key key+',
  run: (c) => {
    const refs = setsOr(c, 2, c.args.count);
    if (refs === null) return;
    const sources = existing(refs);
    storeSet(c, 'sunionstore', ENC_INTSET, (into) => {
      c.keyspace.setAlgebra.unite(sources, into, Number.POSITIVE_INFINITY);
    });
  },
});

const SDIFF = command({
  name: 'sdiff',
  group: 'set',
  since: '1.0.0',
  summary: 'Members of the first set that are in none of the others',
  complexity: 'O(N) in the members of all sets',
  arity: -2,
  flags: READONLY,
  keys: [keyRange('RO ACCESS', 1, -1)],
  tips: ['nondeterministic_output_order'],
  syntax: 'key+',
  run: (c) => {
    const refs = setsOr(c, 1, c.args.count);
    if (refs === null) return;
    const sources = toSubtract(c, refs);
    if (looksUp(c, sources)) replyPart(c, sources, false);
    else
      withTemporary(c, sources, (into) => {
        c.keyspace.setAlgebra.subtract(sources, into);
        replySet(c, into);
      });
  },
});

const SDIFFCARD = command({
  name: 'sdiffcard',
  group: 'set',
  since: '8.10.0',
  summary: 'Number of members of the first set that are in none of the others',
  complexity: 'O(N) in the members of all sets',
  arity: -3,
  flags: READONLY,
  keys: [keyCount('RO ACCESS', 1)],
  syntax: 'numkeys:integer key+ [LIMIT limit:integer]',
  run: runSdiffcard,
});

function runSdiffcard(c: Context): void {
  const limit = countedKeysOr(c, false);
  const refs = limit === 0 ? null : setsOr(c, 2, 2 + c.args.int(1));
  if (refs === null) return;
  const { setAlgebra } = c.keyspace;
  const sources = toSubtract(c, refs);
  if (sources.length === 0) c.reply.integer(0);
  else if (looksUp(c, sources)) c.reply.integer(setAlgebra.count(sources, false, limit));
  else
    withTemporary(c, sources, (into) => {
      c.reply.integer(Math.min(limit, setAlgebra.subtract(sources, into)));
    });
}

const SDIFFSTORE = command({
  name: 'sdiffstore',
  group: 'set',
  since: '1.0.0',
  summary: 'Stores the members of the first set that are in none of the others',
  complexity: 'O(N) in the members of all sets',
  arity: -3,
  flags: WRITE | DENYOOM,
  keys: [key('OW UPDATE', 1), keyRange('RO ACCESS', 2, -1)],
  syntax: 'destination:key key+',
  run: (c) => {
    const refs = setsOr(c, 2, c.args.count);
    if (refs === null) return;
    const { setAlgebra } = c.keyspace;
    const sources = toSubtract(c, refs);
    storeSet(c, 'sdiffstore', ENC_INTSET, (into) => {
      if (sources.length === 0) return;
      if (looksUp(c, sources)) setAlgebra.store(sources, false, into);
      else setAlgebra.subtract(sources, into);
    });
  },
});

/** The sets under the keys in arguments `first` to `end` - 1 (0: there is none); null after an error reply. */
function setsOr(c: Context, first: number, end: number): Ref[] | null {
  const refs: Ref[] = [];
  for (let i = first; i < end; i++) {
    const ref = readTyped(c, i, TYPE_SET);
    if (ref === WRONG) return null;
    refs.push(ref);
  }
  return refs;
}

/** The sets that are there, each once. */
function existing(refs: readonly Ref[]): Ref[] {
  return [...new Set(refs)].filter((ref) => ref !== 0);
}

/** The sets that are there, each once, by descending size. */
function toUnite({ keyspace: { sets } }: Context, refs: readonly Ref[]): Ref[] {
  return existing(refs).sort((a, b) => sets.size(b) - sets.size(a));
}

/** The sets by ascending size, each once; none if one of them is empty. */
function toIntersect({ keyspace: { sets } }: Context, refs: readonly Ref[]): Ref[] {
  if (refs.includes(0)) return [];
  return existing(refs).sort((a, b) => sets.size(a) - sets.size(b));
}

/** The first set, then those to be taken from it by descending size; none if nothing can be left. */
function toSubtract({ keyspace: { sets } }: Context, refs: readonly Ref[]): Ref[] {
  const [first, ...others] = refs;
  if (first === undefined || first === 0 || others.includes(first)) return [];
  return [first, ...existing(others).sort((a, b) => sets.size(b) - sets.size(a))];
}

/**
 * Whether a difference is to be made by looking up each member of the first set in the others, rather than by removing the
 * members of all others from a copy of it.
 */
function looksUp({ keyspace: { sets } }: Context, sources: readonly Ref[]): boolean {
  if (sources.length === 0) return true;
  const lookUps = sets.size(sources[0]!) * sources.length;
  const members = sources.reduce((sum, ref) => sum + sets.size(ref), 0);
  return Math.floor(lookUps / 2) <= members;
}

/** Replies with the members of the first set that are in all others (`common`), or in none. */
function replyPart(c: Context, sources: readonly Ref[], common: boolean): void {
  if (sources.length < 2) {
    replySet(c, sources[0] ?? 0);
    return;
  }
  const { setAlgebra } = c.keyspace;
  c.reply.set(setAlgebra.mark(sources, common));
  setAlgebra.emitMarked([sources[0]!], c.reply);
}

/** Whether all sets are intsets; a union of them comes in order, as in the reference. */
function areIntsets({ keyspace: { entries } }: Context, sources: readonly Ref[]): boolean {
  return sources.every((ref) => entries.encoding(ref) === ENC_INTSET);
}

/** Lends `use` an empty set that stands in no table, fit for members of `sources`; it is freed afterwards. */
function withTemporary(c: Context, sources: readonly Ref[], use: (into: Ref) => void): void {
  const { sets } = c.keyspace;
  const into = sets.create(NO_KEY, 0, 0, 0, areIntsets(c, sources) ? ENC_INTSET : ENC_HASHTABLE);
  try {
    use(into);
  } finally {
    c.keyspace.dispose(into);
  }
}

/** Puts the set that `fill` makes, which begins with an encoding, under the key in argument 1; an empty one deletes it. */
function storeSet(c: Context, event: string, encoding: number, fill: (into: Ref) => void): void {
  const { args, keyspace } = c;
  const { sets } = keyspace;
  const into = sets.create(args.bytes, args.at(1), args.length(1), keyspace.freshClock(), encoding);
  try {
    fill(into);
  } catch (error) {
    keyspace.dispose(into);
    throw error;
  }
  storeResult(c, 1, into, sets.size(into), EVENT_SET, event);
}

/** Checks the count of keys in argument 1 and reads what follows them: how much to count at most; 0 after an error reply. */
function countedKeysOr(c: Context, takesApprox: boolean): number {
  const { args, reply } = c;
  const keys = args.int64(1);
  if (keys === null || keys < 1n) {
    reply.error(NUMKEYS_NOT_POSITIVE);
    return 0;
  }
  if (keys > args.count - 2) {
    reply.error(TOO_FEW_KEYS);
    return 0;
  }
  let limit = 0n;
  for (let i = 2 + Number(keys); i < args.count; i++) {
    if (args.is(i, 'limit') && i + 1 < args.count) {
      const given = args.int64(++i);
      if (given === null || given < 0n) {
        reply.error(LIMIT_NEGATIVE);
        return 0;
      }
      limit = given;
    } else if (!takesApprox || !args.is(i, 'approx')) {
      reply.error(SYNTAX);
      return 0;
    }
  }
  return limit === 0n ? Number.POSITIVE_INFINITY : Number(limit);
}

export const SET_ALGEBRA_COMMANDS: readonly CommandSpec[] = [
  SDIFF,
  SDIFFCARD,
  SDIFFSTORE,
  SINTER,
  SINTERCARD,
  SINTERSTORE,
  SUNION,
  SUNIONCARD,
  SUNIONSTORE,
];
