import { expect, it } from 'vitest';
import { Murmur64 } from '../../src/base/murmur.ts';
import { seededRandom } from '../support/seed.ts';

const MASK = 0xffffffffffffffffn;
const M = 0xc6a4a7935bd1e995n;
const SEED = 0xadc83b19;

/** The same function, written with 64-bit integers. */
function model(bytes: Uint8Array, seed: number): bigint {
  let h = BigInt(seed) ^ ((BigInt(bytes.length) * M) & MASK);
  const blocks = bytes.length >> 3;
  for (let i = 0; i < blocks; i++) {
    let k = Buffer.from(bytes).readBigUInt64LE(i * 8);
    k = (k * M) & MASK;
    k = ((k ^ (k >> 47n)) * M) & MASK;
    h = ((h ^ k) * M) & MASK;
  }
  const rest = Buffer.alloc(8);
  rest.set(bytes.subarray(blocks * 8));
  if ((bytes.length & 7) !== 0) h = ((h ^ rest.readBigUInt64LE()) * M) & MASK;
  h = ((h ^ (h >> 47n)) * M) & MASK;
  return h ^ (h >> 47n);
}

it('agrees with 64-bit arithmetic for bytes of any length at any place', () => {
  const random = seededRandom('murmur');
  const murmur = new Murmur64(SEED);
  for (let round = 0; round < 3000; round++) {
    const bytes = Uint8Array.from({ length: 60 }, () => random.below(4) * 85);
    const at = random.below(8);
    const length = random.below(50);
    murmur.hash(bytes, at, length);
    const hash = (BigInt(murmur.hi >>> 0) << 32n) | BigInt(murmur.lo >>> 0);
    expect(hash.toString(16)).toBe(model(bytes.subarray(at, at + length), SEED).toString(16));
  }
});
