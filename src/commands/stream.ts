// Streams as logs: adding entries, removing them, and their counters.
import type { Ref } from '../arena/arena.ts';
import { EVENT_STREAM } from '../keyspace/keyspace.ts';
import {
  ENTRIES_ADDED_BELOW_LENGTH,
  ENTRIES_ADDED_NEGATIVE,
  ENTRY_TOO_LONG,
  ID_NOT_ABOVE_LAST,
  ID_NOT_ABOVE_ZERO,
  NO_SUCH_KEY,
  NOT_AN_INTEGER,
  SET_ID_BELOW_DELETED,
  SET_ID_BELOW_LAST,
  STREAM_EXHAUSTED,
  SYNTAX,
  wrongArity,
} from '../resp/errors.ts';
import { SENT_ID_NEEDS_STAR } from '../resp/stream_errors.ts';
import { TYPE_STREAM } from '../structs/entry.ts';
import {
  compareIds,
  copyId,
  type Id,
  increment,
  incrementSequence,
  isHighest,
  isLowest,
  msOf,
  setLowest,
  setMs,
} from '../structs/stream_id.ts';
import { BY_NOTHING } from '../types/stream_trim.ts';
import type { Name } from '../types/stream_words.ts';
import type { Context } from './context.ts';
import { type CommandSpec, command, DENYOOM, FAST, key, READONLY, WRITE } from './spec.ts';
import { ID_OPEN, ID_WHOLE, idOr, LOWEST, parseId } from './stream_ids.ts';
import { answersDuplicate, noteSent, sentName } from './stream_producers.ts';
import { logId, replyId } from './stream_reply.ts';
import { logTrim, parseTrim, trimWords } from './stream_trim_options.ts';
import { readTyped, WRONG, writeTyped } from './typed.ts';

const STAR = 42;

const XADD = command({
  name: 'xadd',
  group: 'stream',
  since: '5.0.0',
  summary: 'Appends an entry to a stream, which is made if there is none, and trims it if asked to',
  complexity: 'O(1) to append; O(N) in the number of entries that are trimmed',
  arity: -5,
  flags: WRITE | DENYOOM | FAST,
  keys: [key('RW UPDATE', 1)],
  tips: ['nondeterministic_output'],
  syntax: `key [NOMKSTREAM]^6.2.0 references=[KEEPREF | DELREF | ACKED]^8.2.0
    idmp=[IDMPAUTO pid | idmp-explicit=IDMP (pid iid)]^8.6.0
    trim=[strategy=(MAXLEN | MINID^6.2.0) operator=[equal== | approximately=~] threshold [LIMIT count:integer]^6.2.0]
    id_or_auto=(auto_id=* | id) (field value)+`,
  history: [
    ['6.2.0', 'Options NOMKSTREAM, MINID and LIMIT.'],
    ['7.0.0', 'Ids of the form <ms>-*.'],
    ['8.2.0', 'Options KEEPREF, DELREF and ACKED.'],
    ['8.6.0', 'Options IDMP and IDMPAUTO.'],
  ],
  run: runXadd,
});

function runXadd(c: Context): void {
  const { args, reply } = c;
  const streams = c.keyspace.streams;
  const idAt = parseTrim(c, true);
  if (idAt < 0) return;
  const words = args.count - idAt - 1;
  if (words < 2 || (words & 1) === 1) {
    reply.error(wrongArity('xadd'));
    return;
  }
  const id = streams.id;
  let form = 0;
  if (!isAuto(c, idAt)) {
    form = parseId(args.bytes, args.at(idAt), args.length(idAt), LOWEST, id);
    if (streams.appending.producerAt > 0 && !c.fromLog) {
      reply.error(SENT_ID_NEEDS_STAR);
      return;
    }
    if (form === ID_WHOLE && isLowest(id)) {
      reply.error(ID_NOT_ABOVE_ZERO);
      return;
    }
  }
  let ref = writeTyped(c, 1, TYPE_STREAM);
  if (ref === WRONG) return;
  if (ref === 0) {
    if (!streams.appending.makesStream) {
      reply.null();
      return;
    }
    ref = addStream(c, 1);
  }
  const sent = streams.appending.producerAt > 0 ? sentName(c, idAt) : null;
  if (sent !== null && answersDuplicate(c, streams.of(ref), sent)) return;
  append(c, streams.of(ref), form, idAt, sent);
}

function isAuto(c: Context, i: number): boolean {
  return c.args.length(i) === 1 && c.args.bytes[c.args.at(i)] === STAR;
}

/** Puts an empty stream under the key in argument `i`, which is not there. */
export function addStream(c: Context, i: number): Ref {
  const { args, keyspace } = c;
  const ref = keyspace.streams.createEntry(args.bytes, args.at(i), args.length(i), keyspace.freshClock());
  c.db.add(c.hashOf(i), ref);
  return ref;
}

/**
 * Appends the fields behind argument `idAt`, which a producer may have sent under a name; the id in `streams.id` is complete,
 * open, or to be made (0).
 */
function append(c: Context, stream: Ref, form: number, idAt: number, sent: Name | null): void {
  const { args, reply } = c;
  const streams = c.keyspace.streams;
  const { fields, id, otherId, trimmer } = streams;
  streams.readLastId(stream, otherId);
  if (isHighest(otherId)) {
    reply.error(STREAM_EXHAUSTED);
    return;
  }
  if (!completeId(id, form, otherId, c.keyspace.nowMs) || compareIds(id, otherId) <= 0) {
    reply.error(ID_NOT_ABOVE_LAST);
    return;
  }
  fields.bytes = args.bytes;
  fields.pairs = args.pairs;
  fields.first = args.first + 2 * (idAt + 1);
  fields.count = (args.count - idAt - 1) >> 1;
  if (!streams.append(stream, id)) {
    reply.error(ENTRY_TOO_LONG);
    return;
  }
  if (sent !== null) noteSent(c, stream, sent, id);
  replyId(c, id);
  c.changed(1, EVENT_STREAM, 'xadd');
  if (trimmer.by !== BY_NOTHING && trimmer.trim(stream) > 0) c.event(1, EVENT_STREAM, 'xtrim');
  if (c.effects.active && (form !== ID_WHOLE || trimmer.isVague)) logAppended(c, stream, idAt);
}

/** Logs the id that was made, and how far the stream was trimmed. */
function logAppended(c: Context, stream: Ref, idAt: number): void {
  const { args, effects, keyspace } = c;
  const { id, trimmer } = keyspace.streams;
  if (trimmer.isVague) {
    effects.op(c, 'XADD', trimWords(c, args.count - idAt + 2, idAt));
    logTrim(c, stream, idAt);
  } else {
    effects.op(c, 'XADD', args.count);
    for (let i = 1; i < idAt; i++) effects.arg(i);
  }
  logId(c, id);
  for (let i = idAt + 1; i < args.count; i++) effects.arg(i);
}

/** Completes an id in the light of the last one; false if there is none left. */
function completeId(id: Id, form: number, last: Id, nowMs: number): boolean {
  if (form === ID_WHOLE) return true;
  if (form === ID_OPEN) {
    if (id[0] !== last[0] || id[1] !== last[1]) return true;
    copyId(last, id);
    return incrementSequence(id);
  }
  if (nowMs > msOf(last)) {
    setLowest(id);
    setMs(id, nowMs);
    return true;
  }
  copyId(last, id);
  return increment(id);
}

const XLEN = command({
  name: 'xlen',
  group: 'stream',
  since: '5.0.0',
  summary: 'Number of entries of a stream',
  complexity: 'O(1)',
  arity: 2,
  flags: READONLY | FAST,
  keys: [key('RO', 1)],
  syntax: 'key',
  run: runXlen,
});

function runXlen(c: Context): void {
  const ref = readTyped(c, 1, TYPE_STREAM);
  if (ref === WRONG) return;
  const { streams } = c.keyspace;
  c.reply.integer(ref === 0 ? 0 : streams.length(streams.of(ref)));
}

const XDEL = command({
  name: 'xdel',
  group: 'stream',
  since: '5.0.0',
  summary: 'Removes entries from a stream by their ids',
  complexity: 'O(1) for each entry, whatever the length of the stream',
  arity: -3,
  flags: WRITE | FAST,
  keys: [key('RW DELETE', 1)],
  syntax: 'key id+',
  run: runXdel,
});

function runXdel(c: Context): void {
  const { args, keyspace, reply } = c;
  const { streams } = keyspace;
  const { id } = streams;
  const ref = writeTyped(c, 1, TYPE_STREAM);
  if (ref === WRONG) return;
  if (ref === 0) {
    reply.integer(0);
    return;
  }
  for (let i = 2; i < args.count; i++) if (!idOr(c, i, id)) return;
  const stream = streams.of(ref);
  let removed = 0;
  for (let i = 2; i < args.count; i++) {
    idOr(c, i, id);
    if (streams.remove(stream, id)) removed++;
  }
  if (removed > 0) {
    streams.updateFirstId(stream);
    c.changed(1, EVENT_STREAM, 'xdel');
    keyspace.dirty += removed - 1;
  }
  reply.integer(removed);
}

const XTRIM = command({
  name: 'xtrim',
  group: 'stream',
  since: '5.0.0',
  summary: 'Removes the oldest entries of a stream beyond a length, or below an id',
  complexity: 'O(N) in the number of entries that go; very little for each, since nodes go as a whole',
  arity: -4,
  flags: WRITE,
  keys: [key('RW DELETE', 1)],
  tips: ['nondeterministic_output'],
  syntax: `key trim=(strategy=(MAXLEN | MINID^6.2.0) operator=[equal== | approximately=~] threshold
      [LIMIT count:integer]^6.2.0) references=[KEEPREF | DELREF | ACKED]^8.2.0`,
  history: [
    ['6.2.0', 'Options MINID and LIMIT.'],
    ['8.2.0', 'Options KEEPREF, DELREF and ACKED.'],
  ],
  run: runXtrim,
});

function runXtrim(c: Context): void {
  const { keyspace, reply } = c;
  const { streams } = keyspace;
  if (parseTrim(c, false) < 0) return;
  const ref = writeTyped(c, 1, TYPE_STREAM);
  if (ref === WRONG) return;
  const removed = ref === 0 ? 0 : streams.trimmer.trim(streams.of(ref));
  if (removed > 0) {
    c.changed(1, EVENT_STREAM, 'xtrim');
    keyspace.dirty += removed - 1;
    if (streams.trimmer.isVague && c.effects.active) {
      c.effects.op(c, 'XTRIM', trimWords(c, 2, c.args.count));
      logTrim(c, streams.of(ref), c.args.count);
    }
  }
  reply.integer(removed);
}

const XSETID = command({
  name: 'xsetid',
  group: 'stream',
  since: '5.0.0',
  summary: 'Sets the last id of a stream, for replication',
  complexity: 'O(1)',
  arity: -3,
  flags: WRITE | DENYOOM | FAST,
  keys: [key('RW UPDATE', 1)],
  syntax: `key last-id [ENTRIESADDED entries_added:integer]^7.0.0
    [MAXDELETEDID max_deleted_entry_id]^7.0.0`,
  history: [['7.0.0', 'Options ENTRIESADDED and MAXDELETEDID.']],
  run: runXsetid,
});

function runXsetid(c: Context): void {
  const { args, reply } = c;
  const { id, otherId } = c.keyspace.streams;
  if (!idOr(c, 2, id)) return;
  let added = -1n;
  setLowest(otherId);
  for (let i = 3; i < args.count; i += 2) {
    const hasMore = i + 1 < args.count;
    if (hasMore && args.is(i, 'entriesadded')) {
      const count = args.int64(i + 1);
      if (count === null || count < 0n) {
        reply.error(count === null ? NOT_AN_INTEGER : ENTRIES_ADDED_NEGATIVE);
        return;
      }
      added = count;
    } else if (hasMore && args.is(i, 'maxdeletedid')) {
      if (!idOr(c, i + 1, otherId)) return;
      if (compareIds(id, otherId) < 0) {
        reply.error(SET_ID_BELOW_DELETED);
        return;
      }
    } else {
      reply.error(SYNTAX);
      return;
    }
  }
  setId(c, id, added, otherId);
}

function setId(c: Context, id: Id, added: bigint, maxDeleted: Id): void {
  const { reply } = c;
  const { streams } = c.keyspace;
  const ref = writeTyped(c, 1, TYPE_STREAM);
  if (ref === WRONG) return;
  if (ref === 0) {
    reply.error(NO_SUCH_KEY);
    return;
  }
  const stream = streams.of(ref);
  const length = streams.length(stream);
  if (length > 0) {
    streams.readEdge(stream, false, streams.edgeId);
    if (compareIds(id, streams.edgeId) < 0) {
      reply.error(SET_ID_BELOW_LAST);
      return;
    }
    if (added >= 0n && BigInt(length) > added) {
      reply.error(ENTRIES_ADDED_BELOW_LENGTH);
      return;
    }
  }
  streams.setLastId(stream, id);
  if (added >= 0n) streams.setEntriesAdded(stream, added);
  if (!isLowest(maxDeleted)) streams.setMaxDeletedId(stream, maxDeleted);
  reply.ok();
  c.changed(1, EVENT_STREAM, 'xsetid');
}

export const STREAM_COMMANDS: readonly CommandSpec[] = [XADD, XDEL, XLEN, XSETID, XTRIM];
