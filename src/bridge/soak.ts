// The numbers of native/soak: phases (generator.h) and counts (plan.h).

export const soakPhase = { rest: 0, open: 1, sweep: 2, run: 3, drain: 4, close: 5 } as const;

/** Indexes of Soak.counts(). Those that end in "Now" are states, the others only grow. */
export const soakCount = {
  openNow: 0,
  busyNow: 1,
  owedNow: 2,
  connects: 3,
  closes: 4,
  commands: 5,
  messages: 6,
  swept: 7,
  lost: 8,
  misdelivered: 9,
  wrong: 10,
  dropped: 11,
  failedConnects: 12,
} as const;

export const soakCountCount = 13;

/** Connections that have keys of their own: each 64th. */
export const KEYS_EVERY = 64;
