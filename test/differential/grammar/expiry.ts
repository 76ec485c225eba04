// Times to live.
import { atMillis, atSeconds, define, from, key, many, opt, ttlMillis, ttlSeconds } from '../pieces.ts';

const condition = opt(many(from('NX', 'XX', 'GT', 'LT', 'gt', 'ZZ'), 1, 2));

export const expiry = [
  define('EXPIRE', [key(), ttlSeconds, condition], { weight: 6 }),
  define('EXPIREAT', [key(), atSeconds, condition], { weight: 6 }),
  define('EXPIRETIME', [key()], { check: 'near' }),
  define('PERSIST', [key()]),
  define('PEXPIRE', [key(), ttlMillis, condition], { weight: 6 }),
  define('PEXPIREAT', [key(), atMillis, condition], { weight: 6 }),
  define('PEXPIRETIME', [key()], { check: 'near' }),
  define('PTTL', [key()], { check: 'near' }),
  define('TTL', [key()], { check: 'near' }),
];
