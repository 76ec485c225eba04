// HyperLogLog.
import { define, from, key, many, name, one, value } from '../pieces.ts';

const sketch = key('sketch');
const element = one(from('a', 'b', 'c', 1, 2, 3), value);

export const hyperLogLogs = [
  define('PFADD', [sketch, many(element, 0, 6)], { weight: 8 }),
  define('PFADD', [sketch, many(name, 50, 300)], { weight: 2 }),
  define('PFCOUNT', [sketch], { weight: 6 }),
  define('PFCOUNT', [many(sketch, 2, 4)]),
  define('PFDEBUG', [from('GETREG', 'DECODE', 'ENCODING', 'TODENSE', 'x'), sketch]),
  define('PFMERGE', [sketch, many(sketch, 0, 3)]),
];
