// Conditions on the old value, by its bytes or by its digest (XXH3): SET with IFEQ and the like, DELEX, DELIFEQ, DIGEST.
import type { Ref } from '../arena/arena.ts';
import { equalBytes, equalsWord } from '../base/bytes.ts';
import { Xxh3 } from '../base/xxh3.ts';
import { CONDITION_NEEDS_STRING, INVALID_CONDITION, INVALID_DIGEST, wrongArity } from '../resp/errors.ts';
import { TYPE_STRING } from '../structs/entry.ts';
import type { Context } from './context.ts';
import { delexKeys } from './find_keys.ts';
import { type CommandSpec, command, FAST, key, READONLY, WRITE } from './spec.ts';
import {
  COMPARISONS,
  comparisonAt,
  IFDEQ,
  IFDNE,
  IFEQ,
  IFNE,
  NX,
  type StringOptions,
  XX,
} from './string_set_options.ts';
import { deleteKey, isString } from './string_store.ts';

/** How a condition ended: not met, met, or met with an error, which is the reply. */
export const FAILS = 0;
export const HOLDS = 1;
export const REFUSED = 2;

const DIGEST_CHARS = 16;

/** Whether the conditions of SET allow to replace `old` (0: there is no such key). */
export function judge(c: Context, options: StringOptions, old: Ref): number {
  if (options.has(NX)) return old === 0 ? HOLDS : FAILS;
  if (options.has(XX)) return old !== 0 ? HOLDS : FAILS;
  if (!options.has(COMPARISONS)) return HOLDS;
  if (old === 0) return options.has(IFNE | IFDNE) ? HOLDS : FAILS;
  return isString(c, old) ? compare(c, options.flags & COMPARISONS, old, options.operandAt) : REFUSED;
}

/** Compares a string with the operand of a comparison. */
function compare(c: Context, comparison: number, ref: Ref, operandAt: number): number {
  const { args } = c;
  if ((comparison & (IFDEQ | IFDNE)) === 0)
    return equalsArgument(c, ref, operandAt) === (comparison === IFEQ) ? HOLDS : FAILS;
  if (args.length(operandAt) !== DIGEST_CHARS) {
    c.reply.error(INVALID_DIGEST);
    return REFUSED;
  }
  const equal = equalsWord(args.bytes, args.at(operandAt), DIGEST_CHARS, digestOf(c, ref));
  return equal === (comparison === IFDEQ) ? HOLDS : FAILS;
}

function equalsArgument(c: Context, ref: Ref, i: number): boolean {
  const { args } = c;
  const { strings } = c.keyspace;
  strings.locate(ref);
  if (strings.length !== args.length(i)) return false;
  return equalBytes(strings.bytes, strings.at, args.bytes, args.at(i), strings.length);
}

function digestOf(c: Context, ref: Ref): string {
  const { strings } = c.keyspace;
  const hash = new Xxh3();
  strings.locate(ref);
  hash.hash(strings.bytes, strings.at, strings.length);
  return hash.hex();
}

const DELEX = command({
  name: 'delex',
  group: 'string',
  since: '8.4.0',
  summary: 'Deletes a key, or only when its string value or the digest of it compares as asked',
  complexity: 'O(1) with IFEQ and IFNE, O(N) in the bytes of the value with IFDEQ and IFDNE',
  arity: -2,
  flags: WRITE | FAST,
  keys: [key('RW DELETE VARIABLE_FLAGS', 1)],
  syntax: 'key condition=[IFEQ ifeq-value | IFNE ifne-value | IFDEQ ifdeq-digest | IFDNE ifdne-digest]',
  getKeys: delexKeys,
  run: runDelex,
});

function runDelex(c: Context): void {
  const { args, reply } = c;
  if (args.count !== 2 && args.count !== 4) {
    reply.error(wrongArity('delex'));
    return;
  }
  const ref = c.lookupWrite(1);
  const verdict = ref === 0 ? FAILS : args.count === 2 ? HOLDS : judgeDelete(c, ref);
  if (verdict === REFUSED) return;
  if (verdict === HOLDS) deleteKey(c, 1, ref);
  reply.flag(verdict === HOLDS);
}

function judgeDelete(c: Context, ref: Ref): number {
  if (c.keyspace.entries.type(ref) !== TYPE_STRING) {
    c.reply.error(CONDITION_NEEDS_STRING);
    return REFUSED;
  }
  const comparison = comparisonAt(c.args, 2);
  if (comparison !== 0) return compare(c, comparison, ref, 3);
  c.reply.error(INVALID_CONDITION);
  return REFUSED;
}

const DELIFEQ = command({
  name: 'delifeq',
  group: 'string',
  since: '9.0.0',
  summary: 'Deletes a string key if it holds exactly the given value',
  complexity: 'O(1)',
  arity: 3,
  flags: WRITE | FAST,
  keys: [key('RM DELETE', 1)],
  syntax: 'key value',
  run: runDelifeq,
});

function runDelifeq(c: Context): void {
  const ref = c.lookupWrite(1);
  if (ref !== 0 && !isString(c, ref)) return;
  const equal = ref !== 0 && equalsArgument(c, ref, 2);
  if (equal) deleteKey(c, 1, ref);
  c.reply.flag(equal);
}

const DIGEST = command({
  name: 'digest',
  group: 'string',
  since: '8.4.0',
  summary: 'Hash of a string value as 16 hexadecimal digits',
  complexity: 'O(N) in the bytes of the value',
  arity: 2,
  flags: READONLY | FAST,
  keys: [key('RO ACCESS', 1)],
  syntax: 'key',
  run: runDigest,
});

function runDigest(c: Context): void {
  const ref = c.lookup(1);
  if (ref === 0) c.reply.null();
  else if (isString(c, ref)) c.reply.bulkText(digestOf(c, ref));
}

export const STRING_COMPARE_COMMANDS: readonly CommandSpec[] = [DELEX, DELIFEQ, DIGEST];
