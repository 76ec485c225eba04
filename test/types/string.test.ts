import { describe, expect, it } from 'vitest';
import type { Arena, Ref } from '../../src/arena/arena.ts';
import type { Random } from '../../src/base/random.ts';
import {
  ENC_EMBSTR,
  ENC_INT,
  ENC_RAW,
  Entries,
  HAS_EXPIRY,
  INLINE_BYTES_MAX,
} from '../../src/structs/entry.ts';
import { EMBSTR_BYTES_MAX, Strings } from '../../src/types/string.ts';
import { makeArena } from '../support/arena.ts';
import { seededRandom } from '../support/seed.ts';

const EXPIRY = [0x89abcdef, 0x123] as const;

interface Fixture {
  arena: Arena;
  entries: Entries;
  strings: Strings;
}

function fixture(): Fixture {
  const arena = makeArena();
  const entries = new Entries(arena);
  return { arena, entries, strings: new Strings(entries) };
}

function create({ entries, strings }: Fixture, key: string, value: Uint8Array, expiryFlag = 0): Ref {
  const name = Buffer.from(key);
  const ref = strings.create(name, 0, name.length, 7, expiryFlag, value, 0, value.length);
  if (expiryFlag !== 0) entries.writeExpiry(ref, ...EXPIRY);
  return ref;
}

function read({ strings }: Fixture, ref: Ref): Buffer {
  strings.locate(ref);
  return Buffer.from(strings.bytes.slice(strings.at, strings.at + strings.length));
}

function drop({ entries, strings }: Fixture, ref: Ref): void {
  strings.freeSome(ref);
  entries.free(ref);
}

/** What SET makes of a value. */
function encodingOf(value: Uint8Array): number {
  const text = Buffer.from(value).toString('latin1');
  if (/^(0|-?[1-9]\d{0,18})$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text)) return ENC_INT;
  return value.length <= EMBSTR_BYTES_MAX ? ENC_EMBSTR : ENC_RAW;
}

const LENGTHS = [
  0,
  1,
  19,
  20,
  21,
  44,
  45,
  300,
  INLINE_BYTES_MAX,
  INLINE_BYTES_MAX + 1,
  5000,
  70_000,
  300_000,
];
const INTEGERS = [
  '0',
  '-1',
  '42',
  '9007199254740991',
  '9007199254740992',
  '9223372036854775807',
  '-9223372036854775808',
];
const NOT_INTEGERS = ['-0', '01', '+1', ' 1', '9223372036854775808', '-9223372036854775809', '1.0', '-'];

function randomValue(random: Random): Buffer {
  if (random.below(3) === 0) return Buffer.from(INTEGERS[random.below(INTEGERS.length)]!);
  const length = LENGTHS[random.below(LENGTHS.length)]!;
  return Buffer.alloc(length, String.fromCharCode(97 + random.below(26)));
}

describe('a new string', () => {
  it('is an integer exactly if it is the canonical text of one of 64 bits', () => {
    const f = fixture();
    for (const text of [...INTEGERS, ...NOT_INTEGERS]) {
      const ref = create(f, 'k', Buffer.from(text));
      expect([text, f.entries.encoding(ref)]).toEqual([text, INTEGERS.includes(text) ? ENC_INT : ENC_EMBSTR]);
      expect(read(f, ref).toString()).toBe(text);
      drop(f, ref);
    }
    expect(f.arena.liveBlocks).toBe(0);
  });

  it.each(LENGTHS)('keeps %i bytes', (length) => {
    const f = fixture();
    const value = Buffer.alloc(length, 'x');
    const ref = create(f, 'key', value, HAS_EXPIRY);
    expect(f.entries.encoding(ref)).toBe(encodingOf(value));
    expect(read(f, ref).equals(value)).toBe(true);
    expect(value.equals(f.strings.view(ref))).toBe(true);
    expect(f.strings.outsideBytes(ref) > 0).toBe(length > INLINE_BYTES_MAX);
    drop(f, ref);
    f.arena.verify();
    expect(f.arena.liveBlocks).toBe(0);
  });

  it('keeps a text of digits as text when asked', () => {
    const f = fixture();
    const ref = f.strings.createText(Buffer.from('k'), 0, 1, 0, 0, Buffer.from('15'), 0, 2);
    expect(f.entries.encoding(ref)).toBe(ENC_EMBSTR);
    expect(read(f, ref).toString()).toBe('15');
  });

  it.each([0, 5, INLINE_BYTES_MAX + 1])('can be %i zeros', (length) => {
    const f = fixture();
    const ref = f.strings.createZeros(Buffer.from('k'), 0, 1, 0, length);
    expect(f.entries.encoding(ref)).toBe(ENC_RAW);
    expect(read(f, ref).equals(Buffer.alloc(length))).toBe(true);
  });
});

describe('changes', () => {
  it('keep key, clock and expiry through every change of shape', { timeout: 60_000 }, () => {
    const random = seededRandom('strings');
    const f = fixture();
    for (const expiryFlag of [0, HAS_EXPIRY]) {
      let value: Buffer = randomValue(random);
      let encoding = encodingOf(value);
      let ref = create(f, 'some key', value, expiryFlag);
      for (let step = 0; step < 600; step++) {
        const kind = random.below(5);
        if (kind === 0) {
          value = randomValue(random);
          encoding = encodingOf(value);
          ref = f.strings.assign(ref, value, 0, value.length);
        } else if (kind === 1) {
          value = randomValue(random);
          encoding = value.length <= EMBSTR_BYTES_MAX ? ENC_EMBSTR : ENC_RAW;
          ref = f.strings.assignText(ref, value, 0, value.length);
        } else if (kind === 2) {
          const number = random.below(2000) - 1000;
          value = Buffer.from(String(number));
          encoding = ENC_INT;
          ref = f.strings.assignInt53(ref, number);
        } else if (kind === 3) {
          value = Buffer.from(INTEGERS[random.below(INTEGERS.length)]!);
          encoding = ENC_INT;
          ref = f.strings.assignInt64(ref, BigInt(value.toString()));
        } else {
          const grown = value.length + random.below(random.below(8) === 0 ? 100_000 : 60);
          value = Buffer.concat([value, Buffer.alloc(grown - value.length)]);
          encoding = ENC_RAW;
          ref = f.strings.resize(ref, grown, grown);
        }
        expect(read(f, ref).equals(value)).toBe(true);
        expect(f.entries.encoding(ref)).toBe(encoding);
      }
      expect(f.entries.clock(ref)).toBe(7);
      expect(f.entries.view(ref).slice(f.entries.keyAt(ref), f.entries.keyAt(ref) + 8)).toEqual(
        new Uint8Array(Buffer.from('some key')),
      );
      expect(f.entries.hasExpiry(ref)).toBe(expiryFlag !== 0);
      if (expiryFlag !== 0) expect(f.entries.expiryExact(ref)).toBe(0x12389abcdefn);
      f.arena.verify();
      drop(f, ref);
    }
    expect(f.arena.liveBlocks).toBe(0);
  });

  it('zero only what they are told to', () => {
    const f = fixture();
    let ref = create(f, 'k', Buffer.from('abc'));
    ref = f.strings.resize(ref, 10, 6);
    f.strings.bytes.set([1, 2, 3, 4], f.strings.at + 6);
    expect([...read(f, ref)]).toEqual([97, 98, 99, 0, 0, 0, 1, 2, 3, 4]);
  });

  it('leave room behind a string that grows, and none behind one that is set', () => {
    const f = fixture();
    let ref = create(f, 'k', Buffer.alloc(100_000));
    const exact = f.strings.outsideBytes(ref);
    ref = f.strings.resize(ref, 100_001, 0);
    expect(f.strings.outsideBytes(ref)).toBeGreaterThanOrEqual(200_002);
    ref = f.strings.assign(ref, Buffer.alloc(100_000), 0, 100_000);
    expect(f.strings.outsideBytes(ref)).toBe(exact);
    ref = f.strings.assign(ref, Buffer.alloc(33_000), 0, 33_000);
    expect(f.strings.outsideBytes(ref)).toBeLessThan(42_000);
  });

  it('work beyond the size where a string owns whole chunks', { timeout: 60_000 }, () => {
    const f = fixture();
    const value = Buffer.alloc(17 * 1024 * 1024, 'v');
    let ref = create(f, 'k', value);
    ref = f.strings.resize(ref, value.length + 3, value.length + 2);
    f.strings.bytes[f.strings.at + value.length + 2] = 33;
    expect(f.strings.byteLength(ref)).toBe(value.length + 3);
    expect(read(f, ref).subarray(0, value.length).equals(value)).toBe(true);
    expect([...read(f, ref).subarray(-3)]).toEqual([0, 0, 33]);
    ref = f.strings.assign(ref, Buffer.from('7'), 0, 1);
    expect(f.strings.outsideBytes(ref)).toBe(0);
    drop(f, ref);
    expect(f.arena.liveBlocks).toBe(0);
  });
});
