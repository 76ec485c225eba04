// What the executor must know of a connection before each command, packed into one integer a connection:
//
//   31              16 15                                        0
//   +-----------------+-------------------------------------------+
//   | database number | bits below                                |
//   +-----------------+-------------------------------------------+
//
// 0 means that nothing is known yet: the connection's first command fills it in.

export const KNOWN = 1;
export const RESP3 = 2;
/** Something about this client makes every command take the careful path. */
export const ATTENTION = 4;
/** A Client object exists. */
export const HAS_CLIENT = 8;

export const DB_SHIFT = 16;
