// Ten million rules of access control that are mostly nonsense: each is either put in force or refused for one of the
// known reasons, whatever bytes it is made of; users made of those in force are described by rules that make the same user
// again; and which keys they may read is what their patterns alone say. MILLRACE_INPUTS sets another
// number, MILLRACE_SEED repeats a run.
import { globMatchString } from '../../src/base/glob.ts';
import { Random } from '../../src/base/random.ts';
import { CommandCatalog } from '../../src/commands/acl_catalog.ts';
import { mayReadKey } from '../../src/commands/acl_check.ts';
import { describeUser } from '../../src/commands/acl_describe.ts';
import { AclRules, joinSelectors } from '../../src/commands/acl_rules.ts';
import { ALL_COMMANDS } from '../../src/commands/all.ts';
import { CATEGORY_NAMES } from '../../src/commands/categories.ts';
import { CommandTable } from '../../src/commands/table.ts';
import * as reasons from '../../src/resp/acl_errors.ts';
import { MAY_READ, type User } from '../../src/session/acl_user.ts';
import { Users } from '../../src/session/users.ts';
import { printFailure } from '../support/failures.ts';
import { seedOf } from '../support/seed.ts';
import { pick } from './rules.ts';

const INPUTS = Number(process.env.MILLRACE_INPUTS ?? 10_000_000);
const RULES_OF_USER = 16;
const PIECES_MAX = 6;
const FAILURES_MAX = 5;

const table = new CommandTable(ALL_COMMANDS);
const catalog = new CommandCatalog(table);
const seed = seedOf('fuzzed rules of access control');
const random = new Random(seed);
const rules = new AclRules(catalog, () => random.below(2) === 0);
const users = new Users(catalog.size);
const known = new Set<unknown>(['', ...Object.values(reasons)]);

const NAMES = ALL_COMMANDS.flatMap(({ name, subcommands }) => [name, ...subcommands.map((one) => one.name)]);
const PIECES = [
  ...[
    '+',
    '-',
    '@',
    '|',
    '~',
    '%',
    '&',
    '(',
    ')',
    ' ',
    '  ',
    '>',
    '<',
    '#',
    '!',
    '*',
    '?',
    '[',
    ']',
    '^',
    '\\',
  ],
  ...[
    '%R~',
    '%W~',
    '%RW~',
    '%~',
    '%r~',
    '+@',
    '-@',
    '(~',
    '(+@',
    '*)',
    'a*)',
    '[a-',
    '[^b]',
    '\\*',
    '""',
    "'",
  ],
  ...['on', 'off', 'nopass', 'reset', 'allkeys', 'resetkeys', 'allchannels', 'resetchannels', 'allcommands'],
  ...[
    'nocommands',
    'clearselectors',
    'all',
    'get',
    'config|get',
    'select|1',
    'a',
    'b',
    'key:',
    'f'.repeat(64),
  ],
  ...[
    '\0',
    '\xff',
    '\x80',
    '\r\n',
    '\t',
    '\v',
    'é',
    '*'.repeat(40),
    '__proto__',
    'constructor',
    '('.repeat(9),
  ],
];
const LETTERS = ['a', 'b', 'k', 'e', 'y', ':', '*', '?', '[', ']', '\\', '-', '\0', '\xff'];

let failures = 0;

function fail(what: string, history: readonly string[]): void {
  if (++failures <= FAILURES_MAX)
    printFailure(`MILLRACE_SEED=${seed}: ${what.split('\n')[0]}`, `${what} after ${JSON.stringify(history)}`);
}

function randomText(pieces: readonly string[], most: number): string {
  let text = '';
  for (let i = random.below(most + 1); i > 0; i--) text += pick(random, pieces);
  return text;
}

/** Half of them begin as a rule would. */
function randomRule(): string {
  const sign = pick(random, ['+', '-']);
  switch (random.below(8)) {
    case 0:
      return sign + pick(random, NAMES) + (random.below(4) === 0 ? randomText(PIECES, 2) : '');
    case 1:
      return `${sign}@${pick(random, CATEGORY_NAMES)}`;
    case 2:
      return pick(random, ['~', '%R~', '%W~', '&']) + randomText(LETTERS, 8);
    case 3:
      return `(${randomText([...PIECES, ' ~a*', ' +get', ' %R~k', ' -@all', ' &c'], PIECES_MAX)})`;
    default:
      return randomText(PIECES, PIECES_MAX);
  }
}

function apply(user: User, rule: string, history: readonly string[]): boolean {
  try {
    const reason = rules.apply(user, rule);
    if (!known.has(reason)) fail(`unknown reason ${JSON.stringify(reason)}`, history);
    return reason === '';
  } catch (error) {
    fail(`${(error as Error).stack}`, history);
    return false;
  }
}

/** The user made of the words of its description is described in the same words. */
function checkDescription(user: User, history: readonly string[]): void {
  const line = describeUser(catalog, user);
  const words = joinSelectors(line.split(' '));
  const again = users.create('again', true);
  const isRead = Array.isArray(words) && words.every((word) => apply(again, word, [line]));
  if (!isRead) fail(`cannot be read again: ${JSON.stringify(line)}`, history);
  else if (describeUser(catalog, again) !== line)
    fail(`${JSON.stringify(line)} becomes ${describeUser(catalog, again)}`, history);
}

function checkPatterns(user: User, history: readonly string[]): void {
  const key = randomText(LETTERS, 6);
  const expected = user.selectors.some(
    ({ allKeys, keys }) =>
      allKeys ||
      keys.some(({ rights, text }) => (rights & MAY_READ) !== 0 && globMatchString(text, key, false)),
  );
  if (mayReadKey(user, Buffer.from(key, 'latin1')) !== expected)
    fail(`key ${JSON.stringify(key)}: not ${expected}`, history);
}

for (let done = 0; done < INPUTS; done += RULES_OF_USER) {
  const user = users.create('fuzz', true);
  const history: string[] = [];
  for (let i = 0; i < RULES_OF_USER; i++) {
    const rule = randomRule();
    history.push(rule);
    // A rule that is refused leaves no trace: whoever gives rules throws the user away then.
    const copy = users.create('copy', true);
    copy.assign(user);
    if (apply(copy, rule, history)) user.assign(copy);
    else history.pop();
  }
  checkPatterns(user, history);
  if (random.below(8) === 0) checkDescription(user, history);
}
console.log(`${INPUTS} rules`);
console.log(`${failures === 0 ? 1 : 0} passed, ${failures} failed`);
process.exitCode = failures === 0 ? 0 : 1;
