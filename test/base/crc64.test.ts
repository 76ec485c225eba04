import { expect, test } from 'vitest';
import { Crc64 } from '../../src/base/crc64.ts';
import { seededRandom } from '../support/seed.ts';

function crcOf(bytes: Uint8Array, pieces: readonly number[] = []): string {
  const crc = new Crc64();
  let at = 0;
  for (const end of [...pieces, bytes.length]) {
    crc.update(bytes, at, end - at);
    at = end;
  }
  return ((BigInt(crc.high) << 32n) | BigInt(crc.low)).toString(16);
}

/** Bit by bit, as the polynomial says. */
function slowly(bytes: Uint8Array): string {
  let crc = 0n;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = (crc >> 1n) ^ ((crc & 1n) === 1n ? 0x95ac9329ac4bc9b5n : 0n);
  }
  return crc.toString(16);
}

test('the check value of the polynomial', () => {
  expect(crcOf(Buffer.from('123456789'))).toBe('e9c6d914c4b8d9ca');
  expect(crcOf(new Uint8Array(0))).toBe('0');
});

test('any bytes, in any pieces', () => {
  const random = seededRandom('crc64');
  for (let length = 0; length < 70; length++) {
    const bytes = Uint8Array.from({ length }, () => random.below(256));
    const middle = random.below(length + 1);
    expect(crcOf(bytes, [middle])).toBe(slowly(bytes));
  }
});
