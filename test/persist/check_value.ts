// The invariants of one value.
import type { Engine } from '../support/engine.ts';

/** Throws if the value of `key` breaks an invariant of its structure. */
export function checkValue(engine: Engine, key: string): void {
  const { keyspace } = engine.server;
  const { entries, hash, hashes, lists, sets, streams, zsets } = keyspace;
  const name = Buffer.from(key);
  const ref = keyspace.db(0).find(name, 0, name.length, hash.hash(name, 0, name.length));
  const checkers = [null, lists, sets, zsets, hashes, null, streams];
  checkers[entries.type(ref)]?.check(ref);
}
