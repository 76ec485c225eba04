// Strings as arrays of bits: single bits, counting, finding. Bit 0 is the highest bit of the first byte.
import type { Ref } from '../arena/arena.ts';
import { EVENT_STRING } from '../keyspace/keyspace.ts';
import { BIT_NOT_0_OR_1, INVALID_BIT, INVALID_BIT_OFFSET, SYNTAX } from '../resp/errors.ts';
import { countBitRange, findBit } from '../types/bitmap.ts';
import type { Context } from './context.ts';
import { type CommandSpec, command, DENYOOM, FAST, key, READONLY, WRITE } from './spec.ts';
import { firstIndex, growString, indexArgument, isBackward, lastIndex } from './string_range.ts';
import { isString, stringBytesMax } from './string_store.ts';

const BYTE = 0;
const BIT = 1;
const NO_UNIT = -1;

const GETBIT = command({
  name: 'getbit',
  group: 'bitmap',
  since: '2.2.0',
  summary: 'One bit of a string by its offset',
  complexity: 'O(1)',
  arity: 3,
  flags: READONLY | FAST,
  keys: [key('RO ACCESS', 1)],
  syntax: 'key offset:integer',
  run: runGetbit,
});

function runGetbit(c: Context): void {
  const offset = bitOffset(c, c.args.int(2));
  if (Number.isNaN(offset)) return;
  const ref = c.lookup(1);
  if (ref !== 0 && !isString(c, ref)) return;
  c.reply.integer(ref === 0 ? 0 : bitAt(c, ref, offset));
}

/** One bit of a string, 0 behind its end. */
function bitAt(c: Context, ref: Ref, offset: number): number {
  const strings = c.keyspace.strings;
  const byte = Math.floor(offset / 8);
  strings.locate(ref);
  return byte < strings.length ? (strings.bytes[strings.at + byte]! >>> (7 - (offset & 7))) & 1 : 0;
}

/** `offset` if a string may have such a bit, else NaN after replying with an error. */
export function bitOffset(c: Context, offset: number): number {
  if (offset >= 0 && Math.floor(offset / 8) < stringBytesMax(c)) return offset;
  c.reply.error(INVALID_BIT_OFFSET);
  return Number.NaN;
}

const SETBIT = command({
  name: 'setbit',
  group: 'bitmap',
  since: '2.2.0',
  summary: 'Sets or clears one bit of a string and returns the old one; the string grows as needed',
  complexity: 'O(1)',
  arity: 4,
  flags: WRITE | DENYOOM,
  keys: [key('RW ACCESS UPDATE', 1)],
  syntax: 'key offset:integer value:integer',
  run: runSetbit,
});

function runSetbit(c: Context): void {
  const { args } = c;
  const offset = bitOffset(c, args.int(2));
  if (Number.isNaN(offset)) return;
  const bit = args.int(3);
  if (bit !== 0 && bit !== 1) {
    c.reply.error(INVALID_BIT);
    return;
  }
  const ref = c.lookupWrite(1);
  if (ref !== 0 && !isString(c, ref)) return;
  const strings = c.keyspace.strings;
  const before = ref === 0 ? -1 : strings.byteLength(ref);
  const byte = Math.floor(offset / 8);
  const length = Math.max(before, byte + 1);
  if (ref !== 0) strings.beforeChange(ref, byte, byte + 1);
  growString(c, 1, ref, length, length);
  const at = strings.at + byte;
  const shift = 7 - (offset & 7);
  const old = (strings.bytes[at]! >>> shift) & 1;
  if (old !== bit) strings.bytes[at]! ^= 1 << shift;
  if (old !== bit || length !== before) c.changed(1, EVENT_STRING, 'setbit');
  c.reply.integer(old);
}

const BITCOUNT = command({
  name: 'bitcount',
  group: 'bitmap',
  since: '2.6.0',
  summary: 'Number of bits set in a string or in a range of it',
  complexity: 'O(N) in the bytes looked at',
  arity: -2,
  flags: READONLY,
  keys: [key('RO ACCESS', 1)],
  syntax: 'key index=[start:integer end:integer index_unit=[BYTE | BIT]^7.0.0]',
  history: [['7.0.0', 'Option BYTE or BIT.']],
  run: runBitcount,
});

function runBitcount(c: Context): void {
  const { args, keyspace, reply } = c;
  const ref = c.lookup(1);
  if (ref !== 0 && !isString(c, ref)) return;
  if (ref === 0) {
    reply.integer(0);
    return;
  }
  const { strings } = keyspace;
  let first = 0;
  let last = Number.MAX_SAFE_INTEGER;
  let unit = BYTE;
  if (args.count > 2) {
    if (args.count > 5 || args.count === 3) {
      reply.error(SYNTAX);
      return;
    }
    first = indexArgument(c, 2);
    if (Number.isNaN(first)) return;
    last = indexArgument(c, 3);
    if (Number.isNaN(last)) return;
    if (isBackward(c, 2, first, last)) {
      reply.integer(0);
      return;
    }
    unit = unitArgument(c, 4);
    if (unit === NO_UNIT) return;
  }
  const words = strings.locateWords(ref);
  const size = unit === BIT ? strings.length * 8 : strings.length;
  first = firstIndex(first, size);
  last = lastIndex(last, size);
  if (first > last) reply.integer(0);
  else
    reply.integer(
      countBitRange(strings.bytes, words, strings.at, firstBit(first, unit), lastBit(last, unit)),
    );
}

/** The unit that argument `i` names, BYTE if there is none; NO_UNIT after replying with an error. */
function unitArgument(c: Context, i: number): number {
  if (i >= c.args.count || c.args.is(i, 'byte')) return BYTE;
  if (c.args.is(i, 'bit')) return BIT;
  c.reply.error(SYNTAX);
  return NO_UNIT;
}

function firstBit(index: number, unit: number): number {
  return unit === BIT ? index : index * 8;
}

function lastBit(index: number, unit: number): number {
  return unit === BIT ? index : index * 8 + 7;
}

const BITPOS = command({
  name: 'bitpos',
  group: 'bitmap',
  since: '2.8.7',
  summary: 'Position of the first bit that is set or clear',
  complexity: 'O(N) in the bytes looked at',
  arity: -3,
  flags: READONLY,
  keys: [key('RO ACCESS', 1)],
  syntax: 'key bit:integer index=[start:integer end_index=[end:integer index_unit=[BYTE | BIT]^7.0.0]]',
  history: [['7.0.0', 'Option BYTE or BIT.']],
  run: runBitpos,
});

function runBitpos(c: Context): void {
  const { args, reply } = c;
  const bit = indexArgument(c, 2);
  if (Number.isNaN(bit)) return;
  if (bit !== 0 && bit !== 1) {
    reply.error(BIT_NOT_0_OR_1);
    return;
  }
  const ref = c.lookup(1);
  if (ref !== 0 && !isString(c, ref)) return;
  if (ref === 0) {
    reply.integer(bit === 1 ? -1 : 0);
    return;
  }
  if (args.count > 6) {
    reply.error(SYNTAX);
    return;
  }
  let first = 0;
  let last = Number.MAX_SAFE_INTEGER;
  if (args.count > 3) first = indexArgument(c, 3);
  if (Number.isNaN(first)) return;
  const unit = unitArgument(c, 5);
  if (unit === NO_UNIT) return;
  if (args.count > 4) last = indexArgument(c, 4);
  if (!Number.isNaN(last)) replyPosition(c, ref, bit, first, last, unit);
}

function replyPosition(c: Context, ref: Ref, bit: number, start: number, end: number, unit: number): void {
  const { reply } = c;
  const { strings } = c.keyspace;
  const words = strings.locateWords(ref);
  const size = unit === BIT ? strings.length * 8 : strings.length;
  const first = firstIndex(start, size);
  const last = lastIndex(end, size);
  if (first > last) {
    reply.integer(-1);
    return;
  }
  const found = findBit(strings.bytes, words, strings.at, bit, firstBit(first, unit), lastBit(last, unit));
  // Without an end, a string that has no zero is thought to go on with zeros.
  reply.integer(found < 0 && bit === 0 && c.args.count <= 4 ? strings.length * 8 : found);
}

export const BITMAP_COMMANDS: readonly CommandSpec[] = [BITCOUNT, BITPOS, GETBIT, SETBIT];
