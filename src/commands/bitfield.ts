// BITFIELD: integers of any width at any bit of a string.
//
// All operations are parsed before the first one runs. Widths up to 32 bits with moderate operands use numbers, whose sums
// are exact; everything else uses BigInt.

import { parseInt53 } from '../base/int64.ts';
import { EVENT_STRING } from '../keyspace/keyspace.ts';
import {
  BITFIELD_RO_WRITES,
  INVALID_BITFIELD_TYPE,
  INVALID_OVERFLOW_TYPE,
  NOT_AN_INTEGER,
  SYNTAX,
} from '../resp/errors.ts';
import { readBits, readWideBits, writeBits, writeWideBits } from '../types/bit_integer.ts';
import { bitOffset } from './bitmap.ts';
import type { Context } from './context.ts';
import { bitfieldKeys } from './find_keys.ts';
import { type CommandSpec, command, DENYOOM, FAST, key, READONLY, WRITE } from './spec.ts';
import { growString } from './string_range.ts';
import { isString } from './string_store.ts';

const GET = 0;
const SET = 1;
const INCRBY = 2;

const WRAP = 0;
const SATURATE = 1;
const FAIL = 2;

const SIGNED = 105;
const UNSIGNED = 117;
const HASH = 35;
/** Operands up to this size are added as numbers to integers of up to 32 bits. */
const SMALL_OPERAND_MAX = 2 ** 50;
const NARROW_BITS_MAX = 32;

interface Operation {
  readonly code: number;
  readonly signed: boolean;
  readonly bits: number;
  readonly offset: number;
  /** A BigInt only if it is large. */
  readonly operand: number | bigint;
  readonly overflow: number;
}

const BITFIELD = command({
  name: 'bitfield',
  group: 'bitmap',
  since: '3.2.0',
  summary: 'Reads, writes and increments integers of any width within a string',
  complexity: 'O(1) for each operation',
  arity: -2,
  flags: WRITE | DENYOOM,
  keys: [key('RW ACCESS UPDATE VARIABLE_FLAGS', 1)],
  syntax: `key
    operation=[GET (encoding offset:integer) | write=([OVERFLOW (WRAP | SAT
      | FAIL)] write_operation=(SET (encoding offset:integer value:integer)
      | INCRBY (encoding offset:integer increment:integer)))]+`,
  getKeys: bitfieldKeys,
  run: runBitfield,
});

function runBitfield(c: Context): void {
  const operations = parseOperations(c);
  if (operations !== null) runOperations(c, operations);
}

const BITFIELD_RO = command({
  name: 'bitfield_ro',
  group: 'bitmap',
  since: '6.0.0',
  summary: 'Reads integers of any width within a string',
  complexity: 'O(1) for each operation',
  arity: -2,
  flags: READONLY | FAST,
  keys: [key('RO ACCESS', 1)],
  syntax: 'key [GET (encoding offset:integer)++]',
  run: runBitfieldRo,
});

function runBitfieldRo(c: Context): void {
  const operations = parseOperations(c);
  if (operations === null) return;
  if (operations.some(({ code }) => code !== GET)) c.reply.error(BITFIELD_RO_WRITES);
  else runOperations(c, operations);
}

/** Null after replying with an error. */
function parseOperations(c: Context): Operation[] | null {
  const { args } = c;
  const operations: Operation[] = [];
  let overflow = WRAP;
  let i = 2;
  while (i < args.count) {
    const left = args.count - i - 1;
    if (args.is(i, 'overflow') && left >= 1) {
      overflow = overflowArgument(c, i + 1);
      if (overflow < 0) return null;
      i += 2;
      continue;
    }
    const code = codeArgument(c, i);
    const words = code === GET ? 2 : 3;
    if (code < 0 || left < words) {
      c.reply.error(SYNTAX);
      return null;
    }
    const operation = parseOperation(c, i, code, overflow);
    if (operation === null) return null;
    operations.push(operation);
    i += words + 1;
  }
  return operations;
}

function codeArgument({ args }: Context, i: number): number {
  if (args.is(i, 'get')) return GET;
  if (args.is(i, 'set')) return SET;
  return args.is(i, 'incrby') ? INCRBY : -1;
}

function overflowArgument({ args, reply }: Context, i: number): number {
  if (args.is(i, 'wrap')) return WRAP;
  if (args.is(i, 'sat')) return SATURATE;
  if (args.is(i, 'fail')) return FAIL;
  reply.error(INVALID_OVERFLOW_TYPE);
  return -1;
}

/** The operation whose name is argument `i`. */
function parseOperation(c: Context, i: number, code: number, overflow: number): Operation | null {
  const { args, reply } = c;
  const kind = args.length(i + 1) > 0 ? args.bytes[args.at(i + 1)]! : 0;
  const signed = kind === SIGNED;
  const bits = parseInt53(args.bytes, args.at(i + 1) + 1, args.length(i + 1) - 1);
  if ((!signed && kind !== UNSIGNED) || !(bits >= 1 && bits <= (signed ? 64 : 63))) {
    reply.error(INVALID_BITFIELD_TYPE);
    return null;
  }
  const offset = offsetArgument(c, i + 2, bits);
  if (Number.isNaN(offset)) return null;
  const small = code === GET ? 0 : args.int(i + 3);
  const operand = Math.abs(small) <= SMALL_OPERAND_MAX ? small : args.int64(i + 3);
  if (operand === null) {
    reply.error(NOT_AN_INTEGER);
    return null;
  }
  return { code, signed, bits, offset, operand, overflow };
}

/** A bit offset; `#n` is the n-th integer of that width. NaN after replying with an error. */
function offsetArgument(c: Context, i: number, bits: number): number {
  const { args } = c;
  const at = args.at(i);
  const hash = args.length(i) > 0 && args.bytes[at] === HASH ? 1 : 0;
  const number = parseInt53(args.bytes, at + hash, args.length(i) - hash);
  return bitOffset(c, hash === 1 ? number * bits : number);
}

function runOperations(c: Context, operations: readonly Operation[]): void {
  const { keyspace, reply } = c;
  const { strings } = keyspace;
  let end = 0;
  for (const { code, offset, bits } of operations) if (code !== GET) end = Math.max(end, offset + bits);
  const ref = end === 0 ? c.lookup(1) : c.lookupWrite(1);
  if (ref !== 0 && !isString(c, ref)) return;
  if (ref !== 0) {
    for (const { code, offset, bits } of operations)
      if (code !== GET) strings.beforeChange(ref, offset >>> 3, Math.ceil((offset + bits) / 8));
  }
  const before = ref === 0 ? 0 : strings.byteLength(ref);
  const after = Math.max(before, Math.ceil(end / 8));
  if (end > 0) growString(c, 1, ref, after, after);
  else if (ref !== 0) strings.locate(ref);
  reply.array(operations.length);
  let changes = 0;
  for (const operation of operations) if (runOperation(c, operation, after, after > before)) changes++;
  if (changes === 0 && after === before) return;
  c.changed(1, EVENT_STRING, 'setbit');
  // The reference counts every integer that was written.
  keyspace.dirty += Math.max(0, changes - 1);
}

/** Runs one operation on the located string, which has `length` bytes; whether it counts as a change. */
function runOperation(c: Context, operation: Operation, length: number, grown: boolean): boolean {
  const { operand, bits } = operation;
  if (typeof operand === 'number' && bits <= NARROW_BITS_MAX)
    return runNarrow(c, operation, operand, length, grown);
  return runWide(c, operation, BigInt(operand), length, grown);
}

function runNarrow(
  c: Context,
  operation: Operation,
  operand: number,
  length: number,
  grown: boolean,
): boolean {
  const { code, signed, bits, offset, overflow } = operation;
  const { reply } = c;
  const { bytes, at } = c.keyspace.strings;
  const range = 2 ** bits;
  const max = (signed ? range / 2 : range) - 1;
  const stored = readBits(bytes, at, length, offset, bits);
  const old = stored > max ? stored - range : stored;
  if (code === GET) {
    reply.integer(old);
    return false;
  }
  let value = code === SET ? operand : old + operand;
  if (value > max || value < max + 1 - range) {
    if (overflow === FAIL) {
      reply.null();
      return false;
    }
    // A negative operand of SET is a large number where there is no sign.
    const above = value > max || (code === SET && !signed);
    if (overflow === SATURATE) value = above ? max : max + 1 - range;
    else value = wrap(value, range, max);
  }
  reply.integer(code === SET ? old : value);
  if (value !== old) writeBits(bytes, at, offset, bits, value < 0 ? value + range : value);
  return grown || value !== old;
}

/** The number of max + 1 - range … max that differs from `value` by a multiple of `range`. */
function wrap(value: number, range: number, max: number): number {
  const rest = ((value % range) + range) % range;
  return rest > max ? rest - range : rest;
}

function runWide(c: Context, operation: Operation, operand: bigint, length: number, grown: boolean): boolean {
  const { code, signed, bits, offset, overflow } = operation;
  const { reply } = c;
  const { bytes, at } = c.keyspace.strings;
  const cut = signed ? BigInt.asIntN : BigInt.asUintN;
  const max = signed ? (1n << BigInt(bits - 1)) - 1n : (1n << BigInt(bits)) - 1n;
  const min = signed ? -max - 1n : 0n;
  const narrow = bits <= NARROW_BITS_MAX;
  const stored = narrow
    ? BigInt(readBits(bytes, at, length, offset, bits))
    : readWideBits(bytes, at, length, offset, bits);
  const old = cut(bits, stored);
  if (code === GET) {
    reply.bigInteger(old);
    return false;
  }
  const wanted = code === INCRBY ? old + operand : signed ? operand : BigInt.asUintN(64, operand);
  let value = wanted;
  if (wanted > max || wanted < min) {
    if (overflow === FAIL) {
      reply.null();
      return false;
    }
    // The reference takes max - operand in 64 bits, so the most negative operands of SET count as too large.
    const above = wanted > max || (code === SET && BigInt.asIntN(64, max - wanted) < 0n);
    if (overflow === SATURATE) value = above ? max : min;
    else value = cut(bits, wanted);
  }
  reply.bigInteger(code === SET ? old : value);
  const next = BigInt.asUintN(bits, value);
  if (narrow) writeBits(bytes, at, offset, bits, Number(next));
  else writeWideBits(bytes, at, offset, bits, next);
  return grown || value !== old;
}

export const BITFIELD_COMMANDS: readonly CommandSpec[] = [BITFIELD, BITFIELD_RO];
