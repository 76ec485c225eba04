import { describe, expect, it } from 'vitest';
import { type Kind, type Parsed, Refused } from '../../src/config/kind.ts';
import * as kinds from '../../src/config/special_kinds.ts';

function accepted<T>(
  kind: Kind<T>,
  words: string[],
  current: Parsed<T>,
  source: 'first' | 'again' = 'first',
): Parsed<T> {
  const parsed = kind.parse(words, current, source);
  if (parsed instanceof Refused) throw new Error(parsed.reason);
  return parsed;
}

describe('save', () => {
  const kind = new kinds.SaveKind();
  const current = { value: [{ seconds: 1, changes: 2 }], text: '1 2' };

  it('adds up over lines but for the first', () => {
    expect(accepted(kind, ['3', '4'], current, 'first').text).toBe('3 4');
    expect(accepted(kind, ['3', '4'], current, 'again')).toEqual({
      value: [
        { seconds: 1, changes: 2 },
        { seconds: 3, changes: 4 },
      ],
      text: '1 2 3 4',
    });
    expect(accepted(kind, [''], current, 'again').value).toEqual([]);
  });

  it('is rewritten point by point', () => {
    const now = accepted(kind, ['3', '4', '5', '6'], current);
    expect(kind.rewrite(now).map(({ words }) => words)).toEqual(['3 4', '5 6']);
    expect(kind.rewrite({ value: [], text: '' })).toEqual([{ words: '""', forced: true }]);
  });
});

describe('client-output-buffer-limit', () => {
  const kind = new kinds.BufferLimitsKind();
  const zero = { hardBytes: 0, softBytes: 0, softSeconds: 0 };
  const value = { normal: zero, replica: zero, pubsub: zero };
  const initial = { value, text: kind.print(value) };

  it('changes the classes that are named', () => {
    const now = accepted(
      kind,
      ['slave', '1mb', '2', '3', 'PubSub', '18446744073709551615', '0', '0'],
      initial,
    );
    expect(now.value.replica).toEqual({ hardBytes: 1048576, softBytes: 2, softSeconds: 3 });
    expect(now.text).toBe('normal 0 0 0 slave 1048576 2 3 pubsub 18446744073709551615 0 0');
    expect(kind.rewrite(now, initial)).toEqual([
      { words: 'normal 0 0 0', forced: false },
      { words: 'replica 1mb 2 3', forced: true },
      { words: 'pubsub 18446744073709551615 0 0', forced: true },
    ]);
    expect(initial.value.replica).toBe(zero);
  });
});

it('names of object properties are no names of ours', () => {
  const none = { value: '', text: '' } as never;
  expect(
    new kinds.BufferLimitsKind().parse(['constructor', '1', '2', '3'], { value: none, text: '' }),
  ).toEqual(new Refused('Invalid client class specified in buffer limit configuration.'));
  expect(kinds.isTitleTemplate('{constructor}')).toMatch(/unknown variables/);
});

describe('notify-keyspace-events', () => {
  const kind = new kinds.EventsKind();
  const mask = (letters: string) => accepted(kind, [letters], { value: 0, text: '' }).value;

  it('is a mask of events', () => {
    expect(mask('')).toBe(0);
    expect(mask('KE')).toBe(kinds.eventBits.K | kinds.eventBits.E);
    expect(mask('A')).toBe(mask('g$lshzxetd'));
    expect(mask('A') & mask('mnoc')).toBe(0);
    expect(kind.parse(['constructor'])).toBeInstanceOf(Refused);
    expect(kind.print(mask('Eocmng$'))).toBe('g$nocEm');
  });

  it('gives every event a bit of its own', () => {
    const bits = Object.values(kinds.eventBits);
    expect(bits.reduce((all, bit) => all ^ bit, 0)).toBe(bits.reduce((all, bit) => all + bit, 0));
  });
});

describe('bind and replicaof', () => {
  it('quote what would break a line', () => {
    const addresses = new kinds.AddressesKind();
    const initial = { value: ['*'], text: '*' };
    const now = accepted(addresses, ['-::1', '127.0.0.1', 'a"b'], initial);
    expect(addresses.rewrite(now, initial)).toEqual([{ words: '-::1 127.0.0.1 "a\\"b"', forced: true }]);
    const replicaOf = new kinds.ReplicaOfKind();
    const value = { host: 'a\nrequirepass x', port: 1 };
    expect(replicaOf.rewrite({ value, text: replicaOf.print(value) })).toEqual([
      { words: '"a\\nrequirepass x" 1', forced: true },
    ]);
  });
});
