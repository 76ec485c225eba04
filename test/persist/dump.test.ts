import { describe, expect, it } from 'vitest';
import { RdbError } from '../../src/persist/rdb_input.ts';
import { Engine } from '../support/engine.ts';
import { mutated } from '../support/mutate.ts';
import { ReplyError } from '../support/resp.ts';
import { seededRandom } from '../support/seed.ts';
import { checkValue } from './check_value.ts';
import { bytesOf, OLD_FORMS } from './old_forms.ts';
import { sealed } from './seal.ts';
import { MAKERS, NEWER_STREAMS } from './values.ts';

const FOOTER_BYTES = 10;
const BAD_DATA = 'ERR Bad data format';
const BAD_DUMP = 'ERR DUMP payload version or checksum are wrong';
/** Changed dumps of each value: so many, and fewer of long ones. */
const CHANGES = 1000;
const CHANGED_BYTES = 1_500_000;
const NOW_MS = 1_700_000_000_000;

function dumpOf(engine: Engine, key: string): Buffer {
  return Buffer.from(engine.run(['DUMP', key]) as string, 'latin1');
}

function bodyOf(engine: Engine, key: string): Buffer {
  return dumpOf(engine, key).subarray(0, -FOOTER_BYTES);
}

function answer(engine: Engine, ...words: (string | Uint8Array)[]): unknown {
  const reply = engine.run(words);
  return reply instanceof ReplyError ? reply.text : reply;
}

function changesOf(body: Buffer): number {
  return Math.ceil(Math.min(CHANGES, CHANGED_BYTES / body.length));
}

/** Restores changed bytes: an error or a sound value, and nothing else. */
function survives(engine: Engine, body: Buffer): void {
  const reply = answer(engine, 'RESTORE', 'to', '0', sealed(body));
  if (reply === BAD_DATA) return;
  expect(reply).toBe('OK');
  checkValue(engine, 'to');
  for (const line of ['DUMP to', 'DEBUG DIGEST-VALUE to', 'MEMORY USAGE to', 'DEL to']) engine.line(line);
}

describe.each([...MAKERS, ...NEWER_STREAMS].map(([encoding, make], i) => [i, encoding, make] as const))(
  '%i %s',
  (i, encoding, make) => {
    it('comes back as it was', () => {
      const random = seededRandom(`dump ${i}`);
      const engine = new Engine();
      for (const command of make('from', random)) engine.run(command);
      expect(engine.line('OBJECT ENCODING from')).toBe(encoding);
      expect(answer(engine, 'RESTORE', 'to', '0', dumpOf(engine, 'from'))).toBe('OK');
      expect(engine.line('DEBUG DIGEST-VALUE to')).toEqual(engine.line('DEBUG DIGEST-VALUE from'));
      expect(engine.line('OBJECT ENCODING to')).toBe(encoding);
      if (encoding === 'stream')
        expect(String(engine.line('XINFO STREAM to FULL COUNT 0'))).toBe(
          String(engine.line('XINFO STREAM from FULL COUNT 0')),
        );
      checkValue(engine, 'to');
      engine.verify();
    });

    it('does no harm when its dump is changed', () => {
      const random = seededRandom(`changed dump ${i}`);
      for (const rdbcompression of ['yes', 'no']) {
        const engine = new Engine({ config: { rdbcompression } });
        for (const command of make('from', random)) engine.run(command);
        const body = bodyOf(engine, 'from');
        for (let left = changesOf(body); left > 0; left--)
          survives(
            engine,
            mutated(random, body, () => body),
          );
        engine.verify();
      }
    });
  },
);

describe('hashes with expiries', () => {
  it.each([
    ['listpackex', 5],
    ['hashtable', 700],
  ])('%s', (encoding, fields) => {
    const engine = new Engine();
    for (let i = 0; i < fields; i++) engine.line(`HSET h f${i} v${i}`);
    for (let i = 0; i < fields; i += 2) engine.line(`HPEXPIREAT h ${NOW_MS * 2 + i * 1000} FIELDS 1 f${i}`);
    const dump = dumpOf(engine, 'h');
    expect(dump.readUInt16LE(dump.length - FOOTER_BYTES)).toBe(12);
    expect(answer(engine, 'RESTORE', 'g', '0', dump)).toBe('OK');
    expect(engine.line('OBJECT ENCODING g')).toBe(encoding);
    const names = `FIELDS 3 f0 f1 f${fields - 1}`;
    expect(engine.line(`HPEXPIRETIME g ${names}`)).toEqual(engine.line(`HPEXPIRETIME h ${names}`));
    expect(engine.line('DEBUG DIGEST-VALUE g')).toEqual(engine.line('DEBUG DIGEST-VALUE h'));
    const random = seededRandom(encoding);
    const body = dump.subarray(0, -FOOTER_BYTES);
    for (let left = changesOf(body); left > 0; left--)
      survives(
        engine,
        mutated(random, body, () => body),
      );
    engine.verify();
  });
});

it('cut anywhere, or with any byte changed, a small value does no harm', () => {
  const engine = new Engine();
  const lines = ['SET s 12', 'RPUSH l a b', 'SADD i 1 2', 'SADD t a b', 'ZADD z 1 a 2 b', 'HSET h a 1 b 2'];
  for (const line of [...lines, 'XADD x 1-1 a 1', 'XGROUP CREATE x g 0', 'XREADGROUP GROUP g c STREAMS x >'])
    engine.line(line);
  for (const key of ['s', 'l', 'i', 't', 'z', 'h', 'x']) {
    const body = bodyOf(engine, key);
    for (let at = 0; at < body.length; at++) {
      survives(engine, body.subarray(0, at));
      for (let bit = 0; bit < 8; bit++) {
        const copy = Buffer.from(body);
        copy[at]! ^= 1 << bit;
        survives(engine, copy);
      }
    }
  }
  engine.verify();
});

describe('old forms', () => {
  it.each(OLD_FORMS)('%s', (_, body, line, found) => {
    const engine = new Engine();
    expect(answer(engine, 'RESTORE', 'k', '0', sealed(bytesOf(body), 6))).toBe('OK');
    expect(engine.line(line)).toEqual(found);
    engine.verify();
  });
});

describe('RESTORE', () => {
  it('of an unsound stream does no harm to the next one', () => {
    const engine = new Engine();
    for (const line of ['XADD x 1-1 name ann age 3', 'XADD x 2-1 own 1', 'XADD x 3-1 name ben age 4'])
      engine.line(line);
    const body = bodyOf(engine, 'x');
    const entries = engine.line('XRANGE x - +');
    // In each of the entries something is missing, also behind the names of its own.
    for (let cut = 1; cut < body.length; cut++) {
      const broken = Buffer.concat([body.subarray(0, cut), Buffer.alloc(body.length - cut, 1)]);
      expect(answer(engine, 'RESTORE', 'y', '0', sealed(broken))).toBe(BAD_DATA);
      expect(answer(engine, 'RESTORE', 'y', '0', sealed(body))).toBe('OK');
      expect(engine.line('XRANGE y - +')).toEqual(entries);
      engine.line('DEL y');
    }
  });

  it("reads Valkey's hashes with expiring fields, and what else it dumps", () => {
    const engine = new Engine();
    const expiryMs = 2 ** 45;
    const times = Buffer.alloc(16, 0xff);
    times.writeBigInt64LE(BigInt(expiryMs));
    const hash = Buffer.concat([
      Buffer.from([22, 2]),
      Buffer.from('\x01f\x01v'),
      times.subarray(0, 8),
      Buffer.from('\x01g\x01w'),
      times.subarray(8),
    ]);
    expect(answer(engine, 'RESTORE', 'h', '0', sealed(hash, 80))).toBe('OK');
    expect(engine.line('HGETALL h')).toEqual(['f', 'v', 'g', 'w']);
    expect(engine.line('HPEXPIRETIME h FIELDS 2 f g')).toEqual([expiryMs, -1]);
    expect(answer(engine, 'RESTORE', 's', '0', sealed(Buffer.from('\0\x01v'), 80))).toBe('OK');
    // Kinds of Redis that came after the two parted.
    expect(answer(engine, 'RESTORE', 'x', '0', sealed(Buffer.from([24, 0]), 80))).toBe(BAD_DATA);
    expect(answer(engine, 'RESTORE', 'x', '0', sealed(hash, 79))).toBe(BAD_DUMP);
    engine.verify();
  });

  it('refuses what is no dump', () => {
    const engine = new Engine();
    engine.line('SET a 1');
    const dump = dumpOf(engine, 'a');
    const broken = Buffer.from(dump);
    broken[1]! ^= 1;
    const refused = [
      Buffer.from('x'),
      dump.subarray(2),
      broken,
      sealed(dump.subarray(0, -FOOTER_BYTES), 200),
    ];
    for (const bytes of refused) expect(answer(engine, 'RESTORE', 'b', '0', bytes)).toBe(BAD_DUMP);
    expect(answer(engine, 'RESTORE', 'b', '0', sealed(Buffer.from('ff', 'hex')))).toBe(BAD_DATA);
    expect(answer(engine, 'RESTORE', 'b', '0', sealed(Buffer.alloc(0)))).toBe(BAD_DATA);
    expect(answer(engine, 'RESTORE', 'a', '0', dump)).toBe('BUSYKEY Target key name already exists.');
    expect(answer(engine, 'RESTORE', 'a', '0', dump, 'REPLACE')).toBe('OK');
    expect(engine.line('DUMP none')).toBe(null);
  });

  it('sets expiries', () => {
    const engine = new Engine();
    engine.line('RPUSH a 1');
    const dump = dumpOf(engine, 'a');
    const atMs = engine.clock.nowMs() + 5000;
    answer(engine, 'RESTORE', 'b', '1000', dump);
    answer(engine, 'RESTORE', 'c', String(atMs), dump, 'absttl');
    expect([engine.line('PTTL b'), engine.line('PEXPIRETIME c')]).toEqual([1000, atMs]);
    expect(answer(engine, 'RESTORE', 'b', '1', dump, 'ABSTTL', 'REPLACE')).toBe('OK');
    expect([engine.line('EXISTS b'), engine.line('TTL a')]).toEqual([0, -1]);
    engine.verify();
  });

  it('sets how long a key was idle, or how often it was used', () => {
    const engine = new Engine();
    engine.line('SET a x');
    const dump = dumpOf(engine, 'a');
    answer(engine, 'RESTORE', 'b', '0', dump, 'IDLETIME', '1000');
    expect(engine.line('OBJECT IDLETIME b')).toBe(1000);
    engine.line('CONFIG SET maxmemory-policy allkeys-lfu');
    answer(engine, 'RESTORE', 'c', '0', dump, 'FREQ', '100');
    expect(engine.line('OBJECT FREQ c')).toBe(100);
  });

  it.each([
    ['RESTORE a x y', 'ERR value is not an integer or out of range'],
    ['RESTORE a -1 y', 'ERR Invalid TTL value, must be >= 0'],
    ['RESTORE a 0 y IDLETIME', 'ERR syntax error'],
    ['RESTORE a 0 y IDLETIME -1', 'ERR Invalid IDLETIME value, must be >= 0'],
    ['RESTORE a 0 y IDLETIME 1 FREQ 2', 'ERR syntax error'],
    ['RESTORE a 0 y FREQ 256', 'ERR Invalid FREQ value, must be >= 0 and <= 255'],
    ['RESTORE a 0 y FREQ x', 'ERR value is not an integer or out of range'],
    ['RESTORE a 0 y', BAD_DUMP],
  ])('%s', (line, error) => {
    expect(answer(new Engine(), ...line.split(' '))).toBe(error);
  });
});

it('errors say where', () => {
  expect(new RdbError('no length', 17).message).toBe('no length at offset 17');
});
