import { expect, it } from 'vitest';
import { Engine } from '../support/engine.ts';

const words = (line: string) => line.split(' ').map((word) => Buffer.from(word));

it('keeps the replies of a connection whole when another one closes in the same batch', () => {
  const engine = new Engine();
  engine.line('set a 1', 7);
  engine.reactor.runSteps([
    { slot: 0, words: words('set k v1') },
    { slot: 7, words: null },
    { slot: 0, words: words('get k') },
    { slot: 1, words: words('get a') },
    { slot: 1, words: null },
    { slot: 0, words: words('get a') },
  ]);
  expect(engine.take(0).toString()).toBe('+OK\r\n$2\r\nv1\r\n$1\r\n1\r\n');
  expect(engine.take(1).toString()).toBe('$1\r\n1\r\n');
  expect(engine.line('get k')).toBe('v1');
});
