// What SORT is asked to do.
import { NOT_AN_INTEGER, SORT_BY_REFUSED, SORT_GET_REFUSED, SYNTAX } from '../resp/errors.ts';
import type { Context } from './context.ts';

const STAR = 42;

export interface SortOptions {
  descending: boolean;
  /** By bytes, not as numbers. */
  alpha: boolean;
  /** First element to return, and how many (negative: all). */
  start: number;
  count: number;
  /** Position of the pattern to sort by in the arguments; 0: the elements themselves. */
  by: number;
  /** False: a pattern to sort by names the same key for all elements. */
  sorts: boolean;
  /** Positions of the patterns of what to return; none: the elements. */
  gets: number[];
  /** Position of the key to store at; 0: there is a reply. */
  store: number;
}

/** The options, or null after replying with an error. */
export function sortOptionsOr(c: Context, mayStore: boolean): SortOptions | null {
  const { args } = c;
  const mayReadAll = c.fromLog || c.server.access.mayReadAll();
  const options: SortOptions = {
    descending: false,
    alpha: false,
    start: 0,
    count: -1,
    by: 0,
    sorts: true,
    gets: [],
    store: 0,
  };
  for (let i = 2; i < args.count; i++) {
    const left = args.count - 1 - i;
    if (args.is(i, 'asc')) options.descending = false;
    else if (args.is(i, 'desc')) options.descending = true;
    else if (args.is(i, 'alpha')) options.alpha = true;
    else if (args.is(i, 'limit') && left >= 2) {
      if (!readLimit(c, i + 1, options)) return null;
      i += 2;
    } else if (args.is(i, 'store') && left >= 1 && mayStore) options.store = ++i;
    else if (args.is(i, 'by') && left >= 1) {
      options.by = ++i;
      if (!args.view(i).includes(STAR)) options.sorts = false;
      else if (!mayReadAll) return refuse(c, SORT_BY_REFUSED);
    } else if (args.is(i, 'get') && left >= 1) {
      if (!mayReadAll) return refuse(c, SORT_GET_REFUSED);
      options.gets.push(++i);
    } else {
      return refuse(c, SYNTAX);
    }
  }
  return options;
}

function refuse(c: Context, text: string): null {
  c.reply.error(text);
  return null;
}

function readLimit(c: Context, i: number, options: SortOptions): boolean {
  const start = c.args.int64(i);
  const count = c.args.int64(i + 1);
  if (start === null || count === null) {
    c.reply.error(NOT_AN_INTEGER);
    return false;
  }
  options.start = Number(start);
  options.count = Number(count);
  return true;
}
