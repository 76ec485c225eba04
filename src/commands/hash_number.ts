// Fields of hashes as numbers. Integers within ±2^53 are numbers all the way; the rest goes through BigInt.
import type { Ref } from '../arena/arena.ts';
import { fromLatin1, toLatin1 } from '../base/bytes.ts';
import { int64CharsMax, int64Max, int64Min, int64ToBytes, parseInt64 } from '../base/int64.ts';
import {
  addLongDoubles,
  formatLongDouble,
  isFiniteLongDouble,
  type LongDouble,
  longDoubleTextEnd,
  parseLongDouble,
} from '../base/longdouble.ts';
import { EVENT_HASH } from '../keyspace/keyspace.ts';
import {
  FIELD_NOT_A_FLOAT,
  FIELD_NOT_AN_INTEGER,
  INCREMENT_NOT_FINITE,
  NAN_OR_INFINITY,
  NOT_A_FLOAT,
  NOT_AN_INTEGER,
  OVERFLOW,
} from '../resp/errors.ts';
import { TYPE_HASH } from '../structs/entry.ts';
import { ABSENT, EXPIRED, FOUND } from '../types/hash.ts';
import type { Context } from './context.ts';
import { addHash, findField } from './hash_fields.ts';
import { type CommandSpec, command, DENYOOM, FAST, key, WRITE } from './spec.ts';
import { longDoubleArgument } from './string_number.ts';
import { WRONG, writeTyped } from './typed.ts';

const ZERO: LongDouble = { mantissa: 0n, exponent: 0 };

const HINCRBY = command({
  name: 'hincrby',
  group: 'hash',
  since: '2.0.0',
  summary: 'Adds an integer to the one that a field holds; a missing field counts as 0',
  complexity: 'O(1)',
  arity: 4,
  flags: WRITE | DENYOOM | FAST,
  keys: [key('RW ACCESS UPDATE', 1)],
  member: 2,
  syntax: 'key field increment:integer',
  run: runHincrby,
});

function runHincrby(c: Context): void {
  const hashes = c.keyspace.hashes;
  const by = c.args.int(3);
  if (Number.isNaN(by) && c.args.int64(3) === null) {
    c.reply.error(NOT_AN_INTEGER);
    return;
  }
  const ref = writeTyped(c, 1, TYPE_HASH);
  if (ref === WRONG) return;
  const found = ref === 0 ? ABSENT : findNumber(c, ref);
  const sum = found === FOUND ? hashes.integer(ref) + by : by;
  if (found !== FOUND || !Number.isSafeInteger(sum) || mayBeTooLong(c)) {
    addExact(c, ref, found);
    return;
  }
  hashes.setFoundInteger(ref, sum);
  hashes.limitFields(ref);
  c.changed(1, EVENT_HASH, 'hincrby');
  c.reply.integer(sum);
}

/** Whether the digits of an integer may be more than small hashes take. */
function mayBeTooLong({ keyspace }: Context): boolean {
  return keyspace.limits.hashMaxListpackValue < int64CharsMax;
}

/** Looks for the field in argument 2 after making sure that the hash can take it. */
function findNumber(c: Context, ref: Ref): number {
  c.keyspace.hashes.expect(ref, c.args.length(2), 0);
  const found = findField(c, ref, 2);
  if (found === EXPIRED) c.event(1, EVENT_HASH, 'hexpired');
  return found;
}

/** HINCRBY in all its cases, for any 64-bit integers. */
function addExact(c: Context, ref: Ref, found: number): void {
  const { hashes } = c.keyspace;
  let old: bigint | null = 0n;
  if (found === FOUND) {
    hashes.locateValue(ref);
    old = parseInt64(hashes.bytes, hashes.at, hashes.length);
  }
  if (old === null) {
    c.reply.error(FIELD_NOT_AN_INTEGER);
    return;
  }
  const sum = old + c.args.int64(3)!;
  if (sum > int64Max || sum < int64Min) {
    c.reply.error(OVERFLOW);
    return;
  }
  storeText(c, ref, int64ToBytes(sum));
  c.changed(1, EVENT_HASH, 'hincrby');
  c.reply.bigInteger(sum);
}

/** Stores the value of the field in argument 2 of the hash in argument 1; `ref` is 0 if there is none yet. */
function storeText(c: Context, ref: Ref, text: Uint8Array): void {
  const { args, keyspace } = c;
  const { hashes } = keyspace;
  const hash = ref === 0 ? addHash(c) : ref;
  const at = args.at(2);
  const length = args.length(2);
  hashes.expect(hash, length, text.length);
  if (hashes.find(hash, args.bytes, at, length, keyspace.pastMs) === FOUND) {
    hashes.setFound(hash, text, 0, text.length);
    hashes.limitFields(hash);
  } else {
    hashes.addField(hash, args.bytes, at, length, text, 0, text.length);
  }
}

const HINCRBYFLOAT = command({
  name: 'hincrbyfloat',
  group: 'hash',
  since: '2.6.0',
  summary: 'Adds a floating-point number to the one that a field holds; a missing field counts as 0',
  complexity: 'O(1)',
  arity: 4,
  flags: WRITE | DENYOOM | FAST,
  keys: [key('RW ACCESS UPDATE', 1)],
  member: 2,
  syntax: 'key field increment:double',
  run: runHincrbyfloat,
});

function runHincrbyfloat(c: Context): void {
  const { reply } = c;
  const by = longDoubleArgument(c, 3);
  if (by === null || !isFiniteLongDouble(by)) {
    reply.error(by === null ? NOT_A_FLOAT : INCREMENT_NOT_FINITE);
    return;
  }
  const ref = writeTyped(c, 1, TYPE_HASH);
  if (ref === WRONG) return;
  const found = ref === 0 ? ABSENT : findNumber(c, ref);
  const old = found === FOUND ? longDoubleOf(c, ref) : ZERO;
  if (old === null) {
    reply.error(FIELD_NOT_A_FLOAT);
    return;
  }
  const sum = addLongDoubles(old, by);
  if (!isFiniteLongDouble(sum)) {
    reply.error(NAN_OR_INFINITY);
    return;
  }
  const text = formatLongDouble(sum);
  storeText(c, ref, fromLatin1(text));
  c.changed(1, EVENT_HASH, 'hincrbyfloat');
  if (c.effects.active) c.effects.op(c, 'HSET', 4).arg(1).arg(2).text(text);
  reply.bulkText(text);
}

/** The number that the found field spells, null if it is none. */
function longDoubleOf(c: Context, ref: Ref): LongDouble | null {
  const { hashes } = c.keyspace;
  hashes.locateValue(ref);
  if (hashes.length >= longDoubleTextEnd) return null;
  return parseLongDouble(toLatin1(hashes.bytes, hashes.at, hashes.length));
}

export const HASH_NUMBER_COMMANDS: readonly CommandSpec[] = [HINCRBY, HINCRBYFLOAT];
