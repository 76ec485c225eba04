import { describe, expect, it } from 'vitest';
import { type Argument, arityOf, parseSyntax } from '../../src/commands/syntax.ts';

/** The tree without fields that say nothing. */
function tree(line: string, keySpecs = 1): unknown {
  return parseSyntax(line, keySpecs).map(told);
}

function told(argument: Argument): object {
  const { name, type, token } = argument;
  const rest = Object.entries({ ...argument, parts: argument.parts.map(told) });
  const said = rest.filter(([field, value]) => !['name', 'type', 'token'].includes(field) && isSaid(value));
  return { name, type, ...(token === null ? {} : { token }), ...Object.fromEntries(said) };
}

function isSaid(value: unknown): boolean {
  return value !== '' && value !== -1 && value !== false && !(Array.isArray(value) && value.length === 0);
}

function first(line: string): Argument {
  return parseSyntax(line, 1)[0]!;
}

describe('values', () => {
  it('are strings unless they say otherwise, or are called key or pattern', () => {
    expect(tree('key value pattern score:double at:unix-time')).toEqual([
      { name: 'key', type: 'key', keySpec: 0 },
      { name: 'value', type: 'string' },
      { name: 'pattern', type: 'pattern' },
      { name: 'score', type: 'double' },
      { name: 'at', type: 'unix-time' },
    ]);
  });

  it('may have names with any characters in quotes', () => {
    expect(tree('"ip:port"!2.8.12')).toEqual([
      { name: 'ip:port', type: 'string', deprecatedSince: '2.8.12' },
    ]);
  });

  it('belong to key specs in order, the last one taking the rest', () => {
    const indexes = parseSyntax('a:key b:key c:key d:key@0 e:key@-', 2).map((part) => part.keySpec);
    expect(indexes).toEqual([0, 1, 1, 0, -1]);
  });
});

describe('tokens', () => {
  it('stand alone or introduce the name or group after them', () => {
    expect(tree('NX EX seconds:integer LIMIT (offset:integer count:integer)')).toEqual([
      { name: 'nx', type: 'pure-token', token: 'NX' },
      { name: 'seconds', type: 'integer', token: 'EX' },
      {
        name: 'offset_count',
        type: 'block',
        token: 'LIMIT',
        parts: [
          { name: 'offset', type: 'integer' },
          { name: 'count', type: 'integer' },
        ],
      },
    ]);
  });

  it('may be signs or the empty word, with a label for a name', () => {
    expect(tree('operator=[equal== | approximately=~] id=$ empty=""')).toEqual([
      {
        name: 'operator',
        type: 'oneof',
        optional: true,
        parts: [
          { name: 'equal', type: 'pure-token', token: '=' },
          { name: 'approximately', type: 'pure-token', token: '~' },
        ],
      },
      { name: 'id', type: 'pure-token', token: '$' },
      { name: 'empty', type: 'pure-token', token: '' },
    ]);
  });
});

describe('groups', () => {
  it('are blocks, or choices when divided by bars', () => {
    expect(tree('(score:double member)+ where=(LEFT | RIGHT)')).toEqual([
      {
        name: 'score_member',
        type: 'block',
        multiple: true,
        parts: [
          { name: 'score', type: 'double' },
          { name: 'member', type: 'string' },
        ],
      },
      {
        name: 'where',
        type: 'oneof',
        parts: [
          { name: 'left', type: 'pure-token', token: 'LEFT' },
          { name: 'right', type: 'pure-token', token: 'RIGHT' },
        ],
      },
    ]);
  });

  it('make a single argument in square brackets optional without a group', () => {
    expect(tree('[COUNT count:integer]^6.2.0')).toEqual([
      { name: 'count', type: 'integer', token: 'COUNT', since: '6.2.0', optional: true },
    ]);
    expect(first('options=[count:integer]').type).toBe('block');
  });

  it('repeat, alone or with their token', () => {
    expect(first('[key+]')).toMatchObject({ optional: true, multiple: true, multipleToken: false });
    expect(first('[GET pattern++]')).toMatchObject({ multiple: true, multipleToken: true, token: 'GET' });
  });

  it('may be written over several lines', () => {
    expect(tree('key\n    [NX\n      | XX]')).toEqual(tree('key [NX | XX]'));
  });
});

describe('arity', () => {
  it.each([
    ['', 1],
    ['key', 2],
    ['key value', 3],
    ['key+', -2],
    ['key [value]', -2],
    ['key (field value)+', -4],
    ['key where=(LEFT | RIGHT)', 3],
    ['key expiry=(EX seconds:integer | KEEPTTL)', -3],
    ['key LIMIT (offset:integer count:integer)', 5],
  ])('of %j is %i', (line, arity) => {
    expect(arityOf(parseSyntax(line, 1), 1)).toBe(arity);
  });
});

describe('bad lines', () => {
  it.each(['key [NX', 'key )', 'key | value', '(a b]', 'key:number', '[ ] +', 'a ^'])('%j', (line) => {
    expect(() => parseSyntax(line, 1)).toThrow(/syntax line/);
  });
});
