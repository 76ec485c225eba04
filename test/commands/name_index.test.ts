import { describe, expect, it } from 'vitest';
import { NameIndex } from '../../src/commands/name_index.ts';

function find(index: NameIndex, text: string): number {
  const bytes = Buffer.from(`xx${text}yy`, 'latin1');
  return index.find(bytes, 2, text.length);
}

describe('a name index', () => {
  const names = ['get', 'set', 'client', 'no-evict', 'help', 'config', 'setrange'];
  const index = new NameIndex(names);

  it('finds every name in any case', () => {
    for (const [number, name] of names.entries()) {
      expect(find(index, name)).toBe(number);
      expect(find(index, name.toUpperCase())).toBe(number);
      expect(find(index, name[0]!.toUpperCase() + name.slice(1))).toBe(number);
    }
  });

  it('finds nothing else', () => {
    for (const text of ['', 'ge', 'gett', 'no\revict', 'N\x0f-EVICT', 'set\0', 'GE\xd4']) {
      expect(find(index, text)).toBe(-1);
    }
  });

  it('skips empty names and keeps the numbers of the others', () => {
    const gaps = new NameIndex(['a', '', 'b', '']);
    expect([find(gaps, 'a'), find(gaps, ''), find(gaps, 'b')]).toEqual([0, -1, 2]);
  });

  it('refuses a name that is there twice', () => {
    expect(() => new NameIndex(['get', 'set', 'get'])).toThrow('name given twice: get');
  });

  it('holds many names', () => {
    const many = Array.from({ length: 2000 }, (_, i) => `command-${i}`);
    const big = new NameIndex(many);
    expect(many.map((name) => find(big, name))).toEqual(many.map((_, i) => i));
  });
});
