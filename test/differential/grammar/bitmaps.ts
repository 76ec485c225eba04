// Bitmaps.
import { all, define, from, index, integer, key, many, one, opt } from '../pieces.ts';

const unit = opt(from('BYTE', 'BIT', 'byte', 'Bit', 'NIBBLE'));
const bit = from(0, 1, 1, 2, -1, 'x');
const offset = one(
  from(0, 1, 7, 8, 9, 63, 64, 100, 4096, 65_535),
  from(4_294_967_296, -1, 'abc', ''),
  integer,
);
const type = one(
  from('u1', 'u8', 'u16', 'u31', 'u32', 'u33', 'u63', 'i1', 'i5', 'i8', 'i16', 'i32', 'i33', 'i63', 'i64'),
  from('u64', 'u0', 'i65', 'i0', 'x8', 'u', '', 'i-1', 'u08'),
);
const place = one(
  from(0, 1, 3, 7, 8, 64, 100, '#0', '#1', '#7', '#50'),
  from(-1, '#-1', '#', 'x', '', 4_294_967_295),
);
const amount = one(from(0, 1, -1, 2, 127, 128, 255, 256, -128, -129), integer);
const overflow = all('OVERFLOW', from('WRAP', 'SAT', 'FAIL', 'sat', 'NONE'));
const read = all('GET', type, place);
const write = one(all('SET', type, place, amount), all('INCRBY', type, place, amount), overflow);

export const bitmaps = [
  define('BITCOUNT', [key(), opt(all(index, index, unit))], { weight: 6 }),
  define('BITFIELD', [key(), many(one(read, write, write), 0, 4)], { weight: 10 }),
  define('BITFIELD_RO', [key(), many(one(read, read, read, write), 0, 3)]),
  define('BITOP', [from('AND', 'OR', 'XOR', 'xor', 'NAND'), key(), many(key(), 1, 4)], { weight: 6 }),
  define('BITOP', ['NOT', key(), key()]),
  define('BITPOS', [key(), bit, opt(all(index, opt(all(index, unit))))], { weight: 6 }),
  define('GETBIT', [key(), offset]),
  define('SETBIT', [key(), offset, bit], { weight: 6 }),
];
