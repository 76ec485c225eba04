import { expect, it } from 'vitest';
import { highWordOfBigInt, int64Max, int64Min, lowWordOfBigInt } from '../../src/base/int64.ts';
import { WideInt } from '../../src/base/wide_int.ts';
import { seededRandom } from '../support/seed.ts';

const wide = new WideInt();

function roundTrip(value: bigint): void {
  const text = String(value);
  const bytes = Buffer.from(`x${text}9`);
  expect(wide.parse(bytes, 1, text.length), text).toBe(true);
  expect([wide.low, wide.high], text).toEqual([lowWordOfBigInt(value) | 0, highWordOfBigInt(value)]);
  const out = Buffer.alloc(30);
  const end = wide.write(out, 3, wide.low, wide.high);
  expect(out.toString('latin1', 3, end)).toBe(text);
}

it('reads and writes all 64 bits', () => {
  const edges = [0n, 2n ** 31n, 2n ** 32n, 2n ** 47n, 2n ** 53n, 2n ** 62n, int64Max, 10n ** 16n, 10n ** 18n];
  for (const edge of edges) {
    for (let near = -2n; near <= 2n; near++) {
      for (const value of [edge + near, -edge + near])
        if (value >= int64Min && value <= int64Max) roundTrip(value);
    }
  }
  roundTrip(int64Min);
  const random = seededRandom('wide int');
  for (let i = 0; i < 20000; i++) {
    const bits = (BigInt(random.u32()) << 32n) | BigInt(random.u32());
    roundTrip(BigInt.asIntN(64, bits) >> BigInt(random.below(64)));
  }
});

it('refuses what is no integer and keeps what it had', () => {
  wide.parse(Buffer.from('-3'), 0, 2);
  const texts = ['', '-', '+1', '01', '-0', ' 1', '1 ', '1.0', '9223372036854775808', '-9223372036854775809'];
  for (const text of [...texts, '12345678901234567x', '99999999999999999999', 'x'.repeat(40)]) {
    expect(wide.parse(Buffer.from(text), 0, text.length), text).toBe(false);
  }
  expect([wide.low, wide.high]).toEqual([-3, -1]);
});
