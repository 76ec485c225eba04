// Memory: chunks, hints, and the hash that both sides of the ring compute.
import { readFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { Crc64 } from '../../src/base/crc64.ts';
import { KeyHash } from '../../src/base/keyhash.ts';
import { CHUNK_SHIFT, HINT_WORDS } from '../../src/bridge/abi.ts';
import { loadBinding } from '../../src/bridge/binding.ts';
import { seededRandom } from '../support/seed.ts';

const { Memory, crc64, hashBytes } = loadBinding();
const CHUNK = 2 ** CHUNK_SHIFT;

/** Resident bytes of this process, where the system tells. */
function residentBytes(): number {
  return Number(readFileSync('/proc/self/statm', 'latin1').split(' ')[1]) * 4096;
}

it('maps chunks that are zero, apart from each other, and stay where they are', () => {
  const memory = new Memory(8, 4);
  expect(memory.maxChunks).toBe(8);
  const first = new Uint8Array(memory.map(0, 1));
  const wide = new Uint8Array(memory.map(2, 3));
  expect([first.length, wide.length]).toEqual([CHUNK, 3 * CHUNK]);
  first.fill(1, CHUNK - 10);
  wide[0] = 2;
  wide[3 * CHUNK - 1] = 3;
  expect([first[CHUNK - 1], first[0], wide[0], wide[CHUNK], wide[3 * CHUNK - 1]]).toEqual([1, 0, 2, 0, 3]);
});

it('refuses chunks that are taken or do not exist', () => {
  const memory = new Memory(4, 1);
  memory.map(1, 2);
  for (const [first, chunks] of [
    [0, 2],
    [2, 1],
    [1, 2],
    [3, 2],
    [4, 1],
    [0, 0],
    [1, 2 ** 32 - 1],
  ] as const) {
    expect(() => memory.map(first, chunks)).toThrow('ENOMEM');
  }
  memory.map(3, 1);
  memory.map(0, 1);
});

it('detaches what it unmaps, and gives zeros again', () => {
  const memory = new Memory(4, 1);
  const buffer = memory.map(1, 2);
  new Uint8Array(buffer).fill(7, 0, 100_000);
  memory.unmap(2);
  expect(buffer.byteLength).toBe(2 * CHUNK);
  memory.unmap(1);
  memory.unmap(1);
  expect(buffer.byteLength).toBe(0);
  const again = new Uint8Array(memory.map(1, 1));
  expect(again.subarray(0, 100_000).every((byte) => byte === 0)).toBe(true);
  memory.map(2, 1);
});

it.runIf(process.platform === 'linux')('takes memory as it is touched and gives it back', () => {
  const memory = new Memory(4, 1);
  const before = residentBytes();
  const bytes = new Uint8Array(memory.map(0, 1));
  expect(residentBytes() - before).toBeLessThan(8 << 20);
  bytes.fill(1);
  expect(residentBytes() - before).toBeGreaterThan(56 << 20);
  memory.decommit(0, 100, CHUNK - 200);
  expect(residentBytes() - before).toBeLessThan(8 << 20);
  // Parts of pages are left alone.
  expect([bytes[0], bytes[4095], bytes[4096], bytes[CHUNK - 4097], bytes[CHUNK - 4096]]).toEqual([
    1, 1, 0, 0, 1,
  ]);
  bytes[5000] = 1;
  memory.decommit(3, 0, CHUNK);
  memory.decommit(0, 0, 2 * CHUNK);
  expect(bytes[5000]).toBe(1);
});

it.runIf(process.platform === 'linux')('gives back what it made ready once filling rests', async () => {
  const memory = new Memory(9, 1);
  const filled = new Uint8Array(memory.map(0, 9), 8 * CHUNK);
  const [place, behind] = [32 << 20, 33 << 20];
  filled.fill(1, place - (1 << 20), place);
  const untilReady = (before: number) =>
    vi.waitFor(() => expect(residentBytes() - before).toBeGreaterThan(8 << 20), 20_000);
  const before = residentBytes();
  memory.approach(8, place);
  await untilReady(before);
  filled.fill(2, place, behind);
  // What the engine around it takes and gives back meanwhile does not count.
  const given = await vi.waitFor(() => {
    const held = residentBytes();
    expect(memory.rest(8, behind)).toBe(true);
    return held - residentBytes();
  }, 20_000);
  expect(given).toBeGreaterThan(8 << 20);
  expect([filled[place - 1], filled[place], filled[behind - 1], filled[behind]]).toEqual([1, 2, 2, 0]);
  expect(memory.rest(8, behind)).toBe(true);
  const rested = residentBytes();
  memory.approach(8, behind);
  await untilReady(rested);
});

it.runIf(process.platform === 'linux')('gives all of it back at once when disposed of', () => {
  const memory = new Memory(4, 1);
  const before = residentBytes();
  const buffers = [memory.map(0, 1), memory.map(1, 2), memory.hints];
  for (const buffer of buffers) new Uint8Array(buffer).fill(1);
  expect(residentBytes() - before).toBeGreaterThan(150 << 20);
  memory.dispose();
  memory.dispose();
  expect(residentBytes() - before).toBeLessThan(8 << 20);
  expect(buffers.map(({ byteLength }) => byteLength)).toEqual([0, 0, 0]);
  expect(memory.maxChunks).toBe(0);
  expect(() => memory.map(0, 1)).toThrow('ENOMEM');
});

it('has a row of hints for each database', () => {
  const memory = new Memory(1, 16);
  expect(memory.hints.byteLength).toBe(16 * HINT_WORDS * 4);
  expect(memory.hints).toBe(memory.hints);
  expect(new Uint32Array(memory.hints).every((word) => word === 0)).toBe(true);
});

it('hashes keys as TypeScript does', () => {
  const random = seededRandom('keyhash');
  const bytes = new Uint8Array(300).map(() => random.below(256));
  for (let i = 0; i < 2000; i++) {
    const [key0, key1] = [random.below(2 ** 32), random.below(2 ** 32)];
    const offset = random.below(200);
    const length = random.below(100);
    const expected = new KeyHash(key0, key1).hash(bytes, offset, length) >>> 0;
    expect(hashBytes(key0, key1, bytes, offset, length)).toBe(expected);
  }
  expect(() => hashBytes(0, 0, bytes, 299, 2)).toThrow(RangeError);
});

it('sums bytes up as TypeScript does', () => {
  const random = seededRandom('crc64');
  const bytes = new Uint8Array(3000).map(() => random.below(256));
  const here = new Crc64();
  const there = new Uint32Array(2);
  for (let i = 0; i < 2000; i++) {
    const at = random.below(1000);
    const length = random.below(random.below(2) === 0 ? 20 : 2000);
    here.update(bytes, at, length);
    crc64(there, bytes, at, length);
    expect([...there]).toEqual([here.low, here.high]);
  }
  expect(() => crc64(there, bytes, 2999, 2)).toThrow(RangeError);
  expect(() => crc64(new Uint32Array(1), bytes, 0, 2)).toThrow(RangeError);
});
