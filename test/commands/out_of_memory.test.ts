// The n-th block cannot be had, for each n: a command is then refused and leaves no trace. Pairs in listpacks are not here:
// their blocks are small, and for those there is always memory left (test/server/memory_limit.test.ts).
import { describe, expect, it } from 'vitest';
import { OutOfMemoryError } from '../../src/arena/granules.ts';
import { Engine } from '../support/engine.ts';
import type { Argument } from '../support/resp.ts';
import { plain } from './string_support.ts';

const OOM = "-OOM command not allowed when used memory > 'maxmemory'.";
const LONG = 'x'.repeat(3000);

const CREATORS: Argument[][] = [
  ['SET', 'k', LONG],
  ['SETRANGE', 'k', '5000', 'x'],
  ['APPEND', 'k', LONG],
  ['SETBIT', 'k', '90000', '1'],
  ['INCR', 'k'],
  ['HSET', 'k', 'field', LONG],
  ['HSETNX', 'k', LONG, 'value'],
  ['LPUSH', 'k', 'a'],
  ['RPUSH', 'k', LONG],
  ['SADD', 'k', '1'],
  ['SADD', 'k', 'a'],
  ['SADD', 'k', LONG],
  ['ZADD', 'k', '1', LONG],
  ['XADD', 'k', '1-1', 'field', 'value'],
  ['XADD', 'k', '1-1', 'field', LONG],
  ['COPY', 'from', 'k'],
  ['SUNIONSTORE', 'k', 'members'],
  ['ZUNIONSTORE', 'k', '1', 'members'],
  ['SORT', 'members', 'BY', 'nosort', 'STORE', 'k'],
];

/** Lets the n-th allocation of the engine's arena fail; returns a function that says whether it came to that. */
function failAt(engine: Engine, n: number): () => boolean {
  const { arena } = engine.server;
  const alloc = arena.alloc.bind(arena);
  let left = n;
  arena.alloc = (bytes) => {
    if (--left === 0) throw new OutOfMemoryError('none left');
    return alloc(bytes);
  };
  return () => left <= 0;
}

describe('a command that finds no memory', () => {
  it.each(
    CREATORS.map((words) => [words.map((word) => String(word).slice(0, 10)).join(' '), words] as const),
  )('leaves no key behind: %s', (_, words) => {
    for (let n = 1; ; n++) {
      const engine = new Engine();
      engine.run(['LPUSH', 'from', 'a', LONG]);
      engine.run(['SADD', 'members', 'a', 'b', LONG]);
      const failed = failAt(engine, n);
      const reply = plain(engine.run(words));
      if (!failed()) {
        expect(n).toBeGreaterThan(1);
        break;
      }
      expect(reply).toBe(OOM);
      expect(engine.line('EXISTS k')).toBe(0);
      expect(engine.line('DBSIZE')).toBe(2);
      engine.verify();
      expect(plain(engine.run(words))).not.toBe(OOM);
      expect(engine.line('EXISTS k')).toBe(1);
    }
  });

  it('keeps the table whole however it grows', () => {
    for (let n = 1; n < 60; n++) {
      const engine = new Engine();
      const failed = failAt(engine, n);
      let stored = 0;
      for (let i = 0; i < 400; i++) if (plain(engine.run(['SET', `key${i}`, 'v'])) === 'OK') stored++;
      expect(failed()).toBe(true);
      expect(engine.line('DBSIZE')).toBe(stored);
      engine.verify();
      expect(stored).toBe(399);
    }
  });
});
