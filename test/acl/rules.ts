// Random rules of access control and random commands, many of them wrong.
import type { Random } from '../../src/base/random.ts';
import { CATEGORY_NAMES } from '../../src/commands/categories.ts';

const KEYS = ['a', 'ab', 'abc', 'b', 'b:1', 'c', 'read', 'write', 'rw', '', '*'];
const PATTERNS = ['*', 'a*', 'a', 'ab', '?', 'b:*', '[a-c]', 'read*', 'w*', '', '\\*', 'rw', 'a b', 'x\0y'];
const PASSWORDS = ['one', 'two', '', 'sp ace', 'p\0q'];
const DIGEST = 'f1'.repeat(32);
const WORDS = [
  ...['0', '1', '2', '3', '-1', 'STORE', 'GET', 'BY', 'LIMIT', 'STREAMS', 'COUNT', 'BLOCK', 'WEIGHTS', 'NX'],
  ...['EX', 'KEYS', 'WITHSCORES', 'LEFT', 'RIGHT', 'MIN', 'MATCH', 'OVERFLOW', 'SET', 'u8', 'AND', 'GROUP'],
];

export function pick<T>(random: Random, from: readonly T[]): T {
  return from[random.below(from.length)]!;
}

function chance(random: Random, oneIn: number): boolean {
  return random.below(oneIn) === 0;
}

function cased(random: Random, text: string): string {
  if (!chance(random, 8)) return text;
  return chance(random, 2) ? text.toUpperCase() : text[0]!.toUpperCase() + text.slice(1);
}

function commandRule(random: Random, names: readonly string[]): string {
  const sign = pick(random, ['+', '-']);
  const name = pick(random, names);
  switch (random.below(12)) {
    case 0:
      return `${sign}${name}|${pick(random, ['0', 'Help', '', 'get'])}`;
    case 1:
      return `${sign}select|${random.below(4)}`;
    case 2:
      return `${sign}${pick(random, ['nosuch', 'config|nosuch', 'config|get|x', '', '@', '@nosuch', '|', 'get|'])}`;
    case 3:
    case 4:
      return `${sign}@all`;
    case 5:
    case 6:
    case 7:
      return `${sign}@${cased(random, pick(random, CATEGORY_NAMES))}`;
    default:
      return `${sign}${cased(random, name)}`;
  }
}

/** A rule that may stand in parentheses too. */
function selectorRule(random: Random, names: readonly string[]): string {
  const kind = random.below(10);
  if (kind < 5) return commandRule(random, names);
  if (kind === 5) return `~${pick(random, PATTERNS)}`;
  if (kind === 6)
    return `%${pick(random, ['R', 'W', 'RW', 'wr', 'r', '', 'RR', 'X', 'RWR'])}~${pick(random, PATTERNS)}`;
  if (kind === 7) return `&${pick(random, PATTERNS)}`;
  const words = [
    'allkeys',
    'resetkeys',
    'allchannels',
    'resetchannels',
    'allcommands',
    'nocommands',
    '~*',
    '&*',
  ];
  return cased(
    random,
    pick(random, kind === 8 ? words : [...words, 'nonsense', '%', '%R', '~', '&', '+', '-', '@all']),
  );
}

/** What is put in one argument of ACL SETUSER. */
export function randomRule(random: Random, names: readonly string[]): string {
  const kind = random.below(20);
  if (kind < 14) return selectorRule(random, names);
  if (kind === 14) return `${pick(random, ['>', '>', '<'])}${pick(random, PASSWORDS)}`;
  if (kind === 15)
    return `${pick(random, ['#', '!'])}${pick(random, [DIGEST, DIGEST, 'x', DIGEST.toUpperCase()])}`;
  if (kind === 16)
    return cased(random, pick(random, ['on', 'off', 'nopass', 'resetpass', 'reset', 'clearselectors']));
  if (kind === 17) return pick(random, ['sanitize-payload', 'skip-sanitize-payload', '', 'on']);
  const rules = Array.from({ length: random.below(4) }, () => selectorRule(random, names));
  const text = rules.join(pick(random, [' ', '  ']));
  return chance(random, 10) ? pick(random, ['(', ')', `(${text}`, '~a)', '()']) : `(${text})`;
}

/** The words of a command of the given name ('config|get') and arity, with keys, options and numbers in any order. */
export function randomCommand(random: Random, name: string, arity: number): string[] {
  const words = name.split('|');
  let more = Math.abs(arity) - words.length;
  if (arity < 0) more += random.below(5);
  if (chance(random, 30)) more--;
  for (let i = 0; i < more; i++) words.push(pick(random, chance(random, 3) ? WORDS : KEYS));
  return words;
}

/**
 * A line of rules with the single commands of each list in order of the alphabet, since the reference has no order for them,
 * and `%RW~*` in the short form that the reference cannot read again.
 */
export function normalRules(line: string): string {
  return line
    .replace(/%RW~\*(?=[ )]|$)/g, '~*')
    .replace(/([+-]@\S+?)(?= [+-][^@])((?: [+-][^@() ]+)+)/g, (_, last: string, singles: string) => {
      return `${last} ${singles.trim().split(' ').sort().join(' ')}`;
    });
}
