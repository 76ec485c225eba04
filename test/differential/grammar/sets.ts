// Sets. Members are few, so that commands meet; some make an intset a table, some are too long for a listpack.
import { all, define, from, key, many, one, opt, value } from '../pieces.ts';

const set = key('set');
const member = one(
  from('0', '1', '2', '3', '-1', '7', '70000', '-32769', '4294967296', '9223372036854775807', '007', '-0', ''),
  from('a', 'b', 'c', 'd', 'e', 'aa', 'x'.repeat(64), 'y'.repeat(65)),
  from('0', '1', '2', '3', '4', '5', '6', '8', '9'),
  value,
);
const numbers = many(from(...Array.from({ length: 60 }, (_, i) => i * 3)), 1, 60);
const sets = many(set, 1, 4);
const numkeys = from(1, 2, 2, 2, 3, 0, -1, 'x');
const match = opt(all('MATCH', from('a*', '*', '[0-4]', '?', '-?*')));

export const setCommands = [
  define('SADD', [set, many(member, 1, 4)], { weight: 30 }),
  define('SADD', [set, numbers], { weight: 6, verbatim: true }),
  define('SCARD', [set]),
  define('SDIFF', [sets], { check: 'unordered', weight: 8 }),
  define('SDIFFSTORE', [set, sets]),
  define('SINTER', [sets], { check: 'unordered', weight: 8 }),
  define('SINTERCARD', [numkeys, sets, opt(all('LIMIT', from(0, 1, 2, 100, -1, 'x')))]),
  define('SINTERSTORE', [set, sets]),
  define('SISMEMBER', [set, member], { weight: 8 }),
  define('SMEMBERS', [set], { check: 'unordered', weight: 8 }),
  define('SMISMEMBER', [set, many(member, 1, 4)]),
  define('SMOVE', [set, set, member], { weight: 8 }),
  // With any other count the two sets would not be the same any more.
  define('SPOP', [set, from(0, 100_000, 100_000, -1, 'x')], { check: 'unordered', weight: 1, verbatim: true }),
  define('SRANDMEMBER', [set], { check: 'type' }),
  define('SRANDMEMBER', [set, from(0, 100_000, 100_000, 'x')], { check: 'unordered', verbatim: true }),
  define('SRANDMEMBER', [set, from(-1, -5, -100)], { check: 'shape', verbatim: true }),
  define('SREM', [set, many(member, 1, 4)], { weight: 12 }),
  define('SSCAN', [set, from(0, 0, 0, 0, 'x', ''), 'COUNT', from(100_000, 100_000, 0, 'x'), match], {
    check: 'shape',
    verbatim: true,
  }),
  define('SUNION', [sets], { check: 'unordered', weight: 8 }),
  define('SUNIONSTORE', [set, sets]),
];
