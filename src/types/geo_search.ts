// Places inside a circle, a box or a polygon: which cells of the grid (base/geohash.ts) cover it, and which members of a sorted set
// stand in them. The size of the cells, and the order in which they are looked at, are the reference's.
import type { Ref } from '../arena/arena.ts';
import {
  type Area,
  areaOf,
  type Cell,
  cellOf,
  distanceM,
  EARTH_RADIUS_M,
  latitudeDistanceM,
  neighbour,
  type Place,
  placeOf,
  RADIANS,
  STEPS_MAX,
  scoresOf,
} from '../base/geohash.ts';
import type { SortedSets } from './zset.ts';

/** Half the circumference of the earth in the Mercator projection. */
const MERCATOR_MAX_M = 20037726.37;
const WIDE_LATITUDE = 66;
const WIDEST_LATITUDE = 80;

/**
 * What to look in: a polygon if that has corners, else a circle (of `radius`) or a box (`radius` is -1), around a place. Lengths
 * are in a unit of `unitM` metres.
 */
export interface Shape {
  center: Place;
  polygon: readonly Place[];
  radius: number;
  width: number;
  height: number;
  unitM: number;
}

export interface Found {
  /** A copy of the member. */
  readonly member: Uint8Array;
  readonly place: Place;
  readonly distanceM: number;
  readonly score: number;
}

/** Steps to the east and the north, in the order in which neighbours are looked at. */
const DIRECTIONS: readonly (readonly [east: number, north: number])[] = [
  [0, 0],
  [0, 1],
  [0, -1],
  [1, 0],
  [-1, 0],
  [1, 1],
  [-1, 1],
  [1, -1],
  [-1, -1],
];

/** The middle of a polygon's corners: the direction in which the sum of their directions from the middle of the earth points. */
export function middleOf(polygon: readonly Place[]): Place {
  let x = 0;
  let y = 0;
  let z = 0;
  for (const { longitude, latitude } of polygon) {
    const across = Math.cos(latitude * RADIANS);
    x += across * Math.cos(longitude * RADIANS);
    y += across * Math.sin(longitude * RADIANS);
    z += Math.sin(latitude * RADIANS);
  }
  return { longitude: Math.atan2(y, x) / RADIANS, latitude: Math.atan2(z, Math.hypot(x, y)) / RADIANS };
}

/** The members inside a shape; with a `limit` above 0, the first so many that are found. */
export function searchShape(zsets: SortedSets, ref: Ref, shape: Shape, limit: number): Found[] {
  const found: Found[] = [];
  let last: Cell | null = null;
  for (const [i, cell] of cellsOf(shape).entries()) {
    if (cell === null) continue;
    // Around a large shape several neighbours are the same cell. The middle one is compared with none.
    if (last !== null && last.lat === cell.lat && last.lon === cell.lon) continue;
    if (isFull(found, limit)) break;
    searchCell(zsets, ref, cell, shape, limit, found);
    last = i === 0 ? null : cell;
  }
  return found;
}

function isFull(found: readonly Found[], limit: number): boolean {
  return limit > 0 && found.length >= limit;
}

function searchCell(
  zsets: SortedSets,
  ref: Ref,
  cell: Cell,
  shape: Shape,
  limit: number,
  found: Found[],
): void {
  const { first, end } = scoresOf(cell);
  const { cursor } = zsets;
  const rank = zsets.countBelow(ref, first, false);
  if (rank === zsets.size(ref)) return;
  cursor.start(ref, rank);
  do {
    const { score } = cursor;
    if (score >= end) return;
    const place = placeOf(score);
    const away = distanceInside(shape, place);
    if (away < 0) continue;
    const member = cursor.bytes.slice(cursor.at, cursor.at + cursor.length);
    found.push({ member, place, distanceM: away, score });
  } while (!isFull(found, limit) && cursor.next());
}

/** Distance of a place from the middle of the shape, -1 if it is outside. */
function distanceInside(shape: Shape, place: Place): number {
  const { center, polygon, radius, width, height, unitM } = shape;
  if (polygon.length > 0) return isInPolygon(polygon, place) ? distanceM(center, place) : -1;
  if (radius >= 0) {
    const away = distanceM(center, place);
    return away > radius * unitM ? -1 : away;
  }
  if (latitudeDistanceM(place.latitude, center.latitude) > (height * unitM) / 2) return -1;
  const beside = { longitude: center.longitude, latitude: place.latitude };
  return distanceM(place, beside) > (width * unitM) / 2 ? -1 : distanceM(center, place);
}

/** Whether a line from the place to the east crosses an odd number of edges (degrees taken as a plane). */
function isInPolygon(polygon: readonly Place[], { longitude, latitude }: Place): boolean {
  let isInside = false;
  let from = polygon.at(-1)!;
  for (const to of polygon) {
    if (to.latitude > latitude !== from.latitude > latitude) {
      const share = (latitude - to.latitude) / (from.latitude - to.latitude);
      if (longitude < to.longitude + (from.longitude - to.longitude) * share) isInside = !isInside;
    }
    from = to;
  }
  return isInside;
}

/** The cell in the middle and its neighbours in the order of DIRECTIONS; null for those that the shape does not reach. */
function cellsOf(shape: Shape): (Cell | null)[] {
  const bounds = boundsOf(shape);
  const { center } = shape;
  let steps = stepsFor(reachM(shape, bounds), center.latitude);
  let middle = cellOf(center, steps);
  if (steps > 1 && !neighboursCover(middle, bounds)) middle = cellOf(center, --steps);
  const area = areaOf(middle);
  return DIRECTIONS.map(([east, north]) => {
    const beyond =
      (north < 0 && area.south < bounds.south) ||
      (north > 0 && area.north > bounds.north) ||
      (east < 0 && area.west < bounds.west) ||
      (east > 0 && area.east > bounds.east);
    return steps >= 2 && beyond ? null : neighbour(middle, east, north);
  });
}

/** How far the shape, or the box around a polygon, reaches from its middle. */
function reachM({ center, polygon, radius, width, height, unitM }: Shape, bounds: Area): number {
  if (polygon.length === 0) {
    return (
      unitM * (radius >= 0 ? radius : Math.sqrt((width / 2) * (width / 2) + (height / 2) * (height / 2)))
    );
  }
  const { west, east, south, north } = bounds;
  const corners = [west, east].flatMap((longitude) =>
    [south, north].map((latitude) => ({ longitude, latitude })),
  );
  return Math.max(...corners.map((corner) => distanceM(center, corner)));
}

/** How many bits of a coordinate make cells that are large enough for a distance, which is wider near the poles. */
function stepsFor(distance: number, latitude: number): number {
  if (distance === 0) return STEPS_MAX;
  let steps = 1;
  for (let reach = distance; reach < MERCATOR_MAX_M; reach *= 2) steps++;
  steps -= 2;
  if (Math.abs(latitude) > WIDE_LATITUDE) steps--;
  if (Math.abs(latitude) > WIDEST_LATITUDE) steps--;
  return Math.max(1, Math.min(STEPS_MAX, steps));
}

function neighboursCover(middle: Cell, bounds: Area): boolean {
  return (
    areaOf(neighbour(middle, 0, 1)).north >= bounds.north &&
    areaOf(neighbour(middle, 0, -1)).south <= bounds.south &&
    areaOf(neighbour(middle, 1, 0)).east >= bounds.east &&
    areaOf(neighbour(middle, -1, 0)).west <= bounds.west
  );
}

/** About the box around a shape; its width is measured on the side that is nearer to a pole. */
function boundsOf({ center, polygon, radius, width, height, unitM }: Shape): Area {
  if (polygon.length > 0) return boundsOfPolygon(polygon);
  const { longitude, latitude } = center;
  const up = unitM * (radius >= 0 ? radius : height / 2);
  const aside = unitM * (radius >= 0 ? radius : width / 2);
  const latitudeDelta = up / EARTH_RADIUS_M / RADIANS;
  const nearPole = latitude < 0 ? latitude - latitudeDelta : latitude + latitudeDelta;
  const longitudeDelta = aside / EARTH_RADIUS_M / Math.cos(nearPole * RADIANS) / RADIANS;
  return {
    west: longitude - longitudeDelta,
    east: longitude + longitudeDelta,
    south: latitude - latitudeDelta,
    north: latitude + latitudeDelta,
  };
}

function boundsOfPolygon(polygon: readonly Place[]): Area {
  const bounds = { west: 180, east: -180, south: 90, north: -90 };
  for (const { longitude, latitude } of polygon) {
    bounds.west = Math.min(bounds.west, longitude);
    bounds.east = Math.max(bounds.east, longitude);
    bounds.south = Math.min(bounds.south, latitude);
    bounds.north = Math.max(bounds.north, latitude);
  }
  return bounds;
}
