// ACL categories: one bit each, in the order in which replies print them.
import { ADMIN, BLOCKING, FAST, PUBSUB, READONLY, WRITE } from './flags.ts';

export const AT_KEYSPACE = 1 << 0;
export const AT_READ = 1 << 1;
export const AT_WRITE = 1 << 2;
export const AT_SET = 1 << 3;
export const AT_SORTEDSET = 1 << 4;
export const AT_LIST = 1 << 5;
export const AT_HASH = 1 << 6;
export const AT_STRING = 1 << 7;
export const AT_BITMAP = 1 << 8;
export const AT_HYPERLOGLOG = 1 << 9;
export const AT_GEO = 1 << 10;
export const AT_STREAM = 1 << 11;
export const AT_PUBSUB = 1 << 12;
export const AT_ADMIN = 1 << 13;
export const AT_FAST = 1 << 14;
export const AT_SLOW = 1 << 15;
export const AT_BLOCKING = 1 << 16;
export const AT_DANGEROUS = 1 << 17;
export const AT_CONNECTION = 1 << 18;
export const AT_TRANSACTION = 1 << 19;
export const AT_SCRIPTING = 1 << 20;

/** Names without the `@`; index = bit. */
export const CATEGORY_NAMES: readonly string[] = [
  'keyspace',
  'read',
  'write',
  'set',
  'sortedset',
  'list',
  'hash',
  'string',
  'bitmap',
  'hyperloglog',
  'geo',
  'stream',
  'pubsub',
  'admin',
  'fast',
  'slow',
  'blocking',
  'dangerous',
  'connection',
  'transaction',
  'scripting',
];

/** Groups as COMMAND DOCS names them, each with the category its commands belong to unless they say
 *  otherwise. */
const GROUP_CATEGORY = {
  bitmap: AT_BITMAP,
  cluster: 0,
  connection: AT_CONNECTION,
  generic: AT_KEYSPACE,
  geo: AT_GEO,
  hash: AT_HASH,
  hyperloglog: AT_HYPERLOGLOG,
  list: AT_LIST,
  pubsub: 0,
  scripting: AT_SCRIPTING,
  server: 0,
  set: AT_SET,
  'sorted-set': AT_SORTEDSET,
  stream: AT_STREAM,
  string: AT_STRING,
  transactions: AT_TRANSACTION,
};

export type Group = keyof typeof GROUP_CATEGORY;

/** Every category of a command. `own` stands in for the category of the group when a command has others. */
export function categoriesOf(flags: number, group: Group, own: number | undefined): number {
  let categories = own ?? GROUP_CATEGORY[group];
  if (flags & WRITE) categories |= AT_WRITE;
  if (flags & READONLY && !(categories & AT_SCRIPTING)) categories |= AT_READ;
  if (flags & ADMIN) categories |= AT_ADMIN | AT_DANGEROUS;
  if (flags & PUBSUB) categories |= AT_PUBSUB;
  if (flags & BLOCKING) categories |= AT_BLOCKING;
  return categories | (flags & FAST ? AT_FAST : AT_SLOW);
}

/** Bit of a category name (without `@`, any case); 0 if there is none of that name. */
export function categoryBit(name: string): number {
  const index = CATEGORY_NAMES.indexOf(name.toLowerCase());
  return index < 0 ? 0 : 1 << index;
}

/** `@name` of every category in the set. */
export function categoryNames(categories: number): string[] {
  return CATEGORY_NAMES.filter((_, index) => (categories & (1 << index)) !== 0).map((name) => `@${name}`);
}
