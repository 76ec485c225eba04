// Transactions. The generator ends an open MULTI by itself before long, so that most commands run outside of one.
import { define, key, many } from '../pieces.ts';

export const transactions = [
  define('DISCARD', [], { weight: 1 }),
  define('EXEC', [], { check: 'exec', weight: 1 }),
  define('MULTI', [], { weight: 6 }),
  define('UNWATCH', [], { weight: 2 }),
  define('WATCH', [many(key(), 1, 3)], { weight: 6 }),
];
