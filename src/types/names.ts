// Names of types and encodings, by their numbers (structs/entry.ts); holes are types and encodings of the reference that
// do not exist here.

export const TYPE_NAMES: readonly string[] = ['string', 'list', 'set', 'zset', 'hash', '', 'stream'];

export const ENCODING_NAMES: readonly string[] = [
  'raw',
  'int',
  'hashtable',
  '',
  '',
  '',
  'intset',
  'skiplist',
  'embstr',
  'quicklist',
  'stream',
  'listpack',
  'listpackex',
];
