// Sorted sets: unions, intersections and differences, returned, counted or stored. Sets may take part.
import type { Ref } from '../arena/arena.ts';
import { parseDouble } from '../base/double.ts';
import { EVENT_ZSET } from '../keyspace/keyspace.ts';
import {
  LIMIT_NEGATIVE,
  NOT_AN_INTEGER,
  noInputKeys,
  SYNTAX,
  WEIGHT_NOT_A_FLOAT,
  WRONG_TYPE,
} from '../resp/errors.ts';
import { ENC_SKIPLIST, TYPE_SET, TYPE_ZSET } from '../structs/entry.ts';
import { AGGREGATES, type Aggregate, type Source } from '../types/zset_algebra.ts';
import type { Context } from './context.ts';
import { type CommandSpec, command, DENYOOM, key, keyCount, READONLY, WRITE } from './spec.ts';
import { storeResult } from './store_result.ts';
import { replyRange } from './zset_reply.ts';

const UNION = 0;
const INTERSECTION = 1;
const DIFFERENCE = 2;

/** What a command takes behind its keys. */
const TAKES_WEIGHTS = 1;
const TAKES_WITHSCORES = 2;
const TAKES_LIMIT = 4;

const NO_KEY = new Uint8Array(0);

interface Asked {
  sources: Source[];
  aggregate: Aggregate;
  withScores: boolean;
  /** How many members to count; 0: all. */
  limit: number;
}

const AGGREGATE = 'aggregate=AGGREGATE (SUM | MIN | MAX | COUNT^8.8.0)';
const SOURCES = `numkeys:integer key+ [WEIGHTS weight:integer+] [${AGGREGATE}]`;
const COUNT_HISTORY = [['8.8.0', 'Option AGGREGATE COUNT.']] as const;

const ZUNION = command({
  name: 'zunion',
  group: 'sorted-set',
  since: '6.2.0',
  summary: 'Members that are in any of the sorted sets',
  complexity: 'O(N)+O(M*log(M)) for N members in all and M in the result',
  arity: -3,
  flags: READONLY,
  keys: [keyCount('RO ACCESS', 1)],
  syntax: `${SOURCES} [WITHSCORES]`,
  history: COUNT_HISTORY,
  run: (c) => replyResult(c, UNION, TAKES_WEIGHTS | TAKES_WITHSCORES),
});

const ZINTER = command({
  name: 'zinter',
  group: 'sorted-set',
  since: '6.2.0',
  summary: 'Members that are in all sorted sets',
  complexity: 'O(N*K)+O(M*log(M)) for N members of the smallest of K sorted sets and M in the result',
  arity: -3,
  flags: READONLY,
  keys: [keyCount('RO ACCESS', 1)],
  syntax: `${SOURCES} [WITHSCORES]`,
  history: COUNT_HISTORY,
  run: (c) => replyResult(c, INTERSECTION, TAKES_WEIGHTS | TAKES_WITHSCORES),
});

const ZDIFF = command({
  name: 'zdiff',
  group: 'sorted-set',
  since: '6.2.0',
  summary: 'Members of the first sorted set that are in none of the others',
  complexity: 'O(L+(N-K)*log(N)) for L members in all, N in the first and K in the result',
  arity: -3,
  flags: READONLY,
  keys: [keyCount('RO ACCESS', 1)],
  syntax: 'numkeys:integer key+ [WITHSCORES]',
  run: (c) => replyResult(c, DIFFERENCE, TAKES_WITHSCORES),
});

const ZUNIONSTORE = command({
  name: 'zunionstore',
  group: 'sorted-set',
  since: '2.0.0',
  summary: 'Stores the members that are in any of the sorted sets',
  complexity: 'O(N)+O(M*log(M)) for N members in all and M in the result',
  arity: -4,
  flags: WRITE | DENYOOM,
  keys: [key('OW UPDATE', 1), keyCount('RO ACCESS', 2)],
  syntax: `destination:key ${SOURCES}`,
  history: COUNT_HISTORY,
  run: (c) => store(c, UNION, TAKES_WEIGHTS, 'zunionstore'),
});

const ZINTERSTORE = command({
  name: 'zinterstore',
  group: 'sorted-set',
  since: '2.0.0',
  summary: 'Stores the members that are in all sorted sets',
  complexity: 'O(N*K)+O(M*log(M)) for N members of the smallest of K sorted sets and M in the result',
  arity: -4,
  flags: WRITE | DENYOOM,
  keys: [key('OW UPDATE', 1), keyCount('RO ACCESS', 2)],
  syntax: `destination:key ${SOURCES}`,
  history: COUNT_HISTORY,
  run: (c) => store(c, INTERSECTION, TAKES_WEIGHTS, 'zinterstore'),
});

const ZDIFFSTORE = command({
  name: 'zdiffstore',
  group: 'sorted-set',
  since: '6.2.0',
  summary: 'Stores the members of the first sorted set that are in none of the others',
  complexity: 'O(L+(N-K)*log(N)) for L members in all, N in the first and K in the result',
  arity: -4,
  flags: WRITE | DENYOOM,
  keys: [key('OW UPDATE', 1), keyCount('RO ACCESS', 2)],
  syntax: 'destination:key numkeys:integer key+',
  run: (c) => store(c, DIFFERENCE, 0, 'zdiffstore'),
});

const ZINTERCARD = command({
  name: 'zintercard',
  group: 'sorted-set',
  since: '7.0.0',
  summary: 'Number of members that are in all sorted sets',
  complexity: 'O(N*K) for N members of the smallest of K sorted sets',
  arity: -3,
  flags: READONLY,
  keys: [keyCount('RO ACCESS', 1)],
  syntax: 'numkeys:integer key+ [LIMIT limit:integer]',
  run: runZintercard,
});

function runZintercard(c: Context): void {
  const asked = askedOr(c, 1, TAKES_LIMIT);
  if (asked === null) return;
  let count = 0;
  const sources = bySize(c, asked.sources);
  if (c.keyspace.zsetAlgebra.size(sources[0]!) > 0) {
    c.keyspace.zsetAlgebra.intersect(sources, asked.aggregate, () => ++count !== asked.limit);
  }
  c.reply.integer(count);
}

function replyResult(c: Context, operation: number, takes: number): void {
  const asked = askedOr(c, 1, takes);
  if (asked === null) return;
  const { keyspace } = c;
  const into = keyspace.zsets.create(NO_KEY, 0, 0, 0, ENC_SKIPLIST);
  try {
    fill(c, into, operation, asked);
    replyRange(c, into, 0, keyspace.zsets.size(into), false, asked.withScores);
  } finally {
    keyspace.dispose(into);
  }
}

function store(c: Context, operation: number, takes: number, event: string): void {
  const asked = askedOr(c, 2, takes);
  if (asked === null) return;
  const { args, keyspace } = c;
  const { zsets } = keyspace;
  const clock = keyspace.freshClock();
  const into = zsets.create(args.bytes, args.at(1), args.length(1), clock, ENC_SKIPLIST);
  try {
    fill(c, into, operation, asked);
    zsets.compact(into);
  } catch (error) {
    keyspace.dispose(into);
    throw error;
  }
  storeResult(c, 1, into, zsets.size(into), EVENT_ZSET, event);
}

/** Puts the result of an operation into an empty sorted set. */
function fill(c: Context, into: Ref, operation: number, { aggregate, sources }: Asked): void {
  const { zsetAlgebra } = c.keyspace;
  if (operation === UNION) {
    zsetAlgebra.unite(bySize(c, sources), aggregate, into);
  } else if (operation === DIFFERENCE) {
    if (zsetAlgebra.size(sources[0]!) > 0) zsetAlgebra.subtract(sources, into);
  } else {
    const ordered = bySize(c, sources);
    if (zsetAlgebra.size(ordered[0]!) === 0) return;
    zsetAlgebra.intersect(ordered, aggregate, (bytes, at, length, score) => {
      zsetAlgebra.put(into, bytes, at, length, score);
      return true;
    });
  }
}

/** The sources by ascending size: the order in which scores are added up, too. */
function bySize({ keyspace: { zsetAlgebra } }: Context, sources: readonly Source[]): Source[] {
  return [...sources].sort((a, b) => zsetAlgebra.size(a) - zsetAlgebra.size(b));
}

/** The arguments from the number of keys on, which is argument `i`; null after an error reply. */
function askedOr(c: Context, i: number, takes: number): Asked | null {
  const { args } = c;
  const keyCount = args.int64(i);
  if (keyCount === null) return refuse(c, NOT_AN_INTEGER);
  if (keyCount < 1n) return refuse(c, noInputKeys(args.text(0).toLowerCase()));
  if (keyCount > args.count - i - 1) return refuse(c, SYNTAX);
  const sources = sourcesOr(c, i + 1, Number(keyCount));
  if (sources === null) return null;
  const asked: Asked = { sources, aggregate: AGGREGATES.sum, withScores: false, limit: 0 };
  let at = i + 1 + sources.length;
  while (at < args.count) {
    at = readOption(c, at, takes, asked);
    if (at === 0) return null;
  }
  return asked;
}

/** The sorted sets and sets under `count` keys; null after an error reply. */
function sourcesOr(c: Context, first: number, count: number): Source[] | null {
  const sources: Source[] = [];
  for (let i = first; i < first + count; i++) {
    const ref = c.lookup(i);
    const type = ref === 0 ? TYPE_ZSET : c.keyspace.entries.type(ref);
    if (type !== TYPE_ZSET && type !== TYPE_SET) return refuse(c, WRONG_TYPE);
    sources.push({ ref, weight: 1 });
  }
  return sources;
}

function refuse(c: Context, text: string): null {
  c.reply.error(text);
  return null;
}

/** Reads the option in argument `i`; returns the position behind it, 0 after an error reply. */
function readOption(c: Context, i: number, takes: number, asked: Asked): number {
  const { args } = c;
  const left = args.count - i;
  if ((takes & TAKES_WEIGHTS) !== 0 && left > asked.sources.length && args.is(i, 'weights')) {
    return readWeights(c, i + 1, asked.sources);
  }
  if ((takes & TAKES_WEIGHTS) !== 0 && left > 1 && args.is(i, 'aggregate')) {
    const aggregate = Object.entries(AGGREGATES).find(([name]) => args.is(i + 1, name));
    if (aggregate !== undefined) {
      asked.aggregate = aggregate[1];
      return i + 2;
    }
  } else if ((takes & TAKES_WITHSCORES) !== 0 && args.is(i, 'withscores')) {
    asked.withScores = true;
    return i + 1;
  } else if ((takes & TAKES_LIMIT) !== 0 && left > 1 && args.is(i, 'limit')) {
    const limit = args.int64(i + 1);
    if (limit !== null && limit >= 0n) {
      asked.limit = Number(limit);
      return i + 2;
    }
    c.reply.error(LIMIT_NEGATIVE);
    return 0;
  }
  c.reply.error(SYNTAX);
  return 0;
}

function readWeights(c: Context, i: number, sources: readonly Source[]): number {
  const { args } = c;
  for (const source of sources) {
    source.weight = parseDouble(args.bytes, args.at(i), args.length(i));
    if (Number.isNaN(source.weight)) {
      c.reply.error(WEIGHT_NOT_A_FLOAT);
      return 0;
    }
    i++;
  }
  return i;
}

export const ZSET_ALGEBRA_COMMANDS: readonly CommandSpec[] = [
  ZDIFF,
  ZDIFFSTORE,
  ZINTER,
  ZINTERCARD,
  ZINTERSTORE,
  ZUNION,
  ZUNIONSTORE,
];
