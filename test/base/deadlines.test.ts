import { expect, test } from 'vitest';
import { type Deadline, Deadlines } from '../../src/base/deadlines.ts';
import { seededRandom } from '../support/seed.ts';

test('deadlines run once, in the order of their times, equal ones in the order in which they were set', () => {
  const random = seededRandom('deadlines');
  const deadlines = new Deadlines();
  const expected: { atMs: number; name: number }[] = [];
  const ran: number[] = [];
  const open = new Map<number, Deadline>();
  for (let name = 0; name < 2000; name++) {
    const atMs = random.below(300);
    open.set(
      name,
      deadlines.set(atMs, () => ran.push(name)),
    );
    expected.push({ atMs, name });
    if (random.below(3) === 0) {
      const victim = expected.splice(random.below(expected.length), 1)[0]!;
      deadlines.cancel(open.get(victim.name)!);
      deadlines.cancel(open.get(victim.name)!);
    }
  }
  expected.sort((a, b) => a.atMs - b.atMs || a.name - b.name);
  expect(deadlines.count).toBe(expected.length);
  expect(deadlines.nextMs).toBe(expected[0]!.atMs);
  deadlines.runDue(149);
  expect(ran).toEqual(expected.filter(({ atMs }) => atMs <= 149).map(({ name }) => name));
  deadlines.runDue(300);
  expect(ran).toEqual(expected.map(({ name }) => name));
  expect(deadlines.nextMs).toBe(Number.POSITIVE_INFINITY);
});

test('a deadline may set and cancel others while it runs', () => {
  const deadlines = new Deadlines();
  const ran: string[] = [];
  const later = deadlines.set(20, () => ran.push('later'));
  deadlines.set(10, () => {
    ran.push('first');
    deadlines.cancel(later);
    deadlines.set(5, () => ran.push('at once'));
    deadlines.set(30, () => ran.push('not yet'));
  });
  deadlines.runDue(25);
  expect(ran).toEqual(['first', 'at once']);
  expect(deadlines.nextMs).toBe(30);
});

test('whoever watches hears of an earlier deadline, and of no other', () => {
  const deadlines = new Deadlines();
  let heard = 0;
  deadlines.onEarlier = () => heard++;
  deadlines.set(50, () => {});
  deadlines.set(60, () => {});
  deadlines.set(50, () => {});
  expect(heard).toBe(1);
  deadlines.set(40, () => {});
  expect(heard).toBe(2);
});
