// BITOP: strings combined bit by bit into another one.
import type { Ref } from '../arena/arena.ts';
import { EVENT_STRING } from '../keyspace/keyspace.ts';
import { BITOP_NOT_OF_MANY, bitopOfOne, SYNTAX } from '../resp/errors.ts';
import {
  AND,
  ANDOR,
  type BitSource,
  combineBits,
  copiedSource,
  DIFF,
  DIFF1,
  NOT,
  ONE,
  OR,
  XOR,
} from '../types/bit_combine.ts';
import type { Context } from './context.ts';
import { type CommandSpec, command, DENYOOM, key, keyRange, WRITE } from './spec.ts';
import { deleteResult } from './store_result.ts';
import { addOrReplace, isString } from './string_store.ts';

const OPERATIONS: readonly (readonly [name: string, operation: number])[] = [
  ['and', AND],
  ['or', OR],
  ['xor', XOR],
  ['not', NOT],
  ['diff', DIFF],
  ['diff1', DIFF1],
  ['andor', ANDOR],
  ['one', ONE],
];
const NO_OPERATION = -1;
const TARGET = 2;
const FIRST_SOURCE = 3;
const NOTHING: BitSource = { words: new Uint32Array(0), at: 0, length: 0 };

const BITOP = command({
  name: 'bitop',
  group: 'bitmap',
  since: '2.6.0',
  summary: 'Combines strings bit by bit into a destination',
  complexity: 'O(N) in the bytes of the longest value',
  arity: -4,
  flags: WRITE | DENYOOM,
  keys: [key('OW UPDATE', 2), keyRange('RO ACCESS', 3, -1)],
  syntax: 'operation destkey:key key+',
  run: runBitop,
});

function runBitop(c: Context): void {
  const operation = operationArgument(c);
  if (operation === NO_OPERATION) return;
  const sources: BitSource[] = [];
  for (let i = FIRST_SOURCE; i < c.args.count; i++) {
    const ref = c.lookup(i);
    if (ref !== 0 && !isString(c, ref)) return;
    sources.push(ref === 0 ? NOTHING : sourceOf(c, ref));
  }
  const length = sources.reduce((longest, source) => Math.max(longest, source.length), 0);
  if (length > 0) storeCombined(c, operation, sources, length);
  else deleteResult(c, TARGET);
}

/** The operation that argument 1 names, if it goes with so many sources; else NO_OPERATION after replying with an error. */
function operationArgument(c: Context): number {
  const { args, reply } = c;
  const found = OPERATIONS.find(([name]) => args.is(1, name));
  if (found === undefined) {
    reply.error(SYNTAX);
    return NO_OPERATION;
  }
  const [name, operation] = found;
  const count = args.count - FIRST_SOURCE;
  if (operation === NOT && count !== 1) {
    reply.error(BITOP_NOT_OF_MANY);
    return NO_OPERATION;
  }
  if ((operation === DIFF || operation === DIFF1 || operation === ANDOR) && count < 2) {
    reply.error(bitopOfOne(name.toUpperCase()));
    return NO_OPERATION;
  }
  return operation;
}

/** A string as it lies in the arena; a copy of one whose bytes do not begin at a word. */
function sourceOf(c: Context, ref: Ref): BitSource {
  const { strings } = c.keyspace;
  const words = strings.locateWords(ref);
  const { bytes, at, length } = strings;
  return strings.isInt(ref) || at % 4 !== 0 ? copiedSource(bytes, at, length) : { words, at: at / 4, length };
}

function storeCombined(c: Context, operation: number, sources: readonly BitSource[], length: number): void {
  const { args, keyspace } = c;
  const { strings } = keyspace;
  const clock = keyspace.freshClock();
  const next = strings.createZeros(args.bytes, args.at(TARGET), args.length(TARGET), clock, length);
  combineBits(operation, sources, strings.bytes, strings.at, length);
  addOrReplace(c, TARGET, c.lookupWrite(TARGET), next);
  c.changed(TARGET, EVENT_STRING, 'set');
  c.reply.integer(length);
}

export const BITOP_COMMANDS: readonly CommandSpec[] = [BITOP];
