import { expect, test } from 'vitest';
import { FAMILIES } from './grammar/index.ts';
import { Random } from './random.ts';
import { isRepeatable } from './repeatable.ts';
import { shrink } from './shrink.ts';
import { type CommandStep, Generator, type Sequence } from './steps.ts';

const names = new Set(FAMILIES.flatMap(({ commands }) => commands.map(({ name }) => name)));

function commandsOf(sequences: readonly Sequence[]): CommandStep[] {
  return sequences.flatMap(({ steps }) => steps.filter((step) => step.kind === 'command'));
}

function draw(seed: number, count: number): Sequence[] {
  const generator = new Generator(new Random(seed), FAMILIES);
  return Array.from({ length: count }, () => generator.sequence(250));
}

test('the same seed draws the same sequences, another seed others', () => {
  const text = (seed: number): string => JSON.stringify(draw(seed, 3));
  expect(text(7)).toBe(text(7));
  expect(text(7)).not.toBe(text(8));
});

test('every command of the grammar comes up before long', () => {
  const steps = draw(1, 150).flatMap((sequence) => sequence.steps);
  const drawn = new Set(steps.map((step) => ('name' in step ? step.name : '')));
  expect([...names].filter((name) => !drawn.has(name))).toEqual([]);
});

test('no command depends on the clock or on a huge allocation', () => {
  const anything = { relativeTimes: true, lingering: true };
  const plain = commandsOf(draw(2, 60)).filter(({ pauseMs }) => pauseMs === 0);
  expect(plain.filter(({ args }) => !isRepeatable(args, anything))).toEqual([]);
  const repeatable = (...args: string[]): boolean =>
    isRepeatable(
      args.map((arg) => Buffer.from(arg)),
      anything,
    );
  expect(repeatable('expire', 'k', '5')).toBe(false);
  expect(repeatable('EXPIRE', 'k', '86400')).toBe(true);
  expect(repeatable('SET', 'k', 'v', 'nx', 'px', '900')).toBe(false);
  expect(repeatable('SETBIT', 'k', '4294967295', '1')).toBe(false);
  expect(repeatable('SETBIT', 'k', '4294967296', '1')).toBe(true);
  expect(repeatable('BITFIELD', 'k', 'SET', 'u8', '#400000000', '1')).toBe(false);
});

test('a failing sequence shrinks to the steps and arguments that matter', async () => {
  const [sequence] = draw(3, 1);
  const command = (name: string, ...args: string[]): CommandStep => {
    const step = commandsOf([sequence!])[0]!;
    return { ...step, name, args: [name, ...args].map((arg) => Buffer.from(arg)), pauseMs: 0 };
  };
  const steps = sequence!.steps
    .toSpliced(200, 0, command('GET', 'aaaa', 'unneeded'))
    .toSpliced(20, 0, command('APPEND', 'aaaa', 'bbbb'));
  const fails = async (candidate: Sequence): Promise<boolean> => {
    const lines = commandsOf([candidate]).map(({ args }) => args.join(' '));
    const append = lines.findIndex((line) => line.startsWith('APPEND aaaa'));
    return append >= 0 && lines.slice(append).some((line) => line.startsWith('GET aaaa'));
  };
  const small = await shrink({ ...sequence!, steps }, fails, 60_000);
  expect(commandsOf([small]).map(({ args }) => args.join(' '))).toEqual(['APPEND aaaa', 'GET aaaa']);
});
