// What the tests of sorted sets share: every combination of encoding and protocol, and checks of what is inside.
import type { Engine } from '../support/engine.ts';
import { engineOf } from './string_support.ts';

export type Encoding = 'listpack' | 'skiplist';

export const CASES: readonly (readonly [name: string, encoding: Encoding, resp3: boolean])[] = [
  ['listpack, RESP2', 'listpack', false],
  ['listpack, RESP3', 'listpack', true],
  ['skiplist, RESP2', 'skiplist', false],
  ['skiplist, RESP3', 'skiplist', true],
];

/** An engine whose sorted sets have one encoding, whatever is in them, and whose connection 0 speaks one protocol. */
export function engineFor(encoding: Encoding, resp3: boolean): Engine {
  const entries = encoding === 'listpack' ? '10000' : '0';
  const config = { 'zset-max-listpack-entries': entries, 'zset-max-listpack-value': '10000' };
  return engineOf(resp3, { config });
}

/** Checks the arena, and the structures of a sorted set. */
export function checkSortedSet(engine: Engine, key: string): void {
  const { keyspace } = engine.server;
  const name = Buffer.from(key, 'latin1');
  const ref = keyspace.db(0).find(name, 0, name.length, keyspace.hash.hash(name, 0, name.length));
  if (ref !== 0) keyspace.zsets.check(ref);
  engine.verify();
}

/** Members with scores as a reply has them: flat and as text in RESP2, in pairs of text and number in RESP3. */
export function scored(
  resp3: boolean,
  ...pairs: readonly (readonly [member: string, score: number])[]
): unknown[] {
  return resp3 ? pairs.map((pair) => [...pair]) : pairs.flatMap(([member, score]) => [member, textOf(score)]);
}

/** A score as a reply of its own. */
export function score(resp3: boolean, value: number): unknown {
  return resp3 ? value : textOf(value);
}

function textOf(value: number): string {
  if (value === Infinity) return 'inf';
  return value === -Infinity ? '-inf' : String(value);
}
