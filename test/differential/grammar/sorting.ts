// SORT over lists, sets and sorted sets, with weights and results from other keys. Where elements compare as equal their
// order is free.
import { all, define, from, key, one, opt, shuffled } from '../pieces.ts';

const source = one(key('list'), key('set'), key('zset'));
const by = all('BY', from('s:*', 'h:*->f', 'l:*', '*', 'x:*', 'h:*->'));
const get = all('GET', from('#', 's:*', 'h:*->f', '*', 'x', 'h:*->1'));
const limit = all('LIMIT', from(0, 1, 2, -1, 'x'), from(0, 1, 3, -1, 10, 'x'));
const gets = shuffled(opt(get, 0.2), opt(get, 0.1), opt(from('ASC', 'DESC'), 0.4));
const verbatim = { verbatim: true };

export const sorting = [
  define('SORT', [source, opt(by, 0.2), shuffled(opt(limit, 0.3), gets)], {
    ...verbatim,
    check: 'weighed',
    weight: 6,
  }),
  define('SORT', [source, opt(from('ASC', 'DESC'), 0.4), 'ALPHA'], {
    ...verbatim,
    check: 'sorted',
    weight: 6,
  }),
  define('SORT', [source, gets, 'ALPHA'], { ...verbatim, check: 'unordered', weight: 2 }),
  define('SORT', [source, 'ALPHA', opt(limit, 0.3), 'STORE', key('list')], verbatim),
  define('SORT', [source, by, 'ALPHA'], { ...verbatim, check: 'unordered', weight: 2 }),
  define('SORT', [source, 'BY', 'nosort', opt(get, 0.3)], { ...verbatim, check: 'unordered', weight: 2 }),
  define('SORT_RO', [source, shuffled(opt(by, 0.2), opt(limit, 0.3), gets)], {
    ...verbatim,
    check: 'weighed',
  }),
];
