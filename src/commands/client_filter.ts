// The filters of CLIENT LIST and CLIENT KILL: which connections are meant. Each filter is an option with a value, and a
// connection is meant if all agree. NOT- before an option turns it around (except for SKIPME and MAXAGE). Of an option that
// is given again the last value counts; ids add up.
import {
  CLIENT_ID_NOT_POSITIVE,
  INVALID_CLIENT_ID,
  MAXAGE_NOT_AN_INTEGER,
  MAXAGE_NOT_POSITIVE,
  NOT_AN_INTEGER,
  NOT_POSITIVE,
  noSuchUser,
  SYNTAX,
  unknownClientCapabilities,
  unknownClientFlags,
  unknownClientType,
} from '../resp/errors.ts';
import type { Args } from './args.ts';
import { type ClientView, capabilitiesOf } from './client_view.ts';
import type { Context } from './context.ts';

export type Test = (view: ClientView) => boolean;

export interface Filter {
  /** By the option in lower case; all must agree. */
  readonly tests: Map<string, Test>;
  /** What of them the native side can look at. */
  readonly wanted: { ids?: number[]; addr?: string; laddr?: string };
  /** Ids in the order given, if there is a filter by id. */
  ids: bigint[] | null;
  /** Ids that are left out. */
  readonly otherIds: bigint[];
  /** Whether SKIPME was given, and how. */
  skipsSelf: boolean | null;
}

const FLAGS = 'OSMPxbtRBdcuAUreTIiEN';
const CAPABILITIES = 'r';
/** Types of clients; there are no replicas and primaries. */
const TYPES = new Map<string, Test>([
  ['normal', (view) => !isSubscriber(view)],
  ['pubsub', isSubscriber],
  ['slave', () => false],
  ['replica', () => false],
  ['master', () => false],
  ['primary', () => false],
]);

/** Makes the test that an option with the value in argument `i` stands for; a text is the error to reply. */
type Maker = (c: Context, i: number) => Test | string;

const MAKERS: Readonly<Record<string, Maker>> = {
  type: byType,
  user: byUser,
  addr: byText((view) => view.row.addr),
  laddr: byText((view) => view.row.laddr),
  ip: byText((view) => ipOf(view.row.addr)),
  name: byText((view) => view.name),
  'lib-name': byText((view) => view.libName),
  'lib-ver': byText((view) => view.libVersion),
  flags: byFlags,
  capa: byCapabilities,
  db: byDatabase,
  idle: byIdleTime,
};

/**
 * Reads the filters from argument 2 on; null after replying with an error. `ofList`: all words behind ID are ids up to the
 * next option, and each error in one has the text of CLIENT LIST; else integers are ids, and it has that of CLIENT KILL.
 */
export function filterOf(c: Context, ofList: boolean): Filter | null {
  const { args } = c;
  const filter: Filter = { tests: new Map(), wanted: {}, ids: null, otherIds: [], skipsSelf: null };
  // CLIENT LIST looks at the form of all its arguments before it looks at any value.
  if (ofList && !isWellFormed(args)) {
    c.reply.error(SYNTAX);
    return null;
  }
  for (let i = 2; i < args.count; ) {
    const end = i + 1 < args.count ? addFilter(c, filter, i, ofList) : SYNTAX;
    if (typeof end === 'string') {
      c.reply.error(end);
      return null;
    }
    i = end;
  }
  return filter;
}

/** Whether all filters agree that the connection is meant. */
export function agrees(filter: Filter, view: ClientView): boolean {
  for (const test of filter.tests.values()) if (!test(view)) return false;
  return true;
}

/** Adds the filter at argument `i`; the position after it, or an error text. */
function addFilter(c: Context, filter: Filter, i: number, ofList: boolean): number | string {
  const { args } = c;
  const option = args.text(i).toLowerCase();
  const isTurned = option.startsWith('not-');
  const name = isTurned ? option.slice(4) : option;
  if (name === 'id') return addIds(c, filter, i, ofList, isTurned);
  if (option === 'skipme') return addSkipme(c, filter, i);
  if (option === 'not-capa' && !isKnown(args.text(i + 1), CAPABILITIES))
    return unknownClientCapabilities(args.text(i + 1), 'NOT-CAPA');
  const maker = option === 'maxage' ? byAge : Object.hasOwn(MAKERS, name) ? MAKERS[name] : undefined;
  if (maker === undefined) return SYNTAX;
  const test = maker(c, i + 1);
  if (typeof test === 'string') return test;
  filter.tests.set(option, isTurned ? (view) => !test(view) : test);
  if (option === 'addr' || option === 'laddr') filter.wanted[option] = args.text(i + 1);
  return i + 2;
}

function addIds(
  { args }: Context,
  filter: Filter,
  i: number,
  ofList: boolean,
  isTurned: boolean,
): number | string {
  const ids = isTurned ? filter.otherIds : (filter.ids ?? []);
  let at = i + 1;
  do {
    const id = args.int64(at);
    if (id === null) return ofList ? INVALID_CLIENT_ID : CLIENT_ID_NOT_POSITIVE;
    if (id < 1n && !ofList) return CLIENT_ID_NOT_POSITIVE;
    ids.push(id);
    at++;
  } while (at < args.count && (ofList ? !isOption(args.text(at)) : args.int64(at) !== null));
  const wanted = new Set(ids);
  if (isTurned) {
    filter.tests.set('not-id', (view) => !wanted.has(BigInt(view.row.id)));
  } else {
    filter.ids = ids;
    filter.wanted.ids = ids.map(Number);
    filter.tests.set('id', (view) => wanted.has(BigInt(view.row.id)));
  }
  return at;
}

/** Whether every option is one, and has a value. */
function isWellFormed(args: Args): boolean {
  for (let i = 2; i < args.count; i += 2) {
    if (!isOption(args.text(i)) || i + 1 >= args.count) return false;
    if (!/^(not-)?id$/i.test(args.text(i))) continue;
    while (i + 2 < args.count && !isOption(args.text(i + 2))) i++;
  }
  return true;
}

function isOption(word: string): boolean {
  const name = word.toLowerCase().replace(/^not-/, '');
  return name === 'id' || name === 'skipme' || name === 'maxage' || Object.hasOwn(MAKERS, name);
}

function addSkipme({ args }: Context, filter: Filter, i: number): number | string {
  if (args.is(i + 1, 'yes')) filter.skipsSelf = true;
  else if (args.is(i + 1, 'no')) filter.skipsSelf = false;
  else return SYNTAX;
  return i + 2;
}

function byText(field: (view: ClientView) => string): Maker {
  return ({ args }, i) => {
    const text = args.text(i);
    return (view) => field(view) === text;
  };
}

/** The address without its port, and without the brackets of IPv6. */
function ipOf(addr: string): string {
  const ip = addr.slice(0, addr.lastIndexOf(':'));
  return ip.startsWith('[') ? ip.slice(1, -1) : ip;
}

function byType({ args }: Context, i: number): Test | string {
  return TYPES.get(args.text(i).toLowerCase()) ?? unknownClientType(args.text(i));
}

function isSubscriber({ client }: ClientView): boolean {
  return client !== undefined && client.subscriptions !== null;
}

function byUser({ args, server }: Context, i: number): Test | string {
  const user = args.text(i);
  return server.access.users.find(user) === undefined ? noSuchUser(user) : (view) => view.user === user;
}

function byFlags({ args }: Context, i: number): Test | string {
  const flags = [...args.text(i)];
  if (!isKnown(args.text(i), FLAGS)) return unknownClientFlags(args.text(i));
  return (view) => flags.every((flag) => view.flags.includes(flag));
}

function byCapabilities({ args }: Context, i: number): Test | string {
  const wanted = args.text(i);
  if (!isKnown(wanted, CAPABILITIES)) return unknownClientCapabilities(wanted, 'provided');
  return ({ client }) => isKnown(wanted, capabilitiesOf(client));
}

/** Whether all letters are among the known ones. */
function isKnown(letters: string, known: string): boolean {
  return [...letters].every((letter) => known.includes(letter));
}

function byDatabase({ args }: Context, i: number): Test | string {
  const index = args.int(i);
  return Number.isNaN(index) ? NOT_AN_INTEGER : (view) => view.db === index;
}

function byIdleTime({ args }: Context, i: number): Test | string {
  const seconds = args.int64(i);
  if (seconds === null) return NOT_AN_INTEGER;
  return seconds < 1n ? NOT_POSITIVE : (view) => BigInt(view.row.idleSec) >= seconds;
}

function byAge({ args }: Context, i: number): Test | string {
  const seconds = args.int64(i);
  if (seconds === null) return MAXAGE_NOT_AN_INTEGER;
  return seconds < 1n ? MAXAGE_NOT_POSITIVE : (view) => BigInt(view.row.ageSec) >= seconds;
}
