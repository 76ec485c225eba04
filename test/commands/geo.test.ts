import { describe, expect, it } from 'vitest';
import { seededRandom } from '../support/seed.ts';
import { Announcements, engineOf, NOT_AN_INTEGER, runLines, SYNTAX, WRONG_TYPE } from './string_support.ts';
import { CASES, engineFor, score } from './zset_support.ts';

const SICILY = 'GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania';
const NOT_A_FLOAT = '-ERR value is not a valid float';
const UNIT = '-ERR unsupported unit provided. please use M, KM, FT, MI';

describe.each(CASES)('%s', (_, encoding, resp3) => {
  // Whatever is expected here is what Redis 7.0.15 answers.
  it('keeps places as geohashes', () => {
    const engine = engineFor(encoding, resp3);
    expect(runLines(engine, SICILY, 'ZSCORE g Palermo', 'GEOHASH g Palermo Catania x', 'TYPE g')).toEqual([
      2,
      score(resp3, 3479099956230698),
      ['sqc8b49rny0', 'sqdtr74hyu0', null],
      'zset',
    ]);
    expect(
      runLines(engine, 'GEOADD g NX 1 1 Palermo', 'GEOADD g CH 13.4 38 Palermo', 'GEOADD g XX 1 1 x'),
    ).toEqual([0, 1, 0]);
    const position = engine.bytes([['GEOPOS', 'g', 'Catania', 'x']]).toString();
    const [longitude, latitude] = ['15.08726745843887329', '37.50266842333162032'];
    expect(position).toBe(
      resp3
        ? `*2\r\n*2\r\n,${longitude}\r\n,${latitude}\r\n_\r\n`
        : `*2\r\n*2\r\n$20\r\n${longitude}\r\n$20\r\n${latitude}\r\n*-1\r\n`,
    );
  });

  it('measures distances', () => {
    const engine = engineFor(encoding, resp3);
    runLines(engine, SICILY, 'GEOADD g 13.361389 38.2 North');
    expect(
      runLines(
        engine,
        'GEODIST g Palermo Catania',
        'GEODIST g Palermo Catania km',
        'GEODIST g Palermo Catania MI',
        'GEODIST g Palermo Catania ft',
        'GEODIST g Palermo Palermo',
        'GEODIST g Palermo North',
        'GEODIST g Palermo x',
        'GEODIST n a b',
      ),
    ).toEqual(['166274.1516', '166.2742', '103.3182', '545518.8700', '0.0000', '9392.4199', null, null]);
  });

  it('searches circles and boxes', () => {
    const engine = engineFor(encoding, resp3);
    runLines(engine, SICILY, 'GEOADD g 12.758489 38.788135 edge1 17.241510 38.788135 edge2');
    const lines = [
      'GEORADIUS g 15 37 200 km ASC',
      'GEORADIUS g 15 37 200 km DESC COUNT 1',
      'GEORADIUS_RO g 15 37 100 km WITHDIST',
      'GEORADIUSBYMEMBER g Catania 170 km ASC WITHDIST',
      'GEORADIUSBYMEMBER_RO g Catania 10 m',
      'GEOSEARCH g FROMLONLAT 15 37 BYBOX 400 400 km ASC',
      'GEOSEARCH g FROMMEMBER Palermo BYRADIUS 100 mi ASC WITHDIST WITHHASH',
      'GEOSEARCH g FROMLONLAT 0 0 BYRADIUS 1 km',
      'GEOSEARCH n FROMMEMBER x BYRADIUS 1 km',
    ];
    expect(runLines(engine, ...lines)).toEqual([
      ['Catania', 'Palermo'],
      ['Palermo'],
      [['Catania', '56.4413']],
      [
        ['Catania', '0.0000'],
        ['Palermo', '166.2742'],
      ],
      ['Catania'],
      ['Catania', 'Palermo', 'edge2', 'edge1'],
      [
        ['Palermo', '0.0000', 3479099956230698],
        ['edge1', '56.7939', 3479273021651468],
      ],
      [],
      [],
    ]);
  });

  it('stores what it found', () => {
    const engine = engineFor(encoding, resp3);
    const announced = new Announcements(engine);
    expect(announced.of(SICILY)).toBe('new:g zadd:g +2');
    expect(announced.of('GEOSEARCHSTORE t g FROMLONLAT 15 37 BYRADIUS 200 km')).toBe(
      'new:t geosearchstore:t +2',
    );
    expect(announced.of('GEORADIUS g 15 37 100 km STORE t')).toBe('georadiusstore:t +1');
    expect(announced.of('GEORADIUS g 0 0 1 km STORE t')).toBe('del:t +1');
    expect(announced.of('GEOSEARCHSTORE t n FROMLONLAT 15 37 BYRADIUS 200 km')).toBe('+0');
    expect(runLines(engine, 'GEORADIUSBYMEMBER g Palermo 200 km STOREDIST t', 'ZRANK t Catania')).toEqual([
      2, 1,
    ]);
    expect(Number(engine.line('ZSCORE t Catania'))).toBeCloseTo(166.27415156960032, 9);
    expect(runLines(engine, 'OBJECT ENCODING t')).toEqual([encoding]);
    engine.verify();
  });
});

describe('the edges of the map', () => {
  it('finds neighbours beyond the antimeridian as little as the reference does', () => {
    const engine = engineOf(false);
    runLines(engine, 'GEOADD g 179.5 10 west -179.5 10 east 179.9 85 pole');
    expect(runLines(engine, 'GEORADIUS g 180 10 200 km ASC', 'GEORADIUS g -180 10 200 km ASC')).toEqual([
      ['west'],
      ['east', 'west'],
    ]);
    expect(runLines(engine, 'GEORADIUS g 0 0 30000 km ASC')).toEqual([['pole', 'west', 'east']]);
  });

  it('takes scores that are no geohashes', () => {
    const engine = engineOf(false);
    runLines(engine, 'ZADD g 0 zero -5 minus 1e30 huge inf top 4503599627370496 rim');
    expect(runLines(engine, 'GEOHASH g zero minus huge top rim')).toEqual([
      ['00bh0hbj200', 'bp05b5048p0', '00bh0hbj200', '00bh0hbj200', 'bp05b5048p0'],
    ]);
  });
});

describe('mistakes', () => {
  it.each([
    ['GEOADD g 1 2', "ERR wrong number of arguments for 'geoadd' command"],
    ['GEOADD g 1 2 a 3', SYNTAX],
    ['GEOADD g NX XX 1 2 a', SYNTAX],
    ['GEOADD g x 2 a', NOT_A_FLOAT],
    ['GEOADD g 181 2 a', 'ERR invalid longitude,latitude pair 181.000000,2.000000'],
    ['GEOADD g 200.0078125 -0 a', 'ERR invalid longitude,latitude pair 200.007812,-0.000000'],
    ['GEOADD g 1 2 a inf 86 b', 'ERR invalid longitude,latitude pair inf,86.000000'],
    ['GEODIST g a b yd', UNIT],
    ['GEODIST g a b m x', SYNTAX],
    ['GEORADIUS g 1 2 x m', 'ERR need numeric radius'],
    ['GEORADIUS g 1 2 -1 m', 'ERR radius cannot be negative'],
    ['GEORADIUS g 1 2 1 yd', UNIT],
    ['GEORADIUS g 1 2 1 m COUNT x', NOT_AN_INTEGER],
    ['GEORADIUS g 1 2 1 m COUNT 0', 'ERR COUNT must be > 0'],
    ['GEORADIUS g 1 2 1 m ANY', 'ERR the ANY argument requires COUNT argument'],
    ['GEORADIUS_RO g 1 2 1 m STORE t', SYNTAX],
    [
      'GEORADIUS g 1 2 1 m STORE t WITHDIST',
      'ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and WITHCOORD options',
    ],
    [
      'GEOSEARCHSTORE t g FROMLONLAT 1 2 BYRADIUS 1 m WITHDIST',
      'ERR GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH and WITHCOORD options',
    ],
    [
      'GeoSearch g BYRADIUS 1 m ASC WITHDIST WITHHASH',
      'ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for GeoSearch',
    ],
    [
      'GEOSEARCH g FROMLONLAT 1 2 ASC WITHDIST',
      'ERR exactly one of BYRADIUS and BYBOX can be specified for GEOSEARCH',
    ],
    ['GEOSEARCH g FROMLONLAT 1 2 BYRADIUS 1 m BYBOX 1 1 m', SYNTAX],
    ['GEOSEARCH g FROMMEMBER a FROMLONLAT 1 2 BYRADIUS 1 m', SYNTAX],
    ['GEOSEARCH g FROMLONLAT 1 2 BYBOX x 1 m', 'ERR need numeric width'],
    ['GEOSEARCH g FROMLONLAT 1 2 BYBOX 1 x m', 'ERR need numeric height'],
    ['GEOSEARCH g FROMLONLAT 1 2 BYBOX 1 -1 m', 'ERR height or width cannot be negative'],
    ['GEORADIUSBYMEMBER s x 1 m', WRONG_TYPE],
    ['GEOPOS s x', WRONG_TYPE],
    ['GEOADD s 1 1 a', WRONG_TYPE],
    ['GEORADIUSBYMEMBER z x 1 m', 'ERR could not decode requested zset member'],
  ])('%s', (line, error) => {
    const engine = engineOf(false);
    runLines(engine, 'SET s x', 'ZADD z 1 a');
    expect(runLines(engine, line)).toEqual([`-${error.replace(/^-/, '')}`]);
  });
});

describe('GEOSEARCH BYPOLYGON', () => {
  const SYDNEY =
    'GEOADD g 151.20932132005692 -33.877723137822436 a 151.2119820713997 -33.87697539508043 b 151.2119820713997 ' +
    '-33.87156123068408 c 151.2229523062706 -33.883973760201364 d 151.22852593660355 -33.88116782387797 e ' +
    '151.2224105000496 -33.87544442350019 f 151.22953444719315 -33.874838625143106 g';
  const WINDING =
    'BYPOLYGON 11 151.21619137411474 -33.869643764947696 151.20408853981647 -33.87845382042545 151.2123775086366 ' +
    '-33.87864711938855 151.21046943124387 -33.87588862400425 151.21701035939626 -33.874286511854834 ' +
    '151.2239557405701 -33.8735722632175 151.22495056246407 -33.87893571656996 151.2274447496748 ' +
    '-33.882307713036354 151.23212935868654 -33.88136096120022 151.23097291274465 -33.87456240592362 ' +
    '151.22475424781445 -33.87099633192101';

  // Places and distances are those that Valkey 9 answers.
  it('finds what lies inside, and how far from the middle of the corners', () => {
    const engine = engineOf(false);
    runLines(engine, SYDNEY);
    expect(runLines(engine, `GEOSEARCH g ${WINDING} WITHDIST DESC`)).toEqual([
      [
        ['a', '1035.7735'],
        ['e', '929.4979'],
        ['g', '858.3013'],
      ],
    ]);
    expect(
      runLines(engine, `GEOSEARCHSTORE t g ${WINDING} ASC STOREDIST COUNT 2`, 'ZRANGE t 0 -1', 'TYPE t'),
    ).toEqual([2, ['g', 'e'], 'zset']);
    // Edges that cross each other: what lies in between twice is outside.
    const star =
      'BYPOLYGON 5 151.2154285314146 -33.867438205607186 151.20024487595015 -33.88138572784347 151.2374118848648 ' +
      '-33.87601765283626 151.19695829592922 -33.87272872054441 151.2278336546125 -33.88345323146266';
    expect(runLines(engine, `GEOSEARCH g ${star}`)).toEqual([['a', 'c', 'f']]);
  });

  it('finds the same as a look at every place', () => {
    const random = seededRandom('polygons');
    const engine = engineOf(false);
    const between = (low: number, high: number) => low + random.unit() * (high - low);
    for (let round = 0; round < 40; round++) {
      const [west, south] = [between(-170, 100), between(-70, 40)];
      const wide = between(0.01, 40);
      const corners = Array.from({ length: 3 + random.below(6) }, () => [
        between(west, west + wide),
        between(south, south + wide / 2),
      ]);
      const places = Array.from({ length: 200 }, (_, i) => [
        between(west - 1, west + wide + 1),
        between(south - 1, south + wide / 2 + 1),
        i,
      ]);
      runLines(engine, 'DEL g', `GEOADD g ${places.flat().join(' ')}`);
      const found = runLines(engine, `GEOSEARCH g BYPOLYGON ${corners.length} ${corners.flat().join(' ')}`);
      const kept = runLines(engine, `GEOPOS g ${places.map(([, , i]) => i).join(' ')}`)[0] as string[][];
      const expected = kept.flatMap(([x, y], i) => (isInside(corners, Number(x), Number(y)) ? [`${i}`] : []));
      expect((found[0] as string[]).sort()).toEqual(expected.sort());
    }
  });

  it('refuses too few corners, and other shapes and middles', () => {
    const engine = engineOf(false);
    runLines(engine, SICILY);
    const corners = '1 1 2 2 3 3';
    const few = '-ERR GEOSEARCH BYPOLYGON must have at least 3 vertices';
    const lines: [string, unknown][] = [
      [`BYPOLYGON 2 ${corners}`, few],
      [`BYPOLYGON 4 ${corners}`, few],
      ['BYPOLYGON 3 1 1 2 2 3', few],
      [`BYPOLYGON x ${corners}`, '-ERR invalid number of vertices'],
      ['BYPOLYGON 3 1 1 2 2 3 x', NOT_A_FLOAT],
      ['BYPOLYGON 3 1 1 2 2 300 3', '-ERR invalid longitude,latitude pair 300.000000,3.000000'],
      [`BYPOLYGON 3 ${corners} BYBOX 1 1 km`, `-${SYNTAX}`],
      [`BYBOX 1 1 km BYPOLYGON 3 ${corners}`, `-${SYNTAX}`],
      [`BYRADIUS 1 km BYPOLYGON 3 ${corners}`, `-${SYNTAX}`],
      [`BYPOLYGON 3 ${corners} FROMLONLAT 1 1`, `-${SYNTAX}`],
      [`FROMMEMBER Palermo BYPOLYGON 3 ${corners}`, `-${SYNTAX}`],
      [`BYPOLYGON 3 ${corners} ANY`, '-ERR the ANY argument requires COUNT argument'],
      [`BYPOLYGON 3 ${corners}`, []],
    ];
    for (const [options, reply] of lines) {
      expect([options, ...runLines(engine, `GEOSEARCH g ${options}`)]).toEqual([options, reply]);
    }
  });
});

describe('the key that GEORADIUS writes to', () => {
  it('is the last, as COMMAND GETKEYS and access control know', () => {
    const engine = engineOf(false);
    const calls = [
      ['GEORADIUS s 0 0 1 km STORE a STORE b', ['s', 'b']],
      ['GEORADIUSBYMEMBER s m 1 km STOREDIST a ASC STORE b', ['s', 'b']],
      ['GEORADIUSBYMEMBER s m 1 km STORE b ASC STOREDIST a', ['s', 'a']],
      ['GEORADIUS s 0 0 1 km ASC', ['s']],
    ] as const;
    for (const [line, keys] of calls)
      expect([line, ...runLines(engine, `COMMAND GETKEYS ${line}`)]).toEqual([line, keys]);
    runLines(engine, 'GEOADD s 0 0 m', 'ACL SETUSER u on nopass +@all ~s ~a');
    const replies = calls.map(([line]) => runLines(engine, `ACL DRYRUN u ${line}`)[0]);
    expect(replies).toEqual([expect.stringContaining("'b'"), expect.stringContaining("'b'"), 'OK', 'OK']);
    expect(runLines(engine, 'AUTH u x', calls[0][0], calls[2][0])).toEqual([
      'OK',
      expect.stringMatching(/^-NOPERM /),
      1,
    ]);
    expect(runLines(engine, 'AUTH default x', 'KEYS *').at(-1)).toHaveLength(2);
    engine.verify();
  });
});

/** Whether the sum of the angles under which the edges are seen from a place winds around it an odd number of times. */
function isInside(corners: readonly number[][], x: number, y: number): boolean {
  let angle = 0;
  for (const [i, [toX = 0, toY = 0]] of corners.entries()) {
    const [fromX = 0, fromY = 0] = corners[(i + corners.length - 1) % corners.length]!;
    const turn = Math.atan2(toY - y, toX - x) - Math.atan2(fromY - y, fromX - x);
    angle += turn > Math.PI ? turn - 2 * Math.PI : turn < -Math.PI ? turn + 2 * Math.PI : turn;
  }
  return Math.abs(Math.round(angle / (2 * Math.PI))) % 2 === 1;
}
