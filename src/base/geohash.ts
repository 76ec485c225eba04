// Places on the earth as cells of a grid, numbered so that near cells often have near numbers. Niemeyer, geohash.org, 2008, in
// the variant of the reference: latitudes only up to that of the Mercator projection, 26 bits for each coordinate.
//
// A cell is a pair of whole numbers and the number of bits of each; its hash has the bits of both in turn, that of the
// longitude first:   lon25 lat25 lon24 lat24 … lon0 lat0      52 bits, exact in a double.
import { exactAsin, exactCos, exactSin } from './exact_trig.ts';

export const LONGITUDE_MAX = 180;
export const LATITUDE_MAX = 85.05112878;
/** Bits of each coordinate in a score. */
export const STEPS_MAX = 26;

/** Radians of a degree. */
export const RADIANS = Math.PI / 180;
export const EARTH_RADIUS_M = 6372797.560856;
const TWO_26 = 2 ** 26;
const TEXT_DIGITS = 10;
const ALPHABET = '0123456789bcdefghjkmnpqrstuvwxyz';

export interface Place {
  longitude: number;
  latitude: number;
}

export interface Cell {
  readonly lon: number;
  readonly lat: number;
  readonly steps: number;
}

/** Edges of a cell in degrees. */
export interface Area {
  readonly west: number;
  readonly east: number;
  readonly south: number;
  readonly north: number;
}

/** The cell of a place, with `steps` bits for each coordinate. Places on the northern or eastern rim have one bit more. */
export function cellOf({ longitude, latitude }: Place, steps: number, latitudeMax = LATITUDE_MAX): Cell {
  const size = 2 ** steps;
  const lon = Math.floor(((longitude + LONGITUDE_MAX) / (2 * LONGITUDE_MAX)) * size);
  const lat = Math.floor(((latitude + latitudeMax) / (2 * latitudeMax)) * size);
  return { lon, lat, steps };
}

/** The cell some steps to the east and the north, around the grid's rim if need be. */
export function neighbour({ lon, lat, steps }: Cell, east: number, north: number): Cell {
  const mask = 2 ** steps - 1;
  return {
    lon: east === 0 ? lon : (lon + east) & mask,
    lat: north === 0 ? lat : (lat + north) & mask,
    steps,
  };
}

export function areaOf({ lon, lat, steps }: Cell): Area {
  const size = 2 ** steps;
  const degrees = (part: number, most: number): number => -most + (part / size) * (most + most);
  return {
    west: degrees(lon, LONGITUDE_MAX),
    east: degrees((lon + 1) >>> 0, LONGITUDE_MAX),
    south: degrees(lat, LATITUDE_MAX),
    north: degrees((lat + 1) >>> 0, LATITUDE_MAX),
  };
}

/** The hash of a cell: 2 * steps bits. */
export function hashOf({ lon, lat }: Cell): number {
  const low = spread(lat & 0x1fff) + 2 * spread(lon & 0x1fff);
  return (spread(lat >>> 13) + 2 * spread(lon >>> 13)) * TWO_26 + low;
}

/** The hashes of the smallest cells, which are scores, inside a cell: the first, and one past the last. */
export function scoresOf(cell: Cell): { first: number; end: number } {
  const scale = 4 ** (STEPS_MAX - cell.steps);
  const hash = hashOf(cell);
  return { first: hash * scale, end: (hash + 1) * scale };
}

/** The middle of the smallest cell with this hash. Scores that are no hash are taken as a conversion to uint64 takes them. */
export function placeOf(score: number): Place {
  const { west, east, south, north } = areaOf(smallestCell(score));
  return {
    longitude: within((west + east) / 2, LONGITUDE_MAX),
    latitude: within((south + north) / 2, LATITUDE_MAX),
  };
}

function within(degrees: number, most: number): number {
  return Math.max(-most, Math.min(most, degrees));
}

function smallestCell(score: number): Cell {
  if (score >= 0 && score < 2 ** 53) {
    const high = Math.floor(score / TWO_26);
    const low = Math.floor(score) % TWO_26;
    const lat = gather(high) * 2 ** 13 + gather(low);
    return { lat, lon: gather(high >>> 1) * 2 ** 13 + gather(low >>> 1), steps: STEPS_MAX };
  }
  const bits = toUint64(score);
  const low = Number(bits & 0xffffffffn);
  const high = Number(bits >> 32n);
  const lat = (gather(high) * 2 ** 16 + gather(low)) >>> 0;
  return { lat, lon: (gather(high >>> 1) * 2 ** 16 + gather(low >>> 1)) >>> 0, steps: STEPS_MAX };
}

/** C's conversion on x86-64, outside of uint64's range too. */
function toUint64(value: number): bigint {
  if (value === Number.POSITIVE_INFINITY || value >= 2 ** 64) return 0n;
  if (value < -(2 ** 63)) return 1n << 63n;
  return BigInt.asUintN(64, BigInt(Math.trunc(value)));
}

/** Puts a zero before each of 16 bits. */
function spread(bits: number): number {
  let x = bits;
  x = (x | (x << 8)) & 0x00ff00ff;
  x = (x | (x << 4)) & 0x0f0f0f0f;
  x = (x | (x << 2)) & 0x33333333;
  return (x | (x << 1)) & 0x55555555;
}

/** Every other bit of 32, from the lowest on. */
function gather(bits: number): number {
  let x = bits & 0x55555555;
  x = (x | (x >>> 1)) & 0x33333333;
  x = (x | (x >>> 2)) & 0x0f0f0f0f;
  x = (x | (x >>> 4)) & 0x00ff00ff;
  return (x | (x >>> 8)) & 0xffff;
}

/** The geohash of a place as others write it: 11 characters, over all latitudes, with 52 bits known. */
export function geohashText(place: Place): string {
  const hash = hashOf(cellOf(place, STEPS_MAX, 90));
  let text = '';
  for (let i = 1; i <= TEXT_DIGITS; i++) text += ALPHABET[Math.floor(hash / 2 ** (52 - 5 * i)) % 32];
  return `${text}0`;
}

/** Distance of two latitudes in metres. */
export function latitudeDistanceM(a: number, b: number): number {
  return EARTH_RADIUS_M * Math.abs(b * RADIANS - a * RADIANS);
}

/** Distance of two places in metres, on a sphere: the haversine formula. */
export function distanceM(a: Place, b: Place): number {
  return haversineM(a, b, Math);
}

/** The same to the last bit of the reference's, for what is shown or stored. */
export function exactDistanceM(a: Place, b: Place): number {
  return haversineM(a, b, EXACT);
}

interface Trigonometry {
  sin(x: number): number;
  cos(x: number): number;
  asin(x: number): number;
}

const EXACT: Trigonometry = { sin: exactSin, cos: exactCos, asin: exactAsin };

function haversineM(a: Place, b: Place, functions: Trigonometry): number {
  const v = functions.sin((b.longitude * RADIANS - a.longitude * RADIANS) / 2);
  if (v === 0) return latitudeDistanceM(a.latitude, b.latitude);
  const from = a.latitude * RADIANS;
  const to = b.latitude * RADIANS;
  const u = functions.sin((to - from) / 2);
  const h = u * u + functions.cos(from) * functions.cos(to) * v * v;
  return 2 * EARTH_RADIUS_M * functions.asin(Math.sqrt(h));
}
