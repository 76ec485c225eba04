import { expect, it } from 'vitest';
import { CommandCatalog } from '../../src/commands/acl_catalog.ts';
import { describeUser } from '../../src/commands/acl_describe.ts';
import { AclRules, joinSelectors } from '../../src/commands/acl_rules.ts';
import { ALL_COMMANDS } from '../../src/commands/all.ts';
import { categoryNames } from '../../src/commands/categories.ts';
import { CommandTable } from '../../src/commands/table.ts';
import { MAY_READ, MAY_WRITE, type Selector, type User } from '../../src/session/acl_user.ts';
import { Users } from '../../src/session/users.ts';
import { pick, randomRule } from '../acl/rules.ts';
import { seededRandom } from '../support/seed.ts';
import { linesOf, referenceRows } from './reference/rows.ts';

const USERS = 1500;
const RULES_MAX = 12;

const table = new CommandTable(ALL_COMMANDS);
const catalog = new CommandCatalog(table);
const rules = new AclRules(catalog, () => false);
const users = new Users(catalog.size);

/** Everything that decides what a user may do. */
function rightsOf(user: User): unknown {
  return {
    ...user,
    name: '',
    // Without a rule since, a user is restricted by a flag that all commands together do not have.
    isRestricted: false,
    selectors: user.selectors.map((selector) => ({
      ...selector,
      allCommands: false,
      ...keysOf(selector),
      allowed: Buffer.from(selector.allowed).toString('hex'),
      firstArguments: [...selector.firstArguments]
        .filter(([id]) => selector.allowed[id] === 0)
        .sort(([a], [b]) => a - b),
    })),
  };
}

/** A pattern for all keys, to read and to write, is written like the rule for all keys; it lacks the one without a name. */
function keysOf({ allKeys, keys }: Selector): object {
  const hasAll =
    allKeys || (keys.length === 1 && keys[0]!.text === '*' && keys[0]!.rights === (MAY_READ | MAY_WRITE));
  return hasAll ? { allKeys: true, keys: [] } : { allKeys, keys };
}

/** The user whom a line of rules makes, split at single blanks as the ACL file is. */
function userOf(line: string): User {
  const user = users.create('again', true);
  const joined = joinSelectors(line.split(' '));
  if (!Array.isArray(joined)) throw new Error(`no end of ${joined.unmatched} in ${line}`);
  for (const rule of joined) {
    const reason = rules.apply(user, rule);
    if (reason !== '') throw new Error(`${rule} of ${line}: ${reason}`);
  }
  return user;
}

it('describes any user by rules that make the same user again', () => {
  const random = seededRandom('rules and their description');
  for (let i = 0; i < USERS; i++) {
    const user = users.create('user', random.below(2) === 0);
    for (let left = random.below(RULES_MAX); left > 0; left--) {
      const rule = randomRule(random, catalog.names);
      const before = describeUser(catalog, user);
      if (rules.apply(user, rule) !== '') expect(describeUser(catalog, user)).toBe(before);
    }
    const line = describeUser(catalog, user);
    const again = userOf(line);
    expect(describeUser(catalog, again)).toBe(line);
    expect(rightsOf(again), line).toEqual(rightsOf(user));
  }
});

it('survives rules of random bytes', () => {
  const random = seededRandom('random bytes as rules');
  const starts = ['', '+', '-', '+@', '~', '%', '%R~', '&', '(', '(+', '>', '#', '!', '+get|', '(~'];
  for (let i = 0; i < 20_000; i++) {
    const bytes = Buffer.from(Array.from({ length: random.below(12) }, () => random.below(256)));
    const user = users.create('user', false);
    const rule = pick(random, starts) + bytes.toString('latin1') + pick(random, ['', '', ')']);
    const joined = joinSelectors([rule, 'on', ')']);
    for (const each of Array.isArray(joined) ? joined : [rule]) rules.apply(user, each);
    expect(describeUser(catalog, userOf(describeUser(catalog, user)))).toBe(describeUser(catalog, user));
  }
});

it('knows the commands of Redis 7.0.15 that are not there, and no others', () => {
  const absent = new Set(catalog.names.slice(table.specs.length));
  expect([...absent].sort()).toEqual(linesOf('later.txt').filter((line) => line !== ''));
  for (const name of absent) {
    const categories = categoryNames(catalog.categories[catalog.find(name)!]!);
    expect([name, categories.join(' ')]).toEqual([name, orderedCategories(name)]);
  }
});

/** Categories of a recorded command in our order. */
function orderedCategories(name: string): string {
  const recorded = new Set(referenceRows().get(name)!.categories.split(' '));
  return categoryNames(-1)
    .filter((category) => recorded.has(category))
    .join(' ');
}
