// Sets. What is drawn at random is compared by its number only; a SPOP takes all members or none.
import { all, define, from, integer, key, many, name, one, opt, value } from '../pieces.ts';

const set = key('set');
const member = one(from('a', 'b', 'c', 'd', 'e', '1', '2', '3', '4'), integer, value);
const keys = many(set, 1, 3);
const sized = all(from(1, 2, 3, 0, 'x'), keys);

export const sets = [
  define('SADD', [set, many(member, 1, 5)], { weight: 12 }),
  define('SADD', [set, many(integer, 5, 30)], { weight: 2 }),
  define('SADD', [set, many(name, 50, 150)], { weight: 1 }),
  define('SCARD', [set]),
  define('SDIFF', [keys], { check: 'unordered' }),
  define('SDIFFSTORE', [set, keys]),
  define('SINTER', [keys], { check: 'unordered' }),
  define('SINTERCARD', [sized, opt(all('LIMIT', from(0, 1, 2, -1, 'x')))]),
  define('SINTERSTORE', [set, keys]),
  define('SISMEMBER', [set, member]),
  define('SMEMBERS', [set], { check: 'unordered', weight: 6 }),
  define('SMISMEMBER', [set, many(member, 1, 4)]),
  define('SMOVE', [set, set, member]),
  define('SPOP', [set, from(0, 1_000_000, -1, 'x')], { check: 'unordered', weight: 2, verbatim: true }),
  define('SRANDMEMBER', [set], { check: 'type', verbatim: true }),
  define('SRANDMEMBER', [set, from(0, 1, 2, 1_000_000, -1, -3, 'x')], { check: 'shape', verbatim: true }),
  define('SREM', [set, many(member, 1, 3)], { weight: 6 }),
  define('SUNION', [keys], { check: 'unordered' }),
  define('SUNIONSTORE', [set, keys]),
];
