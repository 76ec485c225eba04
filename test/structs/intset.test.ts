import { describe, expect, it } from 'vitest';
import type { Ref } from '../../src/arena/arena.ts';
import { highWordOfBigInt, lowWordOfBigInt, wordsToBigInt } from '../../src/base/int64.ts';
import type { Random } from '../../src/base/random.ts';
import { Intsets } from '../../src/structs/intset.ts';
import { makeArena } from '../support/arena.ts';
import { seededRandom } from '../support/seed.ts';

function add(sets: Intsets, ref: Ref, value: bigint): Ref {
  const low = lowWordOfBigInt(value) | 0;
  const high = highWordOfBigInt(value);
  return sets.find(ref, low, high) ? ref : sets.insert(ref, low, high);
}

function has(sets: Intsets, ref: Ref, value: bigint): boolean {
  return sets.find(ref, lowWordOfBigInt(value) | 0, highWordOfBigInt(value));
}

function valuesOf(sets: Intsets, ref: Ref): bigint[] {
  return Array.from({ length: sets.count(ref) }, (_, index) => {
    sets.get(ref, index);
    return wordsToBigInt(sets.low, sets.high);
  });
}

function bytesOf(sets: Intsets, ref: Ref): string {
  const at = (ref & 0x7fffff) << 3;
  return Buffer.from(sets.arena.u8[ref >>> 23]!.slice(at, at + sets.totalBytes(ref))).toString('hex');
}

/** An integer of up to `bits` bits. */
function integerOf(random: Random, bits: number): bigint {
  const wide = (BigInt(random.u32()) << 32n) | BigInt(random.u32());
  return BigInt.asIntN(64, wide) >> BigInt(64 - bits + random.below(bits));
}

describe('intsets', () => {
  // What `DUMP` of redis-server 7.0.15 shows of the same sets.
  it.each([
    [[1n, 2n, -5n], '0200000003000000fbff01000200'],
    [[1n, 70000n, -5n], '0400000003000000fbffffff0100000070110100'],
    [
      [9223372036854775807n, -9223372036854775808n, -5n, 4294967296n],
      '08000000040000000000000000000080fbffffffffffffff0000000001000000ffffffffffffff7f',
    ],
  ])('have the bytes of the reference: %s', (values, bytes) => {
    const sets = new Intsets(makeArena());
    let ref = sets.create();
    for (const value of values) ref = add(sets, ref, value);
    expect(bytesOf(sets, ref)).toBe(bytes);
  });

  it('keep their width when the widest integer goes', () => {
    const sets = new Intsets(makeArena());
    let ref = add(sets, add(sets, sets.create(), 2n ** 40n), 7n);
    expect(has(sets, ref, 2n ** 40n)).toBe(true);
    ref = sets.removeAt(ref, sets.index);
    expect([sets.integerBytes(ref), valuesOf(sets, ref)]).toEqual([8, [7n]]);
  });

  it.each([8, 16, 17, 32, 33, 64])('follow a model with integers of %i bits', (bits) => {
    const random = seededRandom(`intset of ${bits} bits`);
    const arena = makeArena();
    const sets = new Intsets(arena);
    let ref = sets.create();
    const model = new Set<bigint>();
    for (let step = 0; step < 3000; step++) {
      const value = integerOf(random, bits);
      expect(has(sets, ref, value)).toBe(model.has(value));
      if (model.has(value)) expect(valuesOf(sets, ref)[sets.index]).toBe(value);
      if (random.below(400) < 400 - model.size) {
        model.add(value);
        ref = add(sets, ref, value);
      } else {
        const index = random.below(sets.count(ref));
        sets.get(ref, index);
        model.delete(wordsToBigInt(sets.low, sets.high));
        ref = sets.removeAt(ref, index);
      }
      sets.check(ref);
      if (step % 100 === 0) {
        const sorted = [...model].sort((a, b) => (a < b ? -1 : 1));
        expect(valuesOf(sets, ref)).toEqual(sorted);
        sorted.forEach((expected, index) => {
          sets.locate(ref, index);
          expect(Buffer.from(sets.bytes).toString('latin1', 0, sets.length)).toBe(String(expected));
        });
        const copy = sets.copy(ref);
        expect(bytesOf(sets, copy)).toBe(bytesOf(sets, ref));
        sets.free(copy);
      }
    }
    sets.free(ref);
    arena.verify();
    expect(arena.liveBlocks).toBe(0);
  });
});
