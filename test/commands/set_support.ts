// What the tests of set commands share.
import type { Engine, EngineOptions } from '../support/engine.ts';
import { engineOf, PROTOCOLS, plain } from './string_support.ts';

/** A way to make sets of one encoding: settings, and names of members that keep it. */
export interface Encoding {
  name: string;
  config: Record<string, string>;
  member: (i: number) => string;
}

export const ENCODINGS: readonly Encoding[] = [
  { name: 'intset', config: {}, member: (i) => String(i * 37 - 500) },
  { name: 'listpack', config: {}, member: (i) => (i % 3 === 0 ? String(i) : `m${i}`) },
  {
    name: 'hashtable',
    config: { 'set-max-intset-entries': '0', 'set-max-listpack-entries': '0' },
    member: (i) => (i % 3 === 0 ? String(i) : `m${i}`),
  },
];

/** Every encoding with every protocol. */
export const CASES: readonly (readonly [title: string, encoding: Encoding, resp3: boolean])[] =
  ENCODINGS.flatMap((encoding) =>
    PROTOCOLS.map(([protocol, resp3]) => [`${encoding.name}, ${protocol}`, encoding, resp3] as const),
  );

export function engineFor(encoding: Encoding, resp3: boolean, options: EngineOptions = {}): Engine {
  return engineOf(resp3, { ...options, config: encoding.config });
}

/** The members of this many numbers from `first` on. */
export function members({ member }: Encoding, first: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => member(first + i));
}

export function encodingOf(engine: Engine, key: string): unknown {
  return engine.run(['OBJECT', 'ENCODING', key]);
}

/** A reply of many texts, sorted. */
export function sorted(engine: Engine, ...args: string[]): string[] {
  return (plain(engine.run(args)) as string[]).sort();
}

/** The first byte of a reply: its kind. */
export function kindOf(engine: Engine, ...args: string[]): string {
  return String.fromCharCode(engine.bytes([args])[0]!);
}
