// The bits that describe a command, with the names COMMAND INFO prints; the order of the bits is the order of
// printing.

export const WRITE = 1 << 0;
export const READONLY = 1 << 1;
/** Refused while memory is over the limit. */
export const DENYOOM = 1 << 2;
export const ADMIN = 1 << 3;
export const PUBSUB = 1 << 4;
export const NOSCRIPT = 1 << 5;
/** May put the client to sleep. */
export const BLOCKING = 1 << 6;
/** Allowed while the data set is being loaded. */
export const LOADING = 1 << 7;
/** Allowed on a replica that has lost its primary. */
export const STALE = 1 << 8;
export const SKIP_MONITOR = 1 << 9;
/** Kept out of the slow log. */
export const SKIP_SLOWLOG = 1 << 10;
/** Implies ASKING: may reach a slot that is being imported. */
export const ASKING = 1 << 11;
export const FAST = 1 << 12;
/** Allowed before authentication. */
export const NO_AUTH = 1 << 13;
/** May send commands to replicas although it is no write. */
export const MAY_REPLICATE = 1 << 14;
export const NO_MANDATORY_KEYS = 1 << 15;
/** Needs an `enable-…` directive (DEBUG, MODULE). */
export const PROTECTED = 1 << 16;
/** Refused during an asynchronous load, although LOADING is set. */
export const NO_ASYNC_LOADING = 1 << 17;
export const NO_MULTI = 1 << 18;
/** The key specs cannot name every key by position. Derived; never given by a spec. */
export const MOVABLE_KEYS = 1 << 19;
/** Allowed while a script is overdue. */
export const ALLOW_BUSY = 1 << 20;
/** Exists in Sentinel mode too. */
export const SENTINEL = 1 << 21;
export const ONLY_SENTINEL = 1 << 22;
/** Reads or writes keys that no argument names (FLUSHALL, RANDOMKEY, scripts). */
export const TOUCHES_ARBITRARY_KEYS = 1 << 23;
/** Has subcommands. Derived; never given by a spec. */
export const CONTAINER = 1 << 24;

/** The flags a reply shows, in the order it shows them. The others are for the server alone. */
const SHOWN: readonly (readonly [number, string])[] = [
  [WRITE, 'write'],
  [READONLY, 'readonly'],
  [DENYOOM, 'denyoom'],
  [ADMIN, 'admin'],
  [PUBSUB, 'pubsub'],
  [NOSCRIPT, 'noscript'],
  [BLOCKING, 'blocking'],
  [LOADING, 'loading'],
  [STALE, 'stale'],
  [SKIP_MONITOR, 'skip_monitor'],
  [SKIP_SLOWLOG, 'skip_slowlog'],
  [ASKING, 'asking'],
  [FAST, 'fast'],
  [NO_AUTH, 'no_auth'],
  [NO_MANDATORY_KEYS, 'no_mandatory_keys'],
  [NO_ASYNC_LOADING, 'no_async_loading'],
  [NO_MULTI, 'no_multi'],
  [MOVABLE_KEYS, 'movablekeys'],
  [ALLOW_BUSY, 'allow_busy'],
];

/** Names of the flags that COMMAND INFO prints. */
export function flagNames(flags: number): string[] {
  return SHOWN.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name);
}
