// DEBUG: how keys and values are stored; and many keys at once.
import type { Ref } from '../arena/arena.ts';
import { idleSeconds } from '../keyspace/access_clock.ts';
import type { Database } from '../keyspace/database.ts';
import {
  DATABASE_OUT_OF_RANGE,
  NO_SUCH_KEY,
  NOT_A_HASH_TABLE,
  NOT_LISTPACK,
  NOT_POSITIVE,
  NOT_QUICKLIST,
  NOT_SDS,
} from '../resp/errors.ts';
import {
  ENC_HASHTABLE,
  ENC_LISTPACK,
  ENC_LISTPACK_EX,
  ENC_QUICKLIST,
  TYPE_STRING,
} from '../structs/entry.ts';
import { ENCODING_NAMES } from '../types/names.ts';
import type { Context } from './context.ts';
import type { Tool } from './debug_tool.ts';
import { int32Or } from './integers.ts';
import { referenceCount } from './object.ts';

/** From how many elements the bytes of a table are estimated. */
const SAMPLES = 100;

/** Entry of the key in argument 2 without touching it; 0 after replying that there is none. */
function entryOr(c: Context): Ref {
  const { args } = c;
  const ref = c.db.live(args.bytes, args.at(2), args.length(2), c.hashOf(2));
  if (ref === 0) c.reply.error(NO_SUCH_KEY);
  return ref;
}

function runObject(c: Context): void {
  const ref = entryOr(c);
  if (ref === 0) return;
  const { config, dumper, keyspace } = c;
  const { entries } = keyspace;
  const clock = entries.clock(ref);
  c.reply.status(
    `Value at:0x${(ref * 8).toString(16)} refcount:${referenceCount(c, ref)} ` +
      `encoding:${ENCODING_NAMES[entries.encoding(ref)]} serializedlength:${dumper.valueBytes(ref, config.boolean('rdbcompression'))} ` +
      `lru:${clock} lru_seconds_idle:${idleSeconds(keyspace, clock)}${quicklistText(c, ref)}`,
  );
}

/** What DEBUG OBJECT says of a quicklist beyond what it says of all values. */
function quicklistText({ keyspace: { entries, lists } }: Context, ref: Ref): string {
  if (entries.encoding(ref) !== ENC_QUICKLIST) return '';
  const { quicklists } = lists;
  const list = entries.wordLow(ref);
  const nodes = quicklists.nodeCount(list);
  let unpackedBytes = 0;
  for (const node of quicklists.nodesOf(list)) unpackedBytes += quicklists.nodes.bytes(node);
  return (
    ` ql_nodes:${nodes} ql_avg_node:${(quicklists.size(list) / nodes).toFixed(2)} ` +
    `ql_listpack_max:${quicklists.fill(list)} ql_compressed:${quicklists.depth(list) === 0 ? 0 : 1} ` +
    `ql_uncompressed_size:${unpackedBytes}`
  );
}

/** Key and short values share a block; then the block counts for the key. */
function runSdslen(c: Context): void {
  const ref = entryOr(c);
  if (ref === 0) return;
  const { arena, entries, strings } = c.keyspace;
  if (entries.type(ref) !== TYPE_STRING || strings.isInt(ref)) {
    c.reply.error(NOT_SDS);
    return;
  }
  const outsideBytes = strings.outsideBytes(ref);
  const valueBytes = outsideBytes === 0 ? 0 : arena.usableBytes(outsideBytes);
  c.reply.status(
    `key_sds_len:${entries.keyBytes(ref)}, key_sds_avail:0, key_zmalloc: ${arena.usableBytes(entries.blockBytes(ref))}, ` +
      `val_sds_len:${strings.byteLength(ref)}, val_sds_avail:${Math.max(0, outsideBytes - strings.byteLength(ref))}, ` +
      `val_zmalloc: ${valueBytes}`,
  );
}

/** A tool that shows the inside of values of some encodings. */
function encodingTool(
  name: string,
  encodings: readonly number[],
  error: string,
  help: readonly string[],
  show: (c: Context, ref: Ref) => void,
): Tool {
  return {
    name,
    words: [1, 1],
    help,
    run: (c) => {
      const ref = entryOr(c);
      if (ref === 0) return;
      if (encodings.includes(c.keyspace.entries.encoding(ref))) show(c, ref);
      else c.reply.error(error);
    },
  };
}

/** Writes into the log, which is where the reference's words send the reader unless there is a log file. */
function showListpack(c: Context, ref: Ref): void {
  const { entries, lists } = c.keyspace;
  const listpack = entries.wordLow(ref);
  c.server.admin.log.notice(
    `DEBUG LISTPACK: ${lists.listpacks.totalBytes(listpack)} bytes, ${lists.listpacks.count(listpack)} elements`,
  );
  c.reply.status('Listpack structure printed on stdout');
}

function showQuicklist(c: Context, ref: Ref): void {
  const { entries, lists } = c.keyspace;
  const { quicklists } = lists;
  for (const node of quicklists.nodesOf(entries.wordLow(ref))) {
    const form = quicklists.nodes.isPlain(node) ? 'one large element' : 'a listpack';
    c.server.admin.log.notice(
      `DEBUG QUICKLIST: ${form}${quicklists.nodes.isPacked(node) ? ', compressed' : ''}: ` +
        `${quicklists.nodes.bytes(node)} bytes, ${quicklists.nodes.count(node)} elements`,
    );
  }
  c.reply.status('Quicklist structure printed on stdout');
}

function showTable(c: Context, ref: Ref): void {
  const { entries, types } = c.keyspace;
  const type = types[entries.type(ref)]!;
  const lines = [
    '[Dictionary HT]',
    `blocks: about ${type.effort(ref)}`,
    `bytes: about ${type.outsideBytes(ref, SAMPLES)}`,
  ];
  c.reply.verbatim('txt', `${lines.join('\n')}\n`);
}

function runHtstats(c: Context): void {
  const index = int32Or(c, 2);
  if (Number.isNaN(index)) return;
  if (index < 0 || index >= c.keyspace.databaseCount) c.reply.error(DATABASE_OUT_OF_RANGE);
  else c.reply.verbatim('txt', tableText(c.keyspace.db(index)));
}

function tableText(db: Database): string {
  const fill = db.fill();
  const emptiest = Math.min(...fill.map(({ buckets, entries }) => entries / buckets));
  const fullest = Math.max(...fill.map(({ buckets, entries }) => entries / buckets));
  const lines = [
    '[Dictionary HT]',
    `table size: ${db.capacity}`,
    `number of elements: ${db.size}`,
    `segments: ${fill.length}`,
    `bytes: ${db.tableBytes}`,
  ];
  if (fill.length > 0) {
    lines.push(`elements in a bucket: ${emptiest.toFixed(2)} to ${fullest.toFixed(2)} by segment`);
    const depths = fill.map(({ localDepth }) => localDepth);
    lines.push(`depth of segments: ${Math.min(...depths)} to ${Math.max(...depths)}`);
  }
  lines.push('[Expires HT]', `number of elements: ${db.volatileCount} (marked in the table above)`, '');
  return lines.join('\n');
}

/** Keys `prefix:0` … of strings `value:0` …, cut or padded with zeros to the size, where there are none yet. */
function runPopulate(c: Context): void {
  const { args, db, keyspace } = c;
  const count = positiveOr(c, 2);
  const sizeBytes = args.count > 4 ? positiveOr(c, 4) : 0;
  if (Number.isNaN(count) || Number.isNaN(sizeBytes)) return;
  const prefix = args.count > 3 ? args.text(3) : 'key';
  for (let i = 0; i < count; i++) {
    const key = Buffer.from(`${prefix}:${i}`, 'latin1');
    const hash = keyspace.hash.hash(key, 0, key.length);
    if (db.live(key, 0, key.length, hash) !== 0) continue;
    const text = Buffer.from(`value:${i}`, 'latin1');
    const value = sizeBytes === 0 ? text : Buffer.alloc(sizeBytes);
    if (value !== text) text.copy(value);
    db.add(
      hash,
      keyspace.strings.create(key, 0, key.length, keyspace.freshClock(), 0, value, 0, value.length),
    );
  }
  c.reply.ok();
}

function positiveOr(c: Context, i: number): number {
  const value = c.args.int(i);
  if (value >= 0) return value;
  c.reply.error(NOT_POSITIVE);
  return Number.NaN;
}

export const VALUE_TOOLS: readonly Tool[] = [
  {
    name: 'object',
    words: [1, 1],
    help: ['OBJECT <key>', '    How the value of <key> is stored.'],
    run: runObject,
  },
  {
    name: 'sdslen',
    words: [1, 1],
    help: ['SDSLEN <key>', '    Lengths of <key> and its string, and the blocks that hold them.'],
    run: runSdslen,
  },
  encodingTool(
    'listpack',
    [ENC_LISTPACK, ENC_LISTPACK_EX],
    NOT_LISTPACK,
    ['LISTPACK <key>', '    Figures of a value with encoding listpack, in the log.'],
    showListpack,
  ),
  {
    ...encodingTool(
      'quicklist',
      [ENC_QUICKLIST],
      NOT_QUICKLIST,
      ['QUICKLIST <key> [<0|1>]', '    Figures of the nodes of a value with encoding quicklist, in the log.'],
      showQuicklist,
    ),
    words: [1, 2],
  },
  {
    name: 'htstats',
    words: [1, 2],
    help: ['HTSTATS <dbid>', '    Figures of the table of keys of a database.'],
    run: runHtstats,
  },
  encodingTool(
    'htstats-key',
    [ENC_HASHTABLE],
    NOT_A_HASH_TABLE,
    ['HTSTATS-KEY <key>', '    Figures of the table in the value of <key>.'],
    showTable,
  ),
  {
    name: 'populate',
    words: [1, 3],
    help: [
      'POPULATE <count> [<prefix>] [<size>]',
      '    Add <count> strings of <size> bytes under the keys <prefix>:0, <prefix>:1 …',
      '    (default prefix: key) where there are none yet.',
    ],
    run: runPopulate,
  },
];
