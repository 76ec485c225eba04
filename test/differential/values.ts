// What random commands are made of: a small universe of keys, so that commands meet, and alphabets of values that lie
// on the edges where implementations differ.
import type { Random } from './random.ts';

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

/** Kinds of keys: `lcs` holds short strings, `never` is only written by mistake, `shared` anything. */
export type KeyKind =
  | ('string' | 'lcs' | 'list' | 'set' | 'hash' | 'zset' | 'stream' | 'sketch' | 'geo')
  | ('never' | 'shared' | 'odd');

const KEYS: Record<KeyKind, readonly Buffer[]> = {
  string: ['s:0', 's:1', 's:2', 's:3'].map(latin1),
  lcs: ['l:0', 'l:1', 'l:2'].map(latin1),
  list: ['q:0', 'q:1', 'q:2'].map(latin1),
  set: ['m:0', 'm:1', 'm:2'].map(latin1),
  hash: ['h:0', 'h:1', 'h:2'].map(latin1),
  zset: ['z:0', 'z:1', 'z:2'].map(latin1),
  stream: ['t:0', 't:1', 't:2'].map(latin1),
  sketch: ['y:0', 'y:1', 'y:2'].map(latin1),
  geo: ['g:0', 'g:1'].map(latin1),
  never: ['n:0', 'n:1', 'n:2', 'n:3'].map(latin1),
  shared: ['x:0', 'x:1', 'x:2', 'x:3'].map(latin1),
  odd: [latin1('__proto__'), latin1('constructor'), latin1(''), latin1('\0\xff\r\n'), latin1('\x80$1\r\n')],
};
const LONG_KEY = Buffer.alloc(65_536, 'long');

/** A key that commands on `kind` mostly use, sometimes one of another kind. */
export function drawKey(random: Random, kind: KeyKind): Buffer {
  const roll = random.below(1000);
  if (roll < 640) return random.pick(KEYS[kind]);
  if (roll < 880) return random.pick(KEYS.shared);
  if (roll < 940) return random.pick(KEYS.never);
  return roll < 998 ? random.pick(KEYS.odd) : LONG_KEY;
}

const powerEdges = (bits: number): string[] =>
  [-1n, 0n, 1n].flatMap((step) => [`${2n ** BigInt(bits) + step}`, `${-(2n ** BigInt(bits)) + step}`]);

/** Integers as a client may write them, good and bad. */
export const INTEGERS: readonly string[] = [
  ...['0', '1', '-1', '2', '7', '10', '42', '100', '9999', '10000'],
  ...[31, 32, 53, 63].flatMap(powerEdges),
  ...['18446744073709551615', '18446744073709551616', '99999999999999999999999'],
  ...['+1', '01', ' 1', '1 ', '-0', '1e3', '0x10', '', '-', '1.0', '1\0', 'abc'],
];

/** Floats as a client may write them, good and bad. */
export const FLOATS: readonly string[] = [
  ...[
    '0',
    '1',
    '-1',
    '1.5',
    '-0.0',
    '.5',
    '5.',
    '0.1',
    '0.30000000000000004',
    '3.0e3',
    '1e-7',
    '123456789.123456789',
  ],
  ...['1e308', '1.7976931348623157e308', '1e309', '5e-324', '1e-400', '9007199254740993', '1e17', '1e21'],
  ...[
    'inf',
    '-inf',
    '+inf',
    'nan',
    '0x1p3',
    ' 1.5',
    '1.5 ',
    '1,5',
    '',
    'abc',
    '1e',
    '--1',
    '12345678901234567890.5',
  ],
];

const EDGE_LENGTHS = [0, 1, 2, 8, 19, 20, 43, 44, 45, 63, 64, 65, 127, 128, 129, 511, 512, 513];

/** A string value: a number, text at the edge of an encoding, bytes, sometimes something big. */
export function drawString(random: Random): Buffer {
  const roll = random.below(1000);
  if (roll < 300) return latin1(random.pick(INTEGERS));
  if (roll < 380) return latin1(random.pick(FLOATS));
  if (roll < 600)
    return latin1(random.pick(['a', 'b', 'hello', 'Hello World', 'foobar', 'QUEUED', 'nil', 'OK']));
  if (roll < 900) return filled(random, random.pick(EDGE_LENGTHS));
  if (roll < 980) return randomBytes(random, random.below(40));
  if (roll < 996) return filled(random, 8192);
  return filled(random, roll < 999 ? 65_536 : 1_048_576);
}

function filled(random: Random, bytes: number): Buffer {
  return Buffer.alloc(bytes, random.pick(['x', 'ab', '\0', '\xff', '0', 'a\r\n']), 'latin1');
}

function randomBytes(random: Random, bytes: number): Buffer {
  return Buffer.from(Array.from({ length: bytes }, () => random.below(256)));
}

/** A short string over few letters, so that two of them have something in common. */
export function drawSequence(random: Random): Buffer {
  return latin1(Array.from({ length: random.below(24) }, () => random.pick(['a', 'c', 'g', 't'])).join(''));
}

/** Glob patterns, among them broken and expensive ones. */
export const PATTERNS: readonly string[] = [
  ...[
    '*',
    's:*',
    '?:?',
    'x:[0-2]',
    's:[^1]',
    's:[3-0]',
    'l:\\*',
    '[',
    '[a',
    '[^',
    '\\',
    's:[\\]]',
    '',
    'nothing',
    '*:*',
  ],
  ...['*[a-', 's:?*', 'n:?', '__proto__', `${'*'.repeat(1000)}a`, `${'*a'.repeat(20)}b`],
];

/** Far points in time, in seconds: fixed, so that a run can be repeated on another day. */
export const FAR_SECONDS: readonly number[] = [4_102_444_800, 4_102_444_801, 5_000_000_000, 9_007_199_254];
/** Relative times to live in seconds that cannot pass during a run. */
export const LONG_SECONDS: readonly number[] = [86_400, 100_000, 1_000_000, 2_147_483_647];
