// Sets: members picked at random.
import type { Ref } from '../arena/arena.ts';
import { EVENT_SET } from '../keyspace/keyspace.ts';
import { STAT_HITS } from '../keyspace/stats.ts';
import { NOT_POSITIVE, SYNTAX } from '../resp/errors.ts';
import { ENC_HASHTABLE, ENC_LISTPACK, TYPE_SET } from '../structs/entry.ts';
import type { ElementSink } from '../structs/listpack_parts.ts';
import type { Context } from './context.ts';
import { refusesRepeated, signedCountOr } from './integers.ts';
import { replySet } from './set.ts';
import { type CommandSpec, command, FAST, key, READONLY, WRITE } from './spec.ts';
import { logDeleted } from './string_store.ts';
import { dropEmptied, readTyped, WRONG, writeTyped } from './typed.ts';

/** When fewer members stay than a fifth of those popped, the few are put into a new set. */
const KEEP_RATIO = 5;
const NO_KEY = new Uint8Array(0);

const SPOP = command({
  name: 'spop',
  group: 'set',
  since: '1.0.0',
  summary: 'Removes members picked at random and returns them',
  complexity: 'O(1), with a count O(N) in the members returned',
  arity: -2,
  flags: WRITE | FAST,
  keys: [key('RW ACCESS DELETE', 1)],
  tips: ['nondeterministic_output'],
  syntax: 'key [count:integer]^3.2.0',
  history: [['3.2.0', 'Option count.']],
  run: runSpop,
});

function runSpop(c: Context): void {
  if (c.args.count > 2) {
    popSome(c);
    return;
  }
  const sets = c.keyspace.sets;
  const ref = writeTyped(c, 1, TYPE_SET);
  if (ref === WRONG) return;
  if (ref === 0) {
    c.reply.null();
    return;
  }
  sets.pick(ref, c.keyspace.random);
  c.reply.bulk(sets.bytes, sets.at, sets.length);
  if (c.effects.active) c.effects.op(c, 'SREM', 3).arg(1).bulk(sets.bytes, sets.at, sets.length);
  sets.removePicked(ref);
  c.changed(1, EVENT_SET, 'spop');
  if (sets.size(ref) === 0) dropEmptied(c, 1, ref);
}

function popSome(c: Context): void {
  const { args, keyspace, reply } = c;
  const count = args.count === 3 ? args.int64(2) : null;
  if (count === null || count < 0n) {
    reply.error(args.count === 3 ? NOT_POSITIVE : SYNTAX);
    return;
  }
  const ref = writeTyped(c, 1, TYPE_SET);
  if (ref === WRONG) return;
  const size = ref === 0 ? 0 : keyspace.sets.size(ref);
  const popped = Math.min(size, Number(count));
  if (popped === 0) {
    reply.set(0);
    return;
  }
  const sink = c.effects.active ? logPopped(c, popped, size) : reply;
  // Redis goes on as SUNION does then, which looks the key up once more.
  if (popped === size) keyspace.stats[STAT_HITS]!++;
  if (popped === size) replySet(c, ref);
  else if ((size - popped) * KEEP_RATIO > popped) popEach(c, ref, popped, sink);
  else popMost(c, ref, popped, sink);
  keyspace.dirty += popped - 1;
  c.changed(1, EVENT_SET, 'spop');
  if (popped === size) dropEmptied(c, 1, ref);
}

/** Logs which members go; answers where they go, each of which goes to the reply besides. */
function logPopped(c: Context, popped: number, size: number): ElementSink {
  const { effects, reply } = c;
  if (popped === size) {
    logDeleted(c, 1, false);
    return reply;
  }
  effects.op(c, 'SREM', popped + 2).arg(1);
  return {
    bulk: (bytes, at, length) => {
      reply.bulk(bytes, at, length);
      effects.bulk(bytes, at, length);
    },
  };
}

function popEach({ keyspace, reply }: Context, ref: Ref, count: number, sink: ElementSink): void {
  const { random, sets } = keyspace;
  reply.set(count);
  for (let i = 0; i < count; i++) {
    sets.pick(ref, random);
    sink.bulk(sets.bytes, sets.at, sets.length);
    sets.removePicked(ref);
  }
}

/** Moves those that stay to a set of their own, which may be compact, and frees the old one in slices if it is large. */
function popMost({ keyspace, reply }: Context, ref: Ref, count: number, sink: ElementSink): void {
  const { sets } = keyspace;
  const encoding = keyspace.entries.encoding(ref);
  const spare = sets.create(NO_KEY, 0, 0, 0, encoding === ENC_HASHTABLE ? ENC_LISTPACK : encoding);
  reply.set(count);
  keyspace.setSampler.split(ref, count, sink, spare);
  sets.exchange(ref, spare);
  keyspace.dispose(spare);
}

const SRANDMEMBER = command({
  name: 'srandmember',
  group: 'set',
  since: '1.0.0',
  summary: 'Members picked at random',
  complexity: 'O(1), with a count O(N) in its size',
  arity: -2,
  flags: READONLY,
  keys: [key('RO ACCESS', 1)],
  tips: ['nondeterministic_output'],
  syntax: 'key [count:integer]^2.6.0',
  history: [['2.6.0', 'Option count.']],
  run: runSrandmember,
});

function runSrandmember(c: Context): void {
  if (c.args.count > 2) {
    replySome(c);
    return;
  }
  const { random, sets } = c.keyspace;
  const ref = readTyped(c, 1, TYPE_SET);
  if (ref === WRONG) return;
  if (ref === 0) {
    c.reply.null();
    return;
  }
  sets.pick(ref, random);
  c.reply.bulk(sets.bytes, sets.at, sets.length);
}

/** With a negative count members may come more than once. */
function replySome(c: Context): void {
  const { keyspace, reply } = c;
  const { random, sets } = keyspace;
  if (c.args.count > 3) {
    reply.error(SYNTAX);
    return;
  }
  const count = signedCountOr(c, 2);
  if (Number.isNaN(count)) return;
  const ref = readTyped(c, 1, TYPE_SET);
  if (ref === WRONG) return;
  const size = ref === 0 ? 0 : sets.size(ref);
  const returned = size === 0 ? 0 : count < 0 ? -count : Math.min(count, size);
  if (count < 0 && refusesRepeated(c, returned)) return;
  reply.array(returned);
  if (count < 0) {
    for (let i = 0; i < returned; i++) {
      sets.pick(ref, random);
      reply.bulk(sets.bytes, sets.at, sets.length);
    }
  } else if (returned === size && size > 0) {
    sets.emit(ref, reply);
  } else if (returned > 0) {
    keyspace.setSampler.emitSome(ref, returned, reply);
  }
}

export const SET_RANDOM_COMMANDS: readonly CommandSpec[] = [SPOP, SRANDMEMBER];
