// Where values change from their compact to their general encoding, and what streams know of producers unless told otherwise:
// the settings of the same names.

/** For how many seconds streams know what producers sent, and how much of each, at most. */
export const SENT_SECONDS_MAX = 86400;
export const SENT_IDS_MAX = 10000;

export interface Limits {
  listMaxListpackSize: number;
  listCompressDepth: number;
  hashMaxListpackEntries: number;
  hashMaxListpackValue: number;
  setMaxIntsetEntries: number;
  setMaxListpackEntries: number;
  setMaxListpackValue: number;
  zsetMaxListpackEntries: number;
  zsetMaxListpackValue: number;
  streamNodeMaxBytes: number;
  streamNodeMaxEntries: number;
  streamIdmpDuration: number;
  streamIdmpMaxsize: number;
  hllSparseMaxBytes: number;
}

export function defaultLimits(): Limits {
  return {
    listMaxListpackSize: -2,
    listCompressDepth: 0,
    hashMaxListpackEntries: 512,
    hashMaxListpackValue: 64,
    setMaxIntsetEntries: 512,
    setMaxListpackEntries: 128,
    setMaxListpackValue: 64,
    zsetMaxListpackEntries: 128,
    zsetMaxListpackValue: 64,
    streamNodeMaxBytes: 4096,
    streamNodeMaxEntries: 100,
    streamIdmpDuration: 100,
    streamIdmpMaxsize: 100,
    hllSparseMaxBytes: 3000,
  };
}
