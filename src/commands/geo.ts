// Places on the earth, kept as sorted sets whose scores are geohashes: adding them, where they are, how far apart.
import type { Ref } from '../arena/arena.ts';
import { parseDouble } from '../base/double.ts';
import {
  cellOf,
  exactDistanceM,
  geohashText,
  hashOf,
  LATITUDE_MAX,
  LONGITUDE_MAX,
  type Place,
  placeOf,
  STEPS_MAX,
} from '../base/geohash.ts';
import { formatDoubleFixed } from '../base/longdouble.ts';
import { EVENT_ZSET } from '../keyspace/keyspace.ts';
import { invalidPlace, NOT_A_FLOAT, SYNTAX, UNSUPPORTED_UNIT } from '../resp/errors.ts';
import type { Reply } from '../resp/reply.ts';
import { TYPE_ZSET } from '../structs/entry.ts';
import type { Context } from './context.ts';
import { type CommandSpec, command, DENYOOM, key, READONLY, WRITE } from './spec.ts';
import { readTyped, WRONG, writeTyped } from './typed.ts';
import { ADDED, addMember, addSortedSet, CH, NX, UPDATED, XX } from './zset.ts';

/** Metres of each unit. */
const UNITS = { m: 1, km: 1000, ft: 0.3048, mi: 1609.34 };
const DISTANCE_DECIMALS = 4;
const COORDINATE_DECIMALS = 17;

const GEOADD = command({
  name: 'geoadd',
  group: 'geo',
  since: '3.2.0',
  summary: 'Adds places to a sorted set, or moves them',
  complexity: 'O(log(N)) for each place',
  arity: -5,
  flags: WRITE | DENYOOM,
  keys: [key('RW UPDATE', 1)],
  syntax: 'key condition=[NX | XX]^6.2.0 [change=CH]^6.2.0 (longitude:double latitude:double member)+',
  history: [['6.2.0', 'Options CH, NX and XX.']],
  run: runGeoadd,
});

function runGeoadd(c: Context): void {
  const { args, reply } = c;
  let options = 0;
  let first = 2;
  for (let option = optionAt(c, first); option !== 0; option = optionAt(c, ++first)) options |= option;
  const words = args.count - first;
  if (words % 3 !== 0 || words <= 0 || (options & (NX | XX)) === (NX | XX)) {
    reply.error(SYNTAX);
    return;
  }
  for (let i = first; i < args.count; i += 3) if (placeOr(c, i) === null) return;
  let ref = writeTyped(c, 1, TYPE_ZSET);
  if (ref === WRONG) return;
  if (ref === 0) {
    if ((options & XX) !== 0) {
      reply.integer(0);
      return;
    }
    ref = addSortedSet(c, 1, args.length(first + 2));
  }
  addPlaces(c, ref, first, options);
}

function optionAt({ args }: Context, i: number): number {
  if (i >= args.count) return 0;
  if (args.is(i, 'nx')) return NX;
  if (args.is(i, 'xx')) return XX;
  return args.is(i, 'ch') ? CH : 0;
}

function addPlaces(c: Context, ref: Ref, first: number, options: number): void {
  let added = 0;
  let updated = 0;
  for (let i = first; i < c.args.count; i += 3) {
    const score = hashOf(cellOf(placeOr(c, i)!, STEPS_MAX));
    const result = addMember(c, ref, i + 2, score, options);
    if (result === ADDED) added++;
    else if (result === UPDATED) updated++;
  }
  if (added + updated > 0) {
    c.keyspace.dirty += added + updated - 1;
    c.changed(1, EVENT_ZSET, 'zadd');
    if (c.effects.active) logPlaces(c, first);
  }
  c.reply.integer((options & CH) !== 0 ? added + updated : added);
}

/** The same with scores, so that nobody has to find the same cells. */
function logPlaces(c: Context, first: number): void {
  const { args, effects } = c;
  effects.op(c, 'ZADD', first + (2 * (args.count - first)) / 3);
  for (let i = 1; i < first; i++) effects.arg(i);
  for (let i = first; i < args.count; i += 3) {
    effects.number(hashOf(cellOf(placeOr(c, i)!, STEPS_MAX))).arg(i + 2);
  }
}

/** The place in arguments `i` and `i` + 1; null after an error reply. */
export function placeOr(c: Context, i: number): Place | null {
  const { args } = c;
  const longitude = parseDouble(args.bytes, args.at(i), args.length(i));
  const latitude = parseDouble(args.bytes, args.at(i + 1), args.length(i + 1));
  if (Number.isNaN(longitude) || Number.isNaN(latitude)) {
    c.reply.error(NOT_A_FLOAT);
    return null;
  }
  if (Math.abs(longitude) > LONGITUDE_MAX || Math.abs(latitude) > LATITUDE_MAX) {
    c.reply.error(invalidPlace(longitude, latitude));
    return null;
  }
  return { longitude, latitude };
}

/** Metres of the unit in argument `i`; NaN after an error reply. */
export function unitOr(c: Context, i: number): number {
  for (const [name, metres] of Object.entries(UNITS)) if (c.args.is(i, name)) return metres;
  c.reply.error(UNSUPPORTED_UNIT);
  return Number.NaN;
}

/** The place of the member in argument `i`, null if it is not there. */
export function placeOfMember({ args, keyspace: { zsets } }: Context, ref: Ref, i: number): Place | null {
  if (ref === 0 || !zsets.find(ref, args.bytes, args.at(i), args.length(i))) return null;
  return placeOf(zsets.score);
}

export function replyPlace(reply: Reply, { longitude, latitude }: Place): void {
  reply.array(2);
  reply.doubleText(formatDoubleFixed(longitude, COORDINATE_DECIMALS));
  reply.doubleText(formatDoubleFixed(latitude, COORDINATE_DECIMALS));
}

/** Replies with a distance to four decimals: the scaled distance is rounded to a whole number, half to even. */
export function replyDistance(reply: Reply, distance: number): void {
  const scaled = distance * 10 ** DISTANCE_DECIMALS;
  const below = Math.floor(scaled);
  const isTie = scaled - below === 0.5;
  const rounded = isTie ? below + (below % 2) : Math.round(scaled);
  const digits = String(rounded).padStart(DISTANCE_DECIMALS + 1, '0');
  reply.bulkText(`${digits.slice(0, -DISTANCE_DECIMALS)}.${digits.slice(-DISTANCE_DECIMALS)}`);
}

const GEOPOS = command({
  name: 'geopos',
  group: 'geo',
  since: '3.2.0',
  summary: 'Longitudes and latitudes of members',
  complexity: 'O(N) in the number of members asked for',
  arity: -2,
  flags: READONLY,
  keys: [key('RO ACCESS', 1)],
  syntax: 'key member+',
  run: runGeopos,
});

function runGeopos(c: Context): void {
  const { args, reply } = c;
  const ref = readTyped(c, 1, TYPE_ZSET);
  if (ref === WRONG) return;
  reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) {
    const place = placeOfMember(c, ref, i);
    if (place === null) reply.nullArray();
    else replyPlace(reply, place);
  }
}

const GEOHASH = command({
  name: 'geohash',
  group: 'geo',
  since: '3.2.0',
  summary: 'Standard geohashes of members',
  complexity: 'O(N) in the number of members asked for',
  arity: -2,
  flags: READONLY,
  keys: [key('RO ACCESS', 1)],
  syntax: 'key member+',
  run: runGeohash,
});

function runGeohash(c: Context): void {
  const { args, reply } = c;
  const ref = readTyped(c, 1, TYPE_ZSET);
  if (ref === WRONG) return;
  reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) {
    const place = placeOfMember(c, ref, i);
    if (place === null) reply.null();
    else reply.bulkText(geohashText(place));
  }
}

const GEODIST = command({
  name: 'geodist',
  group: 'geo',
  since: '3.2.0',
  summary: 'Distance of two members',
  complexity: 'O(1)',
  arity: -4,
  flags: READONLY,
  keys: [key('RO ACCESS', 1)],
  syntax: 'key member1 member2 unit=[M | KM | FT | MI]',
  run: runGeodist,
});

function runGeodist(c: Context): void {
  const { args, reply } = c;
  if (args.count > 5) {
    reply.error(SYNTAX);
    return;
  }
  const unitM = args.count === 5 ? unitOr(c, 4) : 1;
  if (Number.isNaN(unitM)) return;
  const ref = readTyped(c, 1, TYPE_ZSET);
  if (ref === WRONG) return;
  const from = placeOfMember(c, ref, 2);
  const to = placeOfMember(c, ref, 3);
  if (from === null || to === null) reply.null();
  else replyDistance(reply, exactDistanceM(from, to) / unitM);
}

export const GEO_COMMANDS: readonly CommandSpec[] = [GEOADD, GEODIST, GEOHASH, GEOPOS];
