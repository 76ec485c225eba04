import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Background } from '../../src/server/background.ts';

/** A background whose jobs take as long as they are given, and what happened. */
class Desk {
  nowMs = 0;
  readonly done: string[] = [];
  readonly background = new Background(
    () => this.nowMs,
    () => this.done.push('sent'),
  );

  /** A job of `slices` slices. */
  add(name: string, slices: number): void {
    this.background.add((budgetMs) => {
      if (slices === 0) return false;
      this.nowMs += Number.isFinite(budgetMs) ? budgetMs : 1;
      this.done.push(name);
      return --slices > 0;
    });
  }
}

describe('background work', () => {
  it('gives each job a slice in turn, and sends after each round', async () => {
    const desk = new Desk();
    desk.add('a', 2);
    desk.add('b', 3);
    desk.background.beginPeriod(1000);
    expect(desk.done).toEqual(['a', 'b', 'sent']);
    await turn();
    await turn();
    await turn();
    expect(desk.done).toEqual(['a', 'b', 'sent', 'a', 'b', 'sent', 'b', 'sent']);
  });

  it('stops at a quarter of the period, and goes on in the next one', async () => {
    const desk = new Desk();
    desk.add('a', 100);
    desk.background.beginPeriod(16);
    for (let i = 0; i < 20; i++) await turn();
    expect(desk.done.filter((name) => name === 'a').length).toBe(4);
    desk.background.beginPeriod(16);
    for (let i = 0; i < 20; i++) await turn();
    expect(desk.done.filter((name) => name === 'a').length).toBe(8);
  });

  it('does not work twice as often when a period begins early', async () => {
    const desk = new Desk();
    desk.add('a', 1000);
    for (let i = 0; i < 5; i++) desk.background.beginPeriod(1000);
    const before = desk.done.length;
    await turn();
    expect(desk.done.length - before).toBe(2);
  });

  it('ends when it is stopped, and can be done all at once', async () => {
    const desk = new Desk();
    desk.add('a', 10);
    desk.background.beginPeriod(1000);
    desk.background.finish();
    expect(desk.done.filter((name) => name === 'a').length).toBe(10);
    desk.add('b', 10);
    desk.background.stop();
    desk.background.beginPeriod(1000);
    await turn();
    expect(desk.done).not.toContain('b');
  });
});
