// XREAD and XREADGROUP: what they are asked for, and whether they can answer now or wait. stream_deliver.ts answers.
//
// Both know at once which streams have something, and how much, since a reply begins with its length. A command that waits
// runs again when one of its keys changes. XREAD then must not take `$` for the last id of that moment, so it waits with what
// `$` stood for. XREADGROUP is also told when its key or its group goes.
import type { Ref } from '../arena/arena.ts';
import { STAT_HITS } from '../keyspace/stats.ts';
import {
  BLOCKED_GROUP_GONE,
  BLOCKED_STREAM_GONE,
  CLAIM_IN_XREAD,
  CLAIM_NOT_AN_INTEGER,
  CLAIM_NOT_POSITIVE,
  DOLLAR_IN_XREADGROUP,
  GREATER_IN_XREAD,
  GROUP_IN_XREAD,
  NOACK_IN_XREAD,
  NOT_AN_INTEGER,
  noGroupToRead,
  PLUS_IN_XREADGROUP,
  SYNTAX,
  UNBALANCED_XREAD,
  WRONG_TYPE,
  XREADGROUP_WITHOUT_GROUP,
} from '../resp/errors.ts';
import type { Reply } from '../resp/reply.ts';
import { MAXCOUNT_BELOW_COUNT, MAXCOUNT_NOT_POSITIVE, MAXSIZE_NOT_POSITIVE } from '../resp/stream_errors.ts';
import { TYPE_STREAM } from '../structs/entry.ts';
import { decrement, type Id, isLowest, setLowest } from '../structs/stream_id.ts';
import { blockingMs, blockOnKeys } from './blocking.ts';
import type { Context } from './context.ts';
import { BLOCKING, type CommandSpec, command, keyAfter, READONLY, WRITE } from './spec.ts';
import { capEntries, capHistory, capOverdue, isSpent, noCaps } from './stream_caps.ts';
import { deliver, groupAt, type ReadRequest, type Source, startAfter } from './stream_deliver.ts';
import { idOr } from './stream_ids.ts';
import { overdueIds, overdueInMs } from './stream_overdue.ts';

/** What a command that waited gets from one stream at most unless it says something else. */
const RESUMED_COUNT = 1000;
const DOLLAR = 36;
const PLUS = 43;
const GREATER = 62;

const XREAD = command({
  name: 'xread',
  group: 'stream',
  since: '5.0.0',
  summary: 'Entries after given ids from some streams; waits for one if asked to',
  complexity: 'O(N) in the number of entries returned',
  arity: -4,
  flags: READONLY | BLOCKING,
  keys: [keyAfter('RO ACCESS', 'STREAMS', 1, -1, 1, 2)],
  syntax: `[COUNT count:integer] [MAXCOUNT maxcount:integer]^8.10.0 [MAXSIZE maxsize:integer]^8.10.0
    [BLOCK milliseconds:integer] streams=STREAMS (key+ id+)`,
  history: [['8.10.0', 'Options MAXCOUNT and MAXSIZE.']],
  run: (c) => runRead(c, false),
});

const XREADGROUP = command({
  name: 'xreadgroup',
  group: 'stream',
  since: '5.0.0',
  summary: 'Entries for a consumer of a group: new ones, or those it has not acknowledged; waits if asked to',
  complexity: 'O(N) in the number of entries returned',
  arity: -7,
  flags: WRITE | BLOCKING,
  keys: [keyAfter('RO ACCESS', 'STREAMS', 4, -1, 1, 2)],
  syntax: `group_consumer=GROUP (group consumer) [COUNT count:integer] [MAXCOUNT maxcount:integer]^8.10.0
    [MAXSIZE maxsize:integer]^8.10.0 [BLOCK milliseconds:integer] [CLAIM min-idle-time:integer]^8.4.0 [NOACK]
    streams=STREAMS (key+ id+)`,
  history: [
    ['8.4.0', 'Option CLAIM.'],
    ['8.10.0', 'Options MAXCOUNT and MAXSIZE.'],
  ],
  run: (c) => runRead(c, true),
});

function runRead(c: Context, grouped: boolean): void {
  const request = parseRead(c, grouped);
  if (request === null) return;
  for (let i = 0; i < request.count; i++) if (!addSource(c, request, i)) return;
  let ready = 0;
  for (const source of request.sources) if (isReady(c, request, source)) ready++;
  if (ready > 0) answer(c, request, ready);
  else if (Number.isNaN(request.blockMs)) c.reply.nullArray();
  else wait(c, request);
}

function answer(c: Context, request: ReadRequest, ready: number): void {
  if (c.reply.resp3) c.reply.map(ready);
  else c.reply.array(ready);
  for (const source of request.sources) if (hasEntries(source)) deliver(c, request, source);
}

function hasEntries({ available, overdue }: Source): boolean {
  return available > 0 || overdue.length > 0;
}

function wait(c: Context, request: ReadRequest): void {
  const { args } = c;
  const { first, count, groupAt, claimMs } = request;
  const grouped = groupAt > 0;
  const claims = !Number.isNaN(claimMs);
  // Those who claim wait for times of their own, and have to look again each by himself.
  const team = grouped && !claims ? args.text(groupAt) : '';
  const againMs = claims
    ? Math.min(...request.sources.map(({ group }) => overdueInMs(c, group, claimMs)))
    : Number.POSITIVE_INFINITY;
  const options = { type: TYPE_STREAM, always: grouped, team, againMs };
  const keys = { first, count };
  const fixed = c.resumed ? null : fixedArguments(c, request);
  blockOnKeys(c, keys, request.blockMs, replyNothing, fixed === null ? options : { ...options, args: fixed });
}

function replyNothing(reply: Reply): void {
  reply.nullArray();
}

/** The arguments with ids in the place of `$` and `+`; null if there are none of these. */
function fixedArguments(c: Context, request: ReadRequest): Uint8Array[] | null {
  if (request.sources.every(({ mark }) => mark !== DOLLAR && mark !== PLUS)) return null;
  const { args } = c;
  const { idText } = c.keyspace.streams;
  const words = Array.from({ length: args.count }, (_, i) => args.copy(i));
  for (const { mark, id, idAt } of request.sources) {
    if (mark !== DOLLAR && mark !== PLUS) continue;
    idText.set(id);
    words[idAt] = idText.bytes.slice(0, idText.length);
  }
  return words;
}

/** Reads the arguments up to the keys; null after an error reply. */
function parseRead(c: Context, grouped: boolean): ReadRequest | null {
  const { args } = c;
  const request: ReadRequest = {
    first: 0,
    count: 0,
    groupAt: 0,
    noAck: false,
    claimMs: Number.NaN,
    limit: c.resumed ? RESUMED_COUNT : Number.POSITIVE_INFINITY,
    caps: noCaps(),
    blockMs: Number.NaN,
    sources: [],
  };
  let limit = 0;
  for (let i = 1; i < args.count; i++) {
    const more = args.count - i - 1;
    if (args.is(i, 'block') && more > 0) {
      request.blockMs = blockingMs(c, ++i);
      if (Number.isNaN(request.blockMs)) return null;
    } else if (args.is(i, 'count') && more > 0) {
      const small = args.int(++i);
      const count = Number.isNaN(small) ? args.int64(i) : small;
      if (count === null) return refuse(c, NOT_AN_INTEGER);
      limit = Math.max(0, Number(count));
    } else if ((args.is(i, 'maxcount') || args.is(i, 'maxsize')) && more > 0) {
      if (!parseCap(c, request, i++)) return null;
    } else if (args.is(i, 'streams') && more > 0) {
      if ((more & 1) === 1) return refuse(c, UNBALANCED_XREAD);
      request.first = i + 1;
      request.count = more >> 1;
      break;
    } else if (args.is(i, 'group') && more >= 2) {
      if (!grouped) return refuse(c, GROUP_IN_XREAD);
      request.groupAt = i + 1;
      i += 2;
    } else if (args.is(i, 'claim') && more > 0) {
      if (!grouped) return refuse(c, CLAIM_IN_XREAD);
      const idleMs = args.int64(++i);
      if (idleMs === null) return refuse(c, CLAIM_NOT_AN_INTEGER);
      if (idleMs < 0n) return refuse(c, CLAIM_NOT_POSITIVE);
      request.claimMs = Number(idleMs);
    } else if (args.is(i, 'noack')) {
      if (!grouped) return refuse(c, NOACK_IN_XREAD);
      request.noAck = true;
    } else {
      return refuse(c, SYNTAX);
    }
  }
  if (request.first === 0) return refuse(c, SYNTAX);
  if (grouped && request.groupAt === 0) return refuse(c, XREADGROUP_WITHOUT_GROUP);
  if (request.caps.entries < limit) return refuse(c, MAXCOUNT_BELOW_COUNT);
  if (limit > 0) request.limit = limit;
  return request;
}

/** MAXCOUNT or MAXSIZE in argument `i`; false after an error reply. */
function parseCap(c: Context, { caps }: ReadRequest, i: number): boolean {
  const { args } = c;
  const isCount = args.is(i, 'maxcount');
  const value = args.int64(i + 1);
  if (value === null || value <= 0n) {
    c.reply.error(isCount ? MAXCOUNT_NOT_POSITIVE : MAXSIZE_NOT_POSITIVE);
    return false;
  }
  if (isCount) caps.entries = Number(value);
  else caps.bytes = Number(value);
  return true;
}

/** Looks up key `i` of the request, its group and its id; false after an error reply. */
function addSource(c: Context, request: ReadRequest, i: number): boolean {
  const { keyspace } = c;
  const { streams } = keyspace;
  const keyAt = request.first + i;
  const idAt = keyAt + request.count;
  const grouped = request.groupAt > 0;
  let ref = c.lookup(keyAt);
  if (ref !== 0 && keyspace.entries.type(ref) !== TYPE_STREAM) {
    if (!c.resumed) return refuse(c, WRONG_TYPE) !== null;
    ref = 0;
  }
  const stream = ref === 0 ? 0 : streams.of(ref);
  const group = grouped && stream !== 0 ? groupAt(c, stream, request.groupAt) : 0;
  if (grouped && group === 0) return refuse(c, groupMissing(c, stream, keyAt, request.groupAt)) !== null;
  const source: Source = {
    keyAt,
    idAt,
    stream,
    group,
    mark: markOf(c, idAt),
    id: streams.sourceId(i),
    available: 0,
    historyLimit: request.limit,
    overdue: [],
  };
  request.sources.push(source);
  return resolveId(c, source);
}

function groupMissing(c: Context, stream: Ref, keyAt: number, groupAt: number): string {
  if (!c.resumed) return noGroupToRead(c.args.text(keyAt), c.args.text(groupAt));
  return stream === 0 ? BLOCKED_STREAM_GONE : BLOCKED_GROUP_GONE;
}

/** `$`, `+` or `>` if argument `i` is one of these, else 0. */
function markOf(c: Context, i: number): number {
  const { args } = c;
  const mark = args.length(i) === 1 ? args.bytes[args.at(i)]! : 0;
  return mark === DOLLAR || mark === PLUS || mark === GREATER ? mark : 0;
}

/** Finds the id after which a source is to be read; false after an error reply. */
function resolveId(c: Context, { stream, group, mark, id, idAt }: Source): boolean {
  const { streams } = c.keyspace;
  if (mark === GREATER) {
    if (group === 0) return refuse(c, GREATER_IN_XREAD) !== null;
    streams.groups.readLastId(group, id);
  } else if (mark !== 0) {
    if (group !== 0) return refuse(c, mark === DOLLAR ? DOLLAR_IN_XREADGROUP : PLUS_IN_XREADGROUP) !== null;
    if (stream === 0) setLowest(id);
    else if (mark === DOLLAR) streams.readLastId(stream, id);
    else readBeforeLast(c, stream, id);
  } else {
    return idOr(c, idAt, id);
  }
  return true;
}

/** The id just below the last entry; the last id there was if there is no entry. */
function readBeforeLast(c: Context, stream: Ref, id: Id): void {
  const { streams } = c.keyspace;
  streams.readEdge(stream, false, id);
  if (isLowest(id)) streams.readLastId(stream, id);
  else decrement(id);
}

/** Finds out how many entries a source has; for history, which is always answered, that is looked at later. */
function isReady(c: Context, request: ReadRequest, source: Source): boolean {
  const { stream, group, mark } = source;
  const { cursor } = c.keyspace.streams;
  if (!c.resumed) countAgain(c, source);
  if (stream === 0 || isSpent(request.caps)) return false;
  if (group !== 0 && mark === 0) {
    source.available = 1;
    capHistory(c, request, source);
    return true;
  }
  let taken = 0;
  let claimed = 0;
  if (group !== 0 && request.count > 1) {
    // The same stream, if it was named before, takes its share first.
    for (const other of request.sources) {
      if (other === source) break;
      if (other.stream !== stream || other.mark === 0) continue;
      taken += other.available;
      claimed += other.overdue.length;
    }
  }
  if (!Number.isNaN(request.claimMs)) {
    source.overdue = overdueIds(c, source, request.claimMs, request.limit + claimed).slice(claimed);
    capOverdue(c, request, source);
  }
  const limit = request.limit - source.overdue.length;
  if (limit > 0 && startAfter(c, source)) source.available = Math.max(0, cursor.count(limit + taken) - taken);
  if (source.available > 0) capEntries(c, request, source, taken);
  return hasEntries(source);
}

/** Redis looks each key up a second time once it has read all of the command, which shows in INFO and as another miss. */
function countAgain(c: Context, { stream, keyAt }: Source): void {
  if (stream === 0) c.lookup(keyAt);
  else c.keyspace.stats[STAT_HITS]!++;
}

function refuse(c: Context, text: string): null {
  c.reply.error(text);
  return null;
}

export const STREAM_READ_COMMANDS: readonly CommandSpec[] = [XREAD, XREADGROUP];
