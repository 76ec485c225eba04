import { expect, test } from 'vitest';
import { type Check, sameReply } from './check.ts';

const never = (): boolean => false;
const same = (check: Check, left: string, right: string, queued: readonly Check[] = []): boolean =>
  sameReply(check, Buffer.from(left), Buffer.from(right), (place, one, other) =>
    sameReply(queued[place]!, one, other, never),
  );

test('an error is compared exactly by every class', () => {
  for (const check of [
    'exact',
    'unordered',
    'near',
    'shape',
    'type',
    'hello',
    'member',
    'slowlog',
    'exec',
  ] as const) {
    expect(same(check, '-ERR a\r\n', '-ERR a\r\n')).toBe(true);
    expect(same(check, '-ERR a\r\n', '-ERR b\r\n')).toBe(false);
    expect(same(check, '-ERR a\r\n', '+OK\r\n')).toBe(false);
  }
});

test('unordered: the same elements, and in a map the same pairs', () => {
  expect(same('unordered', '*2\r\n+a\r\n+b\r\n', '*2\r\n+b\r\n+a\r\n')).toBe(true);
  expect(same('unordered', '*2\r\n+a\r\n+b\r\n', '*2\r\n+a\r\n+a\r\n')).toBe(false);
  expect(same('unordered', '*2\r\n+a\r\n+b\r\n', '~2\r\n+a\r\n+b\r\n')).toBe(false);
  expect(same('unordered', '%2\r\n+a\r\n:1\r\n+b\r\n:2\r\n', '%2\r\n+b\r\n:2\r\n+a\r\n:1\r\n')).toBe(true);
  expect(same('unordered', '%2\r\n+a\r\n:1\r\n+b\r\n:2\r\n', '%2\r\n+a\r\n:2\r\n+b\r\n:1\r\n')).toBe(false);
});

test('near: a clock may tick between two servers, but -1 and -2 are exact', () => {
  expect(same('near', ':100000\r\n', ':99999\r\n')).toBe(true);
  expect(same('near', ':100000\r\n', ':10000\r\n')).toBe(false);
  expect(same('near', ':-1\r\n', ':-2\r\n')).toBe(false);
  expect(same('near', ':99999999999998999\r\n', ':99999999999999000\r\n')).toBe(true);
  expect(same('near', ':5\r\n', '$1\r\n5\r\n')).toBe(false);
});

test('shape: structure without values', () => {
  expect(same('shape', '*2\r\n$1\r\n1\r\n:2\r\n', '*2\r\n$2\r\n33\r\n:4\r\n')).toBe(true);
  expect(same('shape', '*2\r\n$1\r\n1\r\n:2\r\n', '*2\r\n:1\r\n:2\r\n')).toBe(false);
  expect(same('shape', '$-1\r\n', ':1\r\n')).toBe(false);
});

test('hello: server, version and id are free, all else is not', () => {
  const reply = (server: string, proto: number): string =>
    `*4\r\n$6\r\nserver\r\n$${server.length}\r\n${server}\r\n$5\r\nproto\r\n:${proto}\r\n`;
  expect(same('hello', reply('redis', 2), reply('other', 2))).toBe(true);
  expect(same('hello', reply('redis', 2), reply('other', 3))).toBe(false);
});

test('exec: each element by the class of its command', () => {
  const left = '*2\r\n:100000\r\n+a\r\n';
  expect(same('exec', left, '*2\r\n:99999\r\n+a\r\n', ['near', 'exact'])).toBe(true);
  expect(same('exec', left, '*2\r\n:99999\r\n+b\r\n', ['near', 'exact'])).toBe(false);
  expect(same('exec', left, '*1\r\n:100000\r\n', ['near', 'exact'])).toBe(false);
});
