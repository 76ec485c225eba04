// SORT, over keys of its own whose elements are short: the reference compares texts as its locale says, and only up to a
// zero byte. Weights that are equal come in no certain order where only a part of them is returned.
import { all, define, from, key, many, one, opt, shuffled } from '../pieces.ts';

const numbers = from('no:0', 'no:1');
const texts = from('to:0', 'to:1');
const scored = from('so:0');
const number = from(0, 1, 2, 3, 10, -1, -10, '1.5', '1e3', '0x10', 'inf', '-inf', ' 4', '', '20');
const text = from('a', 'b', 'c', 'd', 'e', 'aa', 'ab', 'B', '1', '10', '2', '');
const weight = from('wo:0', 'wo:1', 'wo:2', 'wo:3', 'wo:10', 'wo:a', 'wo:b', 'wo:c');
const limit = opt(
  all('LIMIT', from(0, 0, 1, 2, -1, 100, '9223372036854775807', 'x'), from(0, 1, 2, 5, -1, 100, 'x')),
  0.4,
);
const direction = opt(from('ASC', 'DESC', 'desc'));
const gets = many(all('GET', from('#', 'wo:*', 'ho:*->f', 'ho:*', 'none', 'wo:*->', '*')), 0, 3);
const by = all('BY', from('wo:*', 'ho:*->f', 'none:*', 'nosort', 'wo:*->'));
const constant = all('BY', from('nosort', 'x'));
const options = { verbatim: true } as const;

export const sorting = [
  define('RPUSH', [numbers, many(number, 1, 6)], { weight: 8, ...options }),
  define('RPUSH', [texts, many(text, 1, 6)], { weight: 8, ...options }),
  define('SADD', ['to:s', many(text, 1, 6)], options),
  define('ZADD', [scored, many(all(from(1, 2, 3, 4), text), 1, 4)], { weight: 6, ...options }),
  define('MSET', [many(all(weight, number), 1, 3)], { weight: 6, ...options }),
  define('HSET', [from('ho:0', 'ho:1', 'ho:2', 'ho:a'), 'f', number], { weight: 6, ...options }),
  define('SORT', [numbers, shuffled(limit, direction, gets)], { weight: 12, ...options }),
  define('SORT', [texts, 'ALPHA', shuffled(limit, direction, gets)], { weight: 12, ...options }),
  define('SORT', [texts, 'ALPHA', shuffled(limit, direction, gets), 'STORE', texts], options),
  define('SORT', [one(numbers, texts, scored), constant, shuffled(limit, direction, gets)], {
    weight: 12,
    ...options,
  }),
  define('SORT', ['to:s', constant, shuffled(limit, direction), 'STORE', texts], options),
  define('SORT', [numbers, by, shuffled(direction, gets)], { weight: 8, ...options }),
  define('SORT', [texts, by, 'ALPHA', shuffled(direction, gets)], { weight: 8, ...options }),
  define('SORT_RO', [scored, 'ALPHA', shuffled(limit, direction, gets)], options),
  define('SORT_RO', [one(numbers, 'to:s', key()), shuffled(limit, direction), opt(from('STORE', 'GET', 'BY'), 0.1)], options),
  define('DEL', [one(numbers, texts, scored, weight, 'to:s')], { weight: 3, ...options }),
];
