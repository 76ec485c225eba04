// Entries that producers may send twice and that are added once: IDMP and IDMPAUTO of XADD, XCFGSET and XIDMPRECORD.
import { createHash } from 'node:crypto';
import type { Ref } from '../arena/arena.ts';
import { EVENT_SILENT } from '../keyspace/keyspace.ts';
import { NO_SUCH_KEY, NOT_AN_INTEGER, SYNTAX } from '../resp/errors.ts';
import {
  RECORDED_ID_EMPTY,
  RECORDED_PRODUCER_EMPTY,
  SENT_ID_AUTO_NEEDS_PRODUCER,
  SENT_ID_COUNT_OUT_OF_RANGE,
  SENT_ID_DURATION_OUT_OF_RANGE,
  SENT_ID_EMPTY,
  SENT_ID_NEEDS_PRODUCER,
  SENT_ID_OF_NO_ENTRY,
  SENT_ID_OF_OTHER_ENTRY,
  SENT_ID_TWICE,
  STREAM_SETTING_MISSING,
} from '../resp/stream_errors.ts';
import { TYPE_STREAM } from '../structs/entry.ts';
import { compareIds, type Id } from '../structs/stream_id.ts';
import { SENT_IDS_MAX, SENT_SECONDS_MAX } from '../types/limits.ts';
import type { Name } from '../types/stream_words.ts';
import type { Context } from './context.ts';
import { type CommandSpec, command, DENYOOM, FAST, key, WRITE } from './spec.ts';
import { idOr } from './stream_ids.ts';
import { replyId } from './stream_reply.ts';
import { WRONG, writeTyped } from './typed.ts';

/** Words of a digest of fields. */
const DIGEST_WORDS = 4;

/** Words that IDMP or IDMPAUTO takes in argument `i`, with itself; 0 if there is none of these. */
export function sentWords(c: Context, i: number): number {
  const { args } = c;
  const more = args.count - 1 - i;
  if (more >= 2 && args.is(i, 'idmp')) return 3;
  return more >= 1 && args.is(i, 'idmpauto') ? 2 : 0;
}

/** Reads IDMP or IDMPAUTO in argument `i`, which takes `words` words; the text of an error, or null. */
export function readSent(c: Context, i: number, words: number): string | null {
  const { args, keyspace } = c;
  const { appending } = keyspace.streams;
  if (appending.producerAt > 0) return SENT_ID_TWICE;
  const isAuto = words === 2;
  if (args.length(i + 1) === 0) return isAuto ? SENT_ID_AUTO_NEEDS_PRODUCER : SENT_ID_NEEDS_PRODUCER;
  if (!isAuto && args.length(i + 2) === 0) return SENT_ID_EMPTY;
  appending.producerAt = i + 1;
  appending.sentAt = isAuto ? 0 : i + 2;
  return null;
}

/** Under which name the producer sent the entry whose id is argument `idAt`: its own, or one made of the fields. */
export function sentName(c: Context, idAt: number): Name {
  const { sentAt } = c.keyspace.streams.appending;
  return sentAt > 0 ? nameAt(c, sentAt) : digestOf(c, idAt + 1);
}

/** Answers with the id of the entry that was added when this one was sent before; false if it was not. */
export function answersDuplicate(c: Context, stream: Ref, name: Name): boolean {
  const { nowMs, streams } = c.keyspace;
  const { edgeId, producers } = streams;
  const record = streams.producersOf(stream);
  // What a log says was added is added.
  if (record === 0 || c.fromLog) return false;
  producers.forgetOld(record, nowMs);
  const sent = producers.find(record, nameAt(c, streams.appending.producerAt), name);
  if (sent === 0 || !producers.isKnown(record, sent, nowMs)) return false;
  producers.countDuplicate(record);
  producers.readId(sent, edgeId);
  replyId(c, edgeId);
  return true;
}

/** Notes that an entry, which was just added, was sent. */
export function noteSent(c: Context, stream: Ref, name: Name, id: Id): void {
  const { streams } = c.keyspace;
  const { appending, producers } = streams;
  const record = streams.recordOf(stream);
  producers.note(record, nameAt(c, appending.producerAt), name, id);
  producers.countAdded(record);
}

function nameAt(c: Context, i: number): Name {
  const { args } = c;
  return { u8: args.bytes, at: args.at(i), length: args.length(i) };
}

/** What stands for the fields from argument `from` on, whatever their order: the sum of the digests of all pairs. */
function digestOf(c: Context, from: number): Name {
  const { args } = c;
  const sums = new Uint32Array(DIGEST_WORDS);
  const head = Buffer.alloc(4);
  for (let i = from; i < args.count; i += 2) {
    head.writeUInt32LE(args.length(i));
    const digest = createHash('sha256')
      .update(head)
      .update(args.copy(i))
      .update(args.copy(i + 1))
      .digest();
    for (let word = 0; word < DIGEST_WORDS; word++) sums[word]! += digest.readUInt32LE(4 * word);
  }
  const u8 = new Uint8Array(sums.buffer);
  return { u8, at: 0, length: u8.length };
}

const XCFGSET = command({
  name: 'xcfgset',
  group: 'stream',
  since: '8.6.0',
  summary: 'Sets for how long, and how many ids of entries that each producer sent a stream knows',
  complexity: 'O(1); O(N) in the number of ids that are known, which are forgotten if a setting changes',
  arity: -2,
  flags: WRITE | FAST,
  keys: [key('RW UPDATE', 1)],
  syntax: 'key [IDMP-DURATION duration:integer] [IDMP-MAXSIZE maxsize:integer]',
  run: runXcfgset,
});

function runXcfgset(c: Context): void {
  const { args, reply } = c;
  const { limits, streams } = c.keyspace;
  let seconds = 0;
  let idsMax = 0;
  if (args.count === 2) {
    reply.error(STREAM_SETTING_MISSING);
    return;
  }
  for (let i = 2; i < args.count; i += 2) {
    const isDuration = args.is(i, 'idmp-duration');
    if (i + 1 === args.count || !(isDuration || args.is(i, 'idmp-maxsize'))) {
      reply.error(SYNTAX);
      return;
    }
    const value = settingOr(c, i + 1, isDuration);
    if (value === 0) return;
    if (isDuration) seconds = value;
    else idsMax = value;
  }
  const ref = writeTyped(c, 1, TYPE_STREAM);
  if (ref === WRONG) return;
  if (ref === 0) {
    reply.error(NO_SUCH_KEY);
    return;
  }
  const record = streams.producersOf(streams.of(ref));
  const { producers } = streams;
  const wantedSeconds = seconds || (record === 0 ? limits.streamIdmpDuration : producers.seconds(record));
  const wantedIds = idsMax || (record === 0 ? limits.streamIdmpMaxsize : producers.idsMax(record));
  producers.configure(streams.recordOf(streams.of(ref)), wantedSeconds, wantedIds);
  c.changed(1, EVENT_SILENT, 'xcfgset');
  reply.ok();
}

/** Argument `i` as a setting; 0 after an error reply. */
function settingOr(c: Context, i: number, isDuration: boolean): number {
  const value = c.args.int64(i);
  if (value !== null && value >= 1n && value <= (isDuration ? SENT_SECONDS_MAX : SENT_IDS_MAX))
    return Number(value);
  const outOfRange = isDuration ? SENT_ID_DURATION_OUT_OF_RANGE : SENT_ID_COUNT_OUT_OF_RANGE;
  c.reply.error(value === null ? NOT_AN_INTEGER : outOfRange);
  return 0;
}

const XIDMPRECORD = command({
  name: 'xidmprecord',
  group: 'stream',
  since: '8.6.2',
  summary: 'Notes which entry a producer sent under which id, for logs',
  complexity: 'O(1)',
  arity: 5,
  flags: WRITE | DENYOOM | FAST,
  keys: [key('RW UPDATE', 1)],
  syntax: 'key pid iid stream-id',
  run: runXidmprecord,
});

function runXidmprecord(c: Context): void {
  const { args, keyspace, reply } = c;
  const { streams } = keyspace;
  const { edgeId, id, producers } = streams;
  if (args.length(2) === 0 || args.length(3) === 0) {
    reply.error(args.length(2) === 0 ? RECORDED_PRODUCER_EMPTY : RECORDED_ID_EMPTY);
    return;
  }
  if (!idOr(c, 4, id)) return;
  const ref = writeTyped(c, 1, TYPE_STREAM);
  if (ref === WRONG) return;
  const stream = ref === 0 ? 0 : streams.of(ref);
  if (stream === 0 || !streams.has(stream, id)) {
    reply.error(stream === 0 ? NO_SUCH_KEY : SENT_ID_OF_NO_ENTRY);
    return;
  }
  const record = streams.recordOf(stream);
  const known = producers.find(record, nameAt(c, 2), nameAt(c, 3));
  if (known !== 0) producers.readId(known, edgeId);
  if (known !== 0 && compareIds(edgeId, id) !== 0) {
    reply.error(SENT_ID_OF_OTHER_ENTRY);
    return;
  }
  if (known === 0) {
    producers.note(record, nameAt(c, 2), nameAt(c, 3), id);
    keyspace.dirty++;
  }
  reply.ok();
}

export const STREAM_PRODUCER_COMMANDS: readonly CommandSpec[] = [XCFGSET, XIDMPRECORD];
