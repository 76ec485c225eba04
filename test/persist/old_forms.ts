// Bodies of dumps in forms that only older servers write: what they are, the bytes, and what a command then finds.
export const OLD_FORMS: readonly (readonly [string, string, string, unknown])[] = [
  ['list of strings', '01 02 0161 c00c', 'LRANGE k 0 -1', ['a', '12']],
  ['ziplist', '0a 11 11000000 0d000000 0200 00 0161 03 fe80 ff', 'LRANGE k 0 -1', ['a', '-128']],
  ['quicklist of ziplists', '0e 01 0f 0f000000 0a000000 0100 00 c03930 ff', 'LRANGE k 0 -1', ['12345']],
  ['scores as text', '03 02 0161 03312e35 0162 fe', 'ZRANGE k 0 -1 WITHSCORES', ['a', '1.5', 'b', 'inf']],
  ['zipmap', '09 08 01 0161 0101 62 00 ff', 'HGETALL k', ['a', 'b']],
  ['ziplist of fields', '0d 11 11000000 0d000000 0200 00 0161 03 0162 ff', 'HGETALL k', ['a', 'b']],
  ['ziplist of scores', '0c 10 10000000 0d000000 0200 00 0161 03 f4 ff', 'ZSCORE k a', '3'],
];

export function bytesOf(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex');
}
