// Lists, but for the commands that wait (blocking.ts).
import { all, define, from, key, many, one, opt, position, shuffled, value } from '../pieces.ts';

const list = key('list');
const side = from('LEFT', 'RIGHT', 'left', 'Right', 'UP');
const element = one(from('a', 'b', 'c', '1', '2', '3'), value);
const count = from(1, 1, 2, 3, 10, 0, -1, 'x', '9223372036854775807');

export const lists = [
  define('LINDEX', [list, position]),
  define('LINSERT', [list, from('BEFORE', 'AFTER', 'before', 'NEXT'), element, element]),
  define('LLEN', [list], { weight: 3 }),
  define('LMOVE', [list, list, side, side]),
  define('LMPOP', [from(1, 2, 3, 0, 'x'), many(list, 1, 3), side, opt(all('COUNT', count))]),
  define('LPOP', [list, opt(count, 0.4)]),
  define('LPOS', [
    list,
    element,
    shuffled(
      opt(all('RANK', from(1, 2, -1, -2, 0, 'x'))),
      opt(all('COUNT', from(0, 1, 2, -1, 'x'))),
      opt(all('MAXLEN', from(0, 1, 3, 100, -1, 'x')), 0.3),
    ),
  ]),
  define('LPUSH', [list, many(element, 1, 4)], { weight: 8 }),
  define('LPUSH', [list, many(element, 20, 200)], { weight: 1 }),
  define('LPUSHX', [list, many(element, 1, 3)]),
  define('LRANGE', [list, position, position], { weight: 8 }),
  define('LREM', [list, from(0, 1, 2, -1, -2, 'x'), element]),
  define('LSET', [list, position, element]),
  define('LTRIM', [list, position, position], { weight: 2 }),
  define('RPOP', [list, opt(count, 0.4)]),
  define('RPOPLPUSH', [list, list]),
  define('RPUSH', [list, many(element, 1, 4)], { weight: 8 }),
  define('RPUSHX', [list, many(element, 1, 3)]),
];
