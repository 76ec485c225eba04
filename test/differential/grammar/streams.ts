// Streams, but for the commands that wait (blocking.ts). Ids are given: those that the servers make up depend on the clock.
import { all, define, from, key, many, one, opt, shuffled, value } from '../pieces.ts';

const stream = key('stream');
const group = from('g', 'g', 'h', 'none');
const consumer = from('alice', 'bob', 'carol', '');
const id = one(
  from('1-1', '1-2', '2-1', '2-2', '3-0', '5-5', '7-1', '9-9'),
  from('1', '2', '3', '5', '9', '0', '0-0', '0-1'),
  from('x', '', '-', '1-', '1-x', '-1', '18446744073709551615-18446744073709551615', '18446744073709551616'),
);
const newId = one(from('1-*', '2-*', '5-*', '7-*', '9-*', '100-*'), from('1-1', '3-3', '8-1', '50-0'), id);
const start = one(from('-', '(1-1', '(2', '0', '1'), id);
const end = one(from('+', '(5-5', '(9', '9', '3-0'), id);
const pair = all(from('f', 'g', 'name', ''), value);
const threshold = one(
  all('MAXLEN', opt(from('=', '~'), 0.5), from(0, 1, 2, 5, 100, -1, 'x')),
  all('MINID', opt(from('=', '~'), 0.5), id),
);
const limit = opt(all('LIMIT', from(0, 1, 10, -1, 'x')), 0.2);
const trim = all(threshold, limit);
const counted = opt(all('COUNT', from(1, 2, 0, 10, -1, 'x')), 0.4);
const seen = from('$', '0', '1-1', '3', '5-5', 'x', '>');

export const streams = [
  define('XACK', [stream, group, many(id, 1, 3)]),
  define('XADD', [stream, shuffled(opt('NOMKSTREAM', 0.1), opt(trim, 0.2)), newId, many(pair, 1, 3)], {
    weight: 20,
  }),
  define('XAUTOCLAIM', [
    stream,
    group,
    consumer,
    from(0, 0, 1_000_000, 'x'),
    start,
    counted,
    opt('JUSTID', 0.3),
  ]),
  define('XCLAIM', [
    stream,
    group,
    consumer,
    from(0, 0, 1_000_000, -1, 'x'),
    many(id, 1, 3),
    shuffled(
      opt(all('IDLE', from(0, 1000, -1, 'x')), 0.2),
      opt(all('RETRYCOUNT', from(0, 5, -1, 'x')), 0.2),
      opt('FORCE', 0.3),
      opt('JUSTID', 0.3),
      opt(all('LASTID', id), 0.2),
    ),
  ]),
  define('XDEL', [stream, many(id, 1, 3)], { weight: 6 }),
  define(
    'XGROUP CREATE',
    [
      stream,
      group,
      one(from('$', '0'), id),
      shuffled(opt('MKSTREAM', 0.4), opt(all('ENTRIESREAD', from(0, 3, -1, 'x')), 0.2)),
    ],
    { weight: 6 },
  ),
  define('XGROUP CREATECONSUMER', [stream, group, consumer]),
  define('XGROUP DELCONSUMER', [stream, group, consumer], { weight: 2 }),
  define('XGROUP DESTROY', [stream, group], { weight: 2 }),
  define('XGROUP SETID', [
    stream,
    group,
    one(from('$', '0'), id),
    opt(all('ENTRIESREAD', from(0, 3, -1, 'x')), 0.3),
  ]),
  define('XINFO CONSUMERS', [stream, group], { check: 'type' }),
  define('XINFO GROUPS', [stream]),
  define('XINFO STREAM', [stream, opt(all('FULL', counted), 0.3)], { check: 'type' }),
  define('XLEN', [stream]),
  define('XPENDING', [stream, group]),
  define(
    'XPENDING',
    [
      stream,
      group,
      opt(all('IDLE', from(0, 1_000_000, 'x')), 0.2),
      start,
      end,
      from(1, 10, 0, -1, 'x'),
      opt(consumer, 0.4),
    ],
    { check: 'ages' },
  ),
  define('XRANGE', [stream, start, end, counted], { weight: 6 }),
  define('XREAD', [counted, 'STREAMS', one(all(stream, seen), all(stream, stream, seen, seen))]),
  define(
    'XREADGROUP',
    [
      'GROUP',
      group,
      consumer,
      counted,
      opt('NOACK', 0.2),
      'STREAMS',
      one(all(stream, from('>', '>', '0', '1-1', 'x')), all(stream, stream, from('>', '0'), '>')),
    ],
    { weight: 10 },
  ),
  define('XREVRANGE', [stream, end, start, counted]),
  define(
    'XSETID',
    [
      stream,
      id,
      shuffled(opt(all('ENTRIESADDED', from(0, 5, 100, -1, 'x')), 0.3), opt(all('MAXDELETEDID', id), 0.3)),
    ],
    { weight: 2 },
  ),
  define('XTRIM', [stream, trim]),
];
