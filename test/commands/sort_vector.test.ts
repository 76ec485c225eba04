import { expect, it } from 'vitest';
import { orderOf, Texts } from '../../src/commands/sort_vector.ts';
import { seededRandom } from '../support/seed.ts';

it('finds any part of the order as a whole sort does', () => {
  const random = seededRandom('sort order');
  for (let round = 0; round < 400; round++) {
    const count = random.below(300);
    const values = Array.from({ length: count }, () => random.below(1 + random.below(100)));
    const descending = random.below(2) === 0;
    const from = random.below(count + 1);
    const end = from + random.below(count - from + 1);
    const compare = (a: number, b: number): number => values[a]! - values[b]!;
    const expected = values
      .map((_, i) => i)
      .sort((a, b) => (descending ? compare(b, a) : compare(a, b)))
      .slice(from, end);
    expect([...orderOf(count, from, end, descending, compare)]).toEqual(expected);
  }
});

it('needs few comparisons for the first of many', () => {
  const random = seededRandom('sort selection');
  const count = 100_000;
  const values = Float64Array.from({ length: count }, () => random.unit());
  let comparisons = 0;
  const order = orderOf(count, 10, 20, false, (a, b) => {
    comparisons++;
    return values[a]! - values[b]!;
  });
  const sorted = Float64Array.from(values).sort();
  expect([...order].map((i) => values[i])).toEqual([...sorted.subarray(10, 20)]);
  expect(comparisons).toBeLessThan(count * 10);
});

it('keeps texts of any length apart', () => {
  const random = seededRandom('texts');
  const texts = new Texts(300);
  const given = Array.from(
    { length: 300 },
    () => 'ab'.repeat(random.below(60)) + 'x'.repeat(random.below(2)),
  );
  for (const text of given) texts.bulk(Buffer.from(`?${text}`), 1, text.length);
  given.forEach((text, i) => {
    expect(Buffer.from(texts.bytes).toString('latin1', texts.at(i), texts.at(i) + texts.length(i))).toBe(
      text,
    );
    const other = random.below(300);
    const order = text < given[other]! ? -1 : text > given[other]! ? 1 : 0;
    expect(Math.sign(texts.compare(i, other))).toBe(order);
  });
});
