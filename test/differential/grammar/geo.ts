// Places on the earth.
import { all, define, from, integer, key, many, one, opt, shuffled } from '../pieces.ts';

const places = key('geo');
const member = from('Palermo', 'Catania', 'Roma', 'Oslo', 'Suva', 'Nome', 'a', 'b', 'c', '', 'x'.repeat(65));
const longitude = one(
  from('13.361389', '15.087269', '12.4963655', '10.75', '178.4419', '-165.4064', 0, -0.5, '179.9', '-179.9'),
  from(180, -180, '180.1', 'x', '', '-0', '200.0078125', '1e30', 'inf', '1e-10'),
);
const latitude = one(
  from('38.115556', '37.502669', '41.9027835', '59.9', '-18.1416', '64.5011', 0, 0.25, '70', '-66.5', '81'),
  from('85.05112878', '-85.05112878', '85.06', 'x', '-0', '91.5'),
);
const unit = from('m', 'km', 'ft', 'mi', 'KM', 'M', 'yd');
const distance = one(
  from(0, 1, 100, 200, 500, 1000, 5000, 20000, '0.5', 1_000_000),
  from(-1, 'x', '', 'inf'),
);
const by = one(all('BYRADIUS', distance, unit), all('BYBOX', distance, distance, unit));
const center = one(all('FROMMEMBER', member), all('FROMLONLAT', longitude, latitude));
const order = opt(from('ASC', 'DESC', 'asc'));
const count = opt(all('COUNT', from(1, 2, 3, 100, 0, -1, 'x'), opt('ANY', 0.1)), 0.3);
const extras = many(from('WITHDIST', 'WITHCOORD', 'WITHHASH', 'withdist'), 0, 2);
const store = opt(all(from('STORE', 'STOREDIST'), places), 0.3);

export const geo = [
  define(
    'GEOADD',
    [places, opt(from('NX', 'XX', 'CH', 'ch'), 0.2), many(all(longitude, latitude, member), 1, 3)],
    { weight: 20 },
  ),
  define('GEODIST', [places, member, member, opt(unit)]),
  define('GEOHASH', [places, many(member, 0, 3)]),
  define('GEOPOS', [places, many(member, 0, 3)]),
  define('GEORADIUS', [places, longitude, latitude, distance, unit, shuffled(extras, count, order, store)]),
  define('GEORADIUS_RO', [places, longitude, latitude, distance, unit, shuffled(extras, count, order)]),
  define('GEORADIUSBYMEMBER', [places, member, distance, unit, shuffled(extras, count, order, store)]),
  define('GEORADIUSBYMEMBER_RO', [places, member, distance, unit, shuffled(extras, count, order)]),
  define('GEOSEARCH', [places, shuffled(center, by, extras, count, order)], { weight: 12 }),
  define('GEOSEARCHSTORE', [places, places, shuffled(center, by, count, order, opt('STOREDIST', 0.2))]),
  define('ZADD', [places, one(integer, from(0, -5, '1e18', '4503599627370496', '0.5')), member], {
    weight: 1,
  }),
  define('ZRANGE', [places, '0', '-1', 'WITHSCORES']),
];
