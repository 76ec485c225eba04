// What the tests of hash commands share: an engine whose hashes have a certain encoding.
import type { Engine } from '../support/engine.ts';
import { engineOf, PROTOCOLS } from './string_support.ts';

export interface Encoding {
  readonly name: string;
  readonly config: Record<string, string>;
  /** Gives the hash under a key this encoding. */
  settle(engine: Engine, key: string): void;
}

const ENCODINGS: readonly Encoding[] = [
  { name: 'listpack', config: {}, settle: () => {} },
  {
    name: 'listpackex',
    config: {},
    settle: (engine, key) => {
      engine.run(['HEXPIRE', key, '100', 'FIELDS', '1', 'no such field']);
    },
  },
  { name: 'hashtable', config: { 'hash-max-listpack-entries': '0' }, settle: () => {} },
];

export const CASES: readonly (readonly [name: string, encoding: Encoding, resp3: boolean])[] =
  ENCODINGS.flatMap((encoding) =>
    PROTOCOLS.map(([protocol, resp3]) => [`${encoding.name}, ${protocol}`, encoding, resp3] as const),
  );

export function engineFor(encoding: Encoding, resp3: boolean): Engine {
  return engineOf(resp3, { config: encoding.config });
}

/** Checks the hashes under these keys, then all tables and the arena. */
export function verifyHashes(engine: Engine, ...keys: string[]): void {
  const { entries, hash, hashes } = engine.server.keyspace;
  for (const key of keys) {
    const bytes = Buffer.from(key, 'latin1');
    const ref = engine.server.keyspace.db(0).find(bytes, 0, bytes.length, hash.hash(bytes, 0, bytes.length));
    if (ref === 0) continue;
    hashes.check(ref);
    if (entries.type(ref) !== 4 || hashes.size(ref) === 0) throw new Error(`${key} is no hash or empty`);
  }
  engine.verify();
}
