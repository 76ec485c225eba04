import { openSync } from 'node:fs';
import { expect, it } from 'vitest';
import { errorText } from '../../src/base/errno.ts';

function failure(run: () => void): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('did not fail');
}

it('speaks of system errors as the C library does', () => {
  expect(errorText(failure(() => openSync('/nonexistent', 'r')))).toBe('No such file or directory');
  expect(errorText(failure(() => openSync('/dev/null/x', 'r')))).toBe('Not a directory');
  expect(errorText(failure(() => openSync('/', 'w')))).toBe('Is a directory');
  expect(errorText(Object.assign(new Error('x'), { code: 'EADDRINUSE' }))).toBe('Address already in use');
});

it('passes other errors on', () => {
  expect(errorText(new RangeError('too far'))).toBe('too far');
  expect(errorText(Object.assign(new Error('odd'), { code: 'EODD' }))).toBe('odd');
  expect(errorText('text')).toBe('text');
});
