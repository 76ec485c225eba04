// Places inside a circle, a box or a polygon, returned or stored: GEOSEARCH and its older relatives.
import type { Ref } from '../arena/arena.ts';
import { parseDouble } from '../base/double.ts';
import { exactDistanceM, type Place } from '../base/geohash.ts';
import { EVENT_ZSET } from '../keyspace/keyspace.ts';
import {
  ANY_NEEDS_COUNT,
  BOX_NEGATIVE,
  GEO_COUNT_NOT_POSITIVE,
  geoNeedsCenter,
  geoNeedsShape,
  geoStoreWithOptions,
  INVALID_VERTICES,
  MEMBER_NOT_DECODED,
  NEEDS_HEIGHT,
  NEEDS_RADIUS,
  NEEDS_WIDTH,
  NOT_AN_INTEGER,
  RADIUS_NEGATIVE,
  SYNTAX,
  TOO_FEW_VERTICES,
} from '../resp/errors.ts';
import { ENC_SKIPLIST, TYPE_ZSET } from '../structs/entry.ts';
import { type Found, middleOf, type Shape, searchShape } from '../types/geo_search.ts';
import type { Context } from './context.ts';
import { radiusKeys } from './find_keys.ts';
import { placeOfMember, placeOr, replyDistance, replyPlace, unitOr } from './geo.ts';
import { int32Or } from './integers.ts';
import { type CommandSpec, command, DENYOOM, key, keyAfter, READONLY, WRITE } from './spec.ts';
import { deleteResult, storeResult } from './store_result.ts';
import { readTyped, WRONG } from './typed.ts';

/** How a command says where to search, and whether it stores. */
const AROUND_PLACE = 1;
const AROUND_MEMBER = 2;
const BY_OPTIONS = 4;
const MAY_STORE = 8;
const ALWAYS_STORES = 16;

/** A polygon has at least so many corners. */
const CORNERS_MIN = 3;

const UNSORTED = 0;
const ASCENDING = 1;
const DESCENDING = -1;

interface Asked {
  /** Entry of the sorted set, 0 if there is none. */
  ref: Ref;
  shape: Shape;
  hasCenter: boolean;
  /** The center is that of a member, which rules out another one by place. */
  fromMember: boolean;
  hasShape: boolean;
  withDistance: boolean;
  withHash: boolean;
  withPlace: boolean;
  /** 0: all. */
  count: number;
  any: boolean;
  order: number;
  /** Argument that names the key to store under; 0: none. */
  storeAt: number;
  storeDistances: boolean;
}

const UNIT = 'unit=(M | KM | FT | MI)';
const FROM = 'from=(FROMMEMBER member | FROMLONLAT (longitude:double latitude:double))';
const BY = `by=(circle=(BYRADIUS radius:double ${UNIT}) | box=(BYBOX width:double height:double ${UNIT})
    | polygon=(BYPOLYGON num-vertices:integer vertices=(longitude:double latitude:double)+)^9.0.0)`;
const ORDER = 'order=[ASC | DESC]';
const WITH = '[WITHCOORD] [WITHDIST] [WITHHASH]';
const ANY_SINCE_6 = 'count=[COUNT count:integer [ANY]^6.2.0]';
const ANY = 'count=[COUNT count:integer [ANY]]';
const CENTER = `longitude:double latitude:double radius:double ${UNIT}`;
const COMPLEXITY = 'O(N+log(M)) for N places in the cells of the grid that cover the shape and M inside it';
const WITHOUT_CASE = ['7.0.0', 'Units may be in upper case.'] as const;
const BY_POLYGON = ['9.0.0', 'Shape BYPOLYGON, without a center (Valkey).'] as const;
const OPTION_ANY = ['6.2.0', 'Option ANY.'] as const;

const GEOSEARCH = command({
  name: 'geosearch',
  group: 'geo',
  since: '6.2.0',
  summary: 'Members inside a circle, a box or a polygon',
  complexity: COMPLEXITY,
  arity: -7,
  flags: READONLY,
  keys: [key('RO ACCESS', 1)],
  syntax: `key ${FROM} ${BY} ${ORDER} ${ANY} ${WITH}`,
  history: [WITHOUT_CASE, BY_POLYGON],
  run: (c) => search(c, 1, 2, BY_OPTIONS),
});

const GEOSEARCHSTORE = command({
  name: 'geosearchstore',
  group: 'geo',
  since: '6.2.0',
  summary: 'Stores the members inside a circle, a box or a polygon',
  complexity: COMPLEXITY,
  arity: -8,
  flags: WRITE | DENYOOM,
  keys: [key('OW UPDATE', 1), key('RO ACCESS', 2)],
  syntax: `destination:key source:key ${FROM} ${BY} ${ORDER} ${ANY} [STOREDIST]`,
  history: [WITHOUT_CASE, BY_POLYGON],
  run: (c) => search(c, 2, 3, BY_OPTIONS | ALWAYS_STORES),
});

const GEORADIUS = command({
  name: 'georadius',
  group: 'geo',
  since: '3.2.0',
  summary: 'Members inside a circle around a place, which may be stored',
  complexity: COMPLEXITY,
  arity: -6,
  flags: WRITE | DENYOOM,
  keys: [key('RO ACCESS', 1), keyAfter('OW UPDATE', 'STORE', 6), keyAfter('OW UPDATE', 'STOREDIST', 6)],
  syntax: `key ${CENTER} ${WITH} ${ANY_SINCE_6} ${ORDER} [STORE key] [STOREDIST key]`,
  history: [OPTION_ANY, WITHOUT_CASE],
  docFlags: ['deprecated'],
  deprecatedSince: '6.2.0',
  replacedBy: '`GEOSEARCH` and `GEOSEARCHSTORE` with option `BYRADIUS`',
  getKeys: radiusKeys,
  run: (c) => search(c, 1, 6, AROUND_PLACE | MAY_STORE),
});

const GEORADIUS_RO = command({
  name: 'georadius_ro',
  group: 'geo',
  since: '3.2.10',
  summary: 'Members inside a circle around a place',
  complexity: COMPLEXITY,
  arity: -6,
  flags: READONLY,
  keys: [key('RO ACCESS', 1)],
  syntax: `key ${CENTER} ${WITH} ${ANY_SINCE_6} ${ORDER}`,
  history: [OPTION_ANY],
  docFlags: ['deprecated'],
  deprecatedSince: '6.2.0',
  replacedBy: '`GEOSEARCH` with option `BYRADIUS`',
  run: (c) => search(c, 1, 6, AROUND_PLACE),
});

const GEORADIUSBYMEMBER = command({
  name: 'georadiusbymember',
  group: 'geo',
  since: '3.2.0',
  summary: 'Members inside a circle around another member, which may be stored',
  complexity: COMPLEXITY,
  arity: -5,
  flags: WRITE | DENYOOM,
  keys: [key('RO ACCESS', 1), keyAfter('OW UPDATE', 'STORE', 5), keyAfter('OW UPDATE', 'STOREDIST', 5)],
  syntax: `key member radius:double ${UNIT} ${WITH} ${ANY} ${ORDER} [STORE key] [STOREDIST key]`,
  history: [WITHOUT_CASE],
  docFlags: ['deprecated'],
  deprecatedSince: '6.2.0',
  replacedBy: '`GEOSEARCH` and `GEOSEARCHSTORE` with options `BYRADIUS` and `FROMMEMBER`',
  getKeys: radiusKeys,
  run: (c) => search(c, 1, 5, AROUND_MEMBER | MAY_STORE),
});

const GEORADIUSBYMEMBER_RO = command({
  name: 'georadiusbymember_ro',
  group: 'geo',
  since: '3.2.10',
  summary: 'Members inside a circle around another member',
  complexity: COMPLEXITY,
  arity: -5,
  flags: READONLY,
  keys: [key('RO ACCESS', 1)],
  syntax: `key member radius:double ${UNIT} ${WITH} ${ANY} ${ORDER}`,
  docFlags: ['deprecated'],
  deprecatedSince: '6.2.0',
  replacedBy: '`GEOSEARCH` with options `BYRADIUS` and `FROMMEMBER`',
  run: (c) => search(c, 1, 5, AROUND_MEMBER),
});

function search(c: Context, sourceAt: number, optionsAt: number, way: number): void {
  const ref = readTyped(c, sourceAt, TYPE_ZSET);
  if (ref === WRONG) return;
  const asked = blank(ref, (way & ALWAYS_STORES) !== 0 ? 1 : 0);
  if (!readFixed(c, asked, way)) return;
  for (let i = optionsAt; i < c.args.count; ) {
    i = readOption(c, i, way, asked);
    if (i === 0) return;
  }
  const refusal = refusalOf(c, asked, way);
  if (refusal !== '') {
    c.reply.error(refusal);
    return;
  }
  if (ref === 0) {
    if (asked.storeAt > 0) deleteResult(c, asked.storeAt);
    else c.reply.array(0);
    return;
  }
  const found = searchShape(c.keyspace.zsets, ref, asked.shape, asked.any ? asked.count : 0);
  const order = asked.count > 0 && !asked.any && asked.order === UNSORTED ? ASCENDING : asked.order;
  if (order !== UNSORTED) found.sort((a, b) => (a.distanceM - b.distanceM) * order);
  if (asked.count > 0 && found.length > asked.count) found.length = asked.count;
  if (asked.storeAt > 0) storeFound(c, asked, found, (way & BY_OPTIONS) !== 0);
  else replyFound(c, asked, found);
}

function blank(ref: Ref, storeAt: number): Asked {
  return {
    ref,
    shape: { center: { longitude: 0, latitude: 0 }, polygon: [], radius: -1, width: 0, height: 0, unitM: 1 },
    hasCenter: false,
    fromMember: false,
    hasShape: false,
    withDistance: false,
    withHash: false,
    withPlace: false,
    count: 0,
    any: false,
    order: UNSORTED,
    storeAt,
    storeDistances: false,
  };
}

/** Reads the arguments that the older commands have at fixed places; false after an error reply. */
function readFixed(c: Context, asked: Asked, way: number): boolean {
  if ((way & AROUND_PLACE) !== 0) return readPlace(c, 2, asked) && readCircle(c, 4, asked);
  // Without a sorted set nothing is looked at but the options.
  if ((way & AROUND_MEMBER) === 0 || asked.ref === 0) return true;
  return readMember(c, 2, asked) && readCircle(c, 3, asked);
}

function readPlace(c: Context, i: number, asked: Asked): boolean {
  const place = placeOr(c, i);
  if (place === null) return false;
  asked.shape.center = place;
  asked.hasCenter = true;
  return true;
}

function readMember(c: Context, i: number, asked: Asked): boolean {
  asked.hasCenter = true;
  if (asked.ref === 0) return true;
  const place = placeOfMember(c, asked.ref, i);
  if (place === null) return refuse(c, MEMBER_NOT_DECODED);
  asked.shape.center = place;
  return true;
}

function readCircle(c: Context, i: number, { shape }: Asked): boolean {
  const radius = doubleAt(c, i);
  if (Number.isNaN(radius)) return refuse(c, NEEDS_RADIUS);
  if (radius < 0) return refuse(c, RADIUS_NEGATIVE);
  shape.radius = radius;
  shape.unitM = unitOr(c, i + 1);
  return !Number.isNaN(shape.unitM);
}

function readBox(c: Context, i: number, { shape }: Asked): boolean {
  const width = doubleAt(c, i);
  if (Number.isNaN(width)) return refuse(c, NEEDS_WIDTH);
  const height = doubleAt(c, i + 1);
  if (Number.isNaN(height)) return refuse(c, NEEDS_HEIGHT);
  if (width < 0 || height < 0) return refuse(c, BOX_NEGATIVE);
  shape.width = width;
  shape.height = height;
  shape.unitM = unitOr(c, i + 2);
  return !Number.isNaN(shape.unitM);
}

/** Corners from argument `i` on, after their number; the position behind them, 0 after an error reply. */
function readPolygon(c: Context, i: number, asked: Asked): number {
  const count = int32Or(c, i, INVALID_VERTICES);
  if (Number.isNaN(count)) return 0;
  if (count < CORNERS_MIN || i + 2 * count >= c.args.count) {
    c.reply.error(TOO_FEW_VERTICES);
    return 0;
  }
  const polygon: Place[] = [];
  for (let k = i + 1; k <= i + 2 * count; k += 2) {
    const corner = placeOr(c, k);
    if (corner === null) return 0;
    polygon.push(corner);
  }
  asked.shape.polygon = polygon;
  asked.shape.center = middleOf(polygon);
  asked.shape.unitM = 1;
  asked.hasCenter = true;
  asked.hasShape = true;
  return i + 1 + 2 * count;
}

function doubleAt({ args }: Context, i: number): number {
  return parseDouble(args.bytes, args.at(i), args.length(i));
}

function refuse(c: Context, text: string): false {
  c.reply.error(text);
  return false;
}

/** Reads the option in argument `i`; returns the position behind it, 0 after an error reply. */
function readOption(c: Context, i: number, way: number, asked: Asked): number {
  const { args } = c;
  if (args.is(i, 'withdist')) asked.withDistance = true;
  else if (args.is(i, 'withhash')) asked.withHash = true;
  else if (args.is(i, 'withcoord')) asked.withPlace = true;
  else if (args.is(i, 'any')) asked.any = true;
  else if (args.is(i, 'asc')) asked.order = ASCENDING;
  else if (args.is(i, 'desc')) asked.order = DESCENDING;
  else if (args.is(i, 'count') && i + 1 < args.count) return readCount(c, i + 1, asked) ? i + 2 : 0;
  else return (way & BY_OPTIONS) !== 0 ? readSearchOption(c, i, way, asked) : readStore(c, i, way, asked);
  return i + 1;
}

function readCount(c: Context, i: number, asked: Asked): boolean {
  const count = c.args.int64(i);
  if (count === null) return refuse(c, NOT_AN_INTEGER);
  if (count <= 0n) return refuse(c, GEO_COUNT_NOT_POSITIVE);
  asked.count = Number(count);
  return true;
}

/** Options of GEOSEARCH and GEOSEARCHSTORE. */
function readSearchOption(c: Context, i: number, way: number, asked: Asked): number {
  const { args } = c;
  const left = args.count - i - 1;
  const byRadius = asked.hasShape && asked.shape.radius >= 0;
  if (args.is(i, 'storedist') && (way & ALWAYS_STORES) !== 0) {
    asked.storeDistances = true;
    return i + 1;
  }
  const byPolygon = asked.shape.polygon.length > 0;
  if (args.is(i, 'bypolygon') && left >= 2 && (byPolygon || !(asked.hasShape || asked.hasCenter)))
    return readPolygon(c, i + 1, asked);
  if (byPolygon) {
    c.reply.error(SYNTAX);
    return 0;
  }
  if (args.is(i, 'frommember') && left >= 1 && !(asked.hasCenter && !asked.fromMember)) {
    asked.fromMember = true;
    return readMember(c, i + 1, asked) ? i + 2 : 0;
  }
  if (args.is(i, 'fromlonlat') && left >= 2 && !asked.fromMember)
    return readPlace(c, i + 1, asked) ? i + 3 : 0;
  if (args.is(i, 'byradius') && left >= 2 && (!asked.hasShape || byRadius)) {
    asked.hasShape = true;
    return readCircle(c, i + 1, asked) ? i + 3 : 0;
  }
  if (args.is(i, 'bybox') && left >= 3 && !byRadius) {
    asked.hasShape = true;
    return readBox(c, i + 1, asked) ? i + 4 : 0;
  }
  c.reply.error(SYNTAX);
  return 0;
}

/** STORE and STOREDIST of the older commands. */
function readStore(c: Context, i: number, way: number, asked: Asked): number {
  const { args } = c;
  const distances = args.is(i, 'storedist');
  if ((way & MAY_STORE) !== 0 && i + 1 < args.count && (distances || args.is(i, 'store'))) {
    asked.storeAt = i + 1;
    asked.storeDistances = distances;
    return i + 2;
  }
  c.reply.error(SYNTAX);
  return 0;
}

/** What is wrong with the options together; '' if nothing is. */
function refusalOf({ args }: Context, asked: Asked, way: number): string {
  const byOptions = (way & BY_OPTIONS) !== 0;
  if (asked.storeAt > 0 && (asked.withDistance || asked.withHash || asked.withPlace)) {
    return geoStoreWithOptions(byOptions ? 'GEOSEARCHSTORE' : 'STORE option in GEORADIUS');
  }
  if (byOptions && !asked.hasCenter) return geoNeedsCenter(args.text(0));
  if (byOptions && !asked.hasShape) return geoNeedsShape(args.text(0));
  return asked.any && asked.count === 0 ? ANY_NEEDS_COUNT : '';
}

function replyFound({ reply }: Context, asked: Asked, found: readonly Found[]): void {
  const { withDistance, withHash, withPlace, shape } = asked;
  const extras = Number(withDistance) + Number(withHash) + Number(withPlace);
  reply.array(found.length);
  for (const { member, place, score } of found) {
    if (extras > 0) reply.array(extras + 1);
    reply.bulk(member, 0, member.length);
    if (withDistance) replyDistance(reply, exactDistanceM(shape.center, place) / shape.unitM);
    if (withHash) reply.integer(score);
    if (withPlace) replyPlace(reply, place);
  }
}

function storeFound(c: Context, asked: Asked, found: readonly Found[], byOptions: boolean): void {
  const { args, keyspace } = c;
  const { zsets } = keyspace;
  const k = asked.storeAt;
  const into = zsets.create(args.bytes, args.at(k), args.length(k), keyspace.freshClock(), ENC_SKIPLIST);
  for (const { member, place, score } of found) {
    // The reference's quirk of looking at a cell twice must not add a member twice.
    if (zsets.find(into, member, 0, member.length)) continue;
    const { center, unitM } = asked.shape;
    const stored = asked.storeDistances ? exactDistanceM(center, place) / unitM : score;
    zsets.add(into, member, 0, member.length, stored);
  }
  zsets.compact(into);
  keyspace.dirty += Math.max(0, found.length - 1);
  storeResult(c, k, into, zsets.size(into), EVENT_ZSET, byOptions ? 'geosearchstore' : 'georadiusstore');
}

export const GEO_SEARCH_COMMANDS: readonly CommandSpec[] = [
  GEORADIUS,
  GEORADIUS_RO,
  GEORADIUSBYMEMBER,
  GEORADIUSBYMEMBER_RO,
  GEOSEARCH,
  GEOSEARCHSTORE,
];
