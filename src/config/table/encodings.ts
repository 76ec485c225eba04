// Where values change from their compact to their general encoding.
import { SENT_IDS_MAX, SENT_SECONDS_MAX } from '../../types/limits.ts';
import { INT_MAX, INT_MIN, integer, LONG_MAX, memory } from '../number_kinds.ts';

export const encodingsDirectives = {
  'array-slice-size': integer(4096, 1, INT_MAX),
  'array-sparse-kmax': integer(10, 0, 256),
  'array-sparse-kmin': integer(5, 0, 256),
  'hash-max-listpack-entries': integer(512, 0, LONG_MAX, 0, 'hash-max-ziplist-entries'),
  'hash-max-listpack-value': memory(64, 0, LONG_MAX, 0, 'hash-max-ziplist-value'),
  'hll-sparse-max-bytes': memory(3000, 0, LONG_MAX),
  'list-compress-depth': integer(0, 0, INT_MAX),
  'list-max-listpack-size': integer(-2, INT_MIN, INT_MAX, 0, 'list-max-ziplist-size'),
  'set-max-intset-entries': integer(512, 0, LONG_MAX),
  'set-max-listpack-entries': integer(128, 0, LONG_MAX),
  'set-max-listpack-value': memory(64, 0, LONG_MAX),
  'stream-idmp-duration': integer(100, 1, SENT_SECONDS_MAX),
  'stream-idmp-maxsize': integer(100, 1, SENT_IDS_MAX),
  'stream-node-max-bytes': memory(4096, 0, LONG_MAX),
  'stream-node-max-entries': integer(100, 0, LONG_MAX),
  'zset-max-listpack-entries': integer(128, 0, LONG_MAX, 0, 'zset-max-ziplist-entries'),
  'zset-max-listpack-value': memory(64, 0, LONG_MAX, 0, 'zset-max-ziplist-value'),
};
