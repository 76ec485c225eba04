// HyperLogLog, and positions on the globe in sorted sets.
import { all, define, from, key, many, name, one, opt, shuffled, value } from '../pieces.ts';

const sketch = key('sketch');
const element = one(from('a', 'b', 'c', 1, 2, 3), value);

export const sketches = [
  define('PFADD', [sketch, many(element, 0, 6)], { weight: 8 }),
  define('PFADD', [sketch, many(name, 50, 300)], { weight: 2 }),
  define('PFCOUNT', [sketch], { weight: 6 }),
  define('PFCOUNT', [many(sketch, 2, 4)]),
  define('PFDEBUG', [from('GETREG', 'DECODE', 'ENCODING', 'TODENSE', 'x'), sketch]),
  define('PFMERGE', [sketch, many(sketch, 0, 3)]),
];

const places = key('places');
const member = from('Palermo', 'Catania', 'Agrigento', 'Rome', 'Oslo', 'Suva', 'pole', 'a', '');
const longitude = from(
  '13.361389',
  '15.087269',
  '13.583333',
  '12.5',
  '10.75',
  '178.44',
  '-179.9',
  '0',
  '180',
  '181',
  'x',
);
const latitude = from(
  '38.115556',
  '37.502669',
  '37.316667',
  '41.9',
  '59.91',
  '-18.14',
  '0',
  '85',
  '-85.05',
  '86',
  'x',
);
const unit = from('m', 'km', 'ft', 'mi', 'KM', 'x');
const distance = from(0, 1, 100, 200, '166274.1516', 1000, 5000, 20_000, 1_000_000, -1, 'x');
const origin = one(all('FROMMEMBER', member), all('FROMLONLAT', longitude, latitude));
const area = one(all('BYRADIUS', distance, unit), all('BYBOX', distance, distance, unit));
const counted = all('COUNT', from(1, 2, 10, 0, -1, 'x'));
const order = from('ASC', 'DESC');
const shown = shuffled(opt('WITHCOORD', 0.3), opt('WITHDIST', 0.3), opt('WITHHASH', 0.3));

export const geography = [
  define(
    'GEOADD',
    [
      places,
      shuffled(opt(one('NX', 'XX'), 0.2), opt('CH', 0.2)),
      many(all(longitude, latitude, member), 1, 3),
    ],
    { weight: 12 },
  ),
  define('GEODIST', [places, member, member, opt(unit)]),
  define('GEOHASH', [places, many(member, 0, 3)]),
  define('GEOPOS', [places, many(member, 0, 3)]),
  define('GEORADIUS', [places, longitude, latitude, distance, unit, shown, opt(counted, 0.3), order]),
  define('GEORADIUS', [places, longitude, latitude, distance, unit, shown], { check: 'unordered' }),
  define('GEORADIUS_RO', [places, longitude, latitude, distance, unit, shown, order]),
  define('GEORADIUSBYMEMBER', [
    places,
    member,
    distance,
    unit,
    shown,
    order,
    opt(all(from('STORE', 'STOREDIST'), places), 0.2),
  ]),
  define('GEORADIUSBYMEMBER_RO', [places, member, distance, unit, shown, order]),
  define('GEOSEARCH', [places, origin, area, opt(counted, 0.3), order, shown], { weight: 8 }),
  define('GEOSEARCH', [places, area, origin, shown], { check: 'unordered' }),
  define('GEOSEARCHSTORE', [places, places, origin, area, opt(counted, 0.2), opt('STOREDIST', 0.3)]),
];
