// Indexes of the counters that the keyspace keeps in one typed array.

export const STAT_HITS = 0;
export const STAT_MISSES = 1;
export const STAT_EXPIRED = 2;
export const STAT_EVICTED = 3;
/** Fields of hashes that expired. */
export const STAT_EXPIRED_FIELDS = 4;
/** Keys among STAT_EXPIRED that the active expiry found. */
export const STAT_EXPIRED_ACTIVE = 5;
/** Fields among STAT_EXPIRED_FIELDS that nobody asked for. */
export const STAT_EXPIRED_FIELDS_ACTIVE = 6;
export const STAT_COUNT = 7;
