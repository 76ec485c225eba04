// Commands that wait for a key. They run on connections of their own (see BlockStep); a time that would run out during a
// test is never asked for.
import { all, define, from, key, one, opt, type Piece, shuffled } from '../pieces.ts';

const timeout = from(0, 0, 0, 1000, '1000.5', '1e3', -1, 'x', '');
const timeoutMs = from(0, 0, 0, 1_000_000, -1, 'x', '1.5');
const list = key('list');
const zset = key('zset');
const stream = key('stream');
const side = from('LEFT', 'RIGHT');
const count = opt(all('COUNT', from(1, 2, 10, 0, 'x')), 0.4);
const verbatim = { verbatim: true };

/**
 * A key, or two of which one is hardly ever written: when both can serve a client, 7.0 takes the one that changed first,
 * and later versions the one that is named first.
 */
function several(inner: Piece): Piece {
  return one(inner, shuffled(inner, key('never')));
}

export const blocking = [
  define('BLMOVE', [list, list, side, side, timeout], { ...verbatim, weight: 6 }),
  define('BLMPOP', [timeout, '1', list, side, count], verbatim),
  define('BLPOP', [several(list), timeout], { ...verbatim, weight: 8 }),
  define('BRPOP', [several(list), timeout], verbatim),
  define('BRPOPLPUSH', [list, list, timeout], verbatim),
  define('BZMPOP', [timeout, '2', shuffled(zset, key('never')), from('MIN', 'MAX'), count], verbatim),
  define('BZPOPMAX', [several(zset), timeout], verbatim),
  define('BZPOPMIN', [several(zset), timeout], { ...verbatim, weight: 6 }),
  define(
    'XREAD',
    [count, 'BLOCK', timeoutMs, 'STREAMS', one(all(stream, '$'), all('t:1', 't:2', '$', '0'))],
    {
      ...verbatim,
      weight: 6,
    },
  ),
  define(
    'XREADGROUP',
    ['GROUP', from('g', 'g', 'h'), from('alice', 'bob'), count, 'BLOCK', timeoutMs, 'STREAMS', stream, '>'],
    { ...verbatim, weight: 6 },
  ),
];
