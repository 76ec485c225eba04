// Users as lines of rules that make the same user again: ACL LIST and GETUSER, the ACL file, redis.conf.
//
// What commands a selector allows is a set; which rules led to it is forgotten, as in Redis 7.0. The rules that describe it
// are found greedily: from everything or nothing, categories are added (or taken away) as long as more of a category's
// commands are right than wrong, the one with the fewest wrong ones first; then single commands mend what is left. The
// categories are tried in the order in which ACL CAT names them, so the text depends on the set alone.
import { MAY_READ, MAY_WRITE, Selector, type User } from '../session/acl_user.ts';
import type { CommandCatalog } from './acl_catalog.ts';
import { setCategory, setCommand } from './acl_rules.ts';
import { CATEGORY_NAMES } from './categories.ts';

/** What follows `user <name> ` in a line. */
export function describeUser(catalog: CommandCatalog, user: User): string {
  const words = flagsOf(user);
  for (const digest of user.passwords) words.push(`#${digest}`);
  user.selectors.forEach((selector, i) => {
    const text = describeSelector(catalog, selector);
    words.push(i === 0 ? text : `(${text})`);
  });
  return words.join(' ');
}

/** Words for what is not said by passwords and selectors. */
export function flagsOf(user: User): string[] {
  const flags = [user.enabled ? 'on' : 'off'];
  if (user.nopass) flags.push('nopass');
  if (user.sanitizing !== '') flags.push(user.sanitizing);
  return flags;
}

function describeSelector(catalog: CommandCatalog, selector: Selector): string {
  const words: string[] = [];
  const keys = describeKeys(selector);
  if (keys !== '') words.push(keys);
  if (!selector.allChannels) words.push('resetchannels');
  const channels = describeChannels(selector);
  if (channels !== '') words.push(channels);
  words.push(describeCommands(catalog, selector));
  return words.join(' ');
}

export function describeKeys({ allKeys, keys }: Selector): string {
  if (allKeys) return '~*';
  const words = keys.map(({ rights, text }) => `${RIGHTS[rights]}~${text}`);
  // The rule for all keys leaves no others beside it; the pattern that looks the same is written in full then.
  return words.map((word) => (word === '~*' && words.length > 1 ? '%RW~*' : word)).join(' ');
}

export function describeChannels({ allChannels, channels }: Selector): string {
  return allChannels ? '&*' : channels.map(({ text }) => `&${text}`).join(' ');
}

const RIGHTS: Readonly<Record<number, string>> = {
  [MAY_READ]: '%R',
  [MAY_WRITE]: '%W',
  [MAY_READ | MAY_WRITE]: '',
};

export function describeCommands(catalog: CommandCatalog, selector: Selector): string {
  const adds = !selector.allowsUnknown;
  const rules = [adds ? '-@all' : '+@all'];
  // What the rules so far make, and what is left to be said.
  const made = new Selector(selector.allowed.length, false);
  const left = new Selector(selector.allowed.length, false);
  made.allowed.fill(adds ? 0 : 1);
  left.allowed.set(selector.allowed);
  const open = new Set(CATEGORY_NAMES.keys());
  for (let i = bestCategory(catalog, left, adds, open); i >= 0; i = bestCategory(catalog, left, adds, open)) {
    setCategory(catalog, made, 1 << i, adds);
    setCategory(catalog, left, 1 << i, !adds);
    open.delete(i);
    rules.push(`${adds ? '+' : '-'}@${CATEGORY_NAMES[i]}`);
  }
  for (const id of catalog.commands) mend(catalog, selector, made, id, rules);
  return rules.join(' ');
}

/** The category of which most is right and the least wrong; -1 if none is rather right than wrong. */
function bestCategory(
  catalog: CommandCatalog,
  left: Selector,
  adds: boolean,
  open: Iterable<number>,
): number {
  let best = -1;
  let fewestWrong = Number.POSITIVE_INFINITY;
  let mostRight = 0;
  for (const i of open) {
    const [right, wrong] = countCategory(catalog, left, 1 << i, adds ? 1 : 0);
    if (right <= wrong || wrong > fewestWrong || (wrong === fewestWrong && right <= mostRight)) continue;
    best = i;
    fewestWrong = wrong;
    mostRight = right;
  }
  return best;
}

/** How many commands of a category are as wanted, and how many are not. */
function countCategory(
  { categories }: CommandCatalog,
  { allowed }: Selector,
  category: number,
  wanted: number,
): [right: number, wrong: number] {
  let right = 0;
  let wrong = 0;
  for (let id = 0; id < categories.length; id++) {
    if ((categories[id]! & category) === 0) continue;
    if (allowed[id] === wanted) right++;
    else wrong++;
  }
  return [right, wrong];
}

/** Adds the rules that put a command and its subcommands right. */
function mend(catalog: CommandCatalog, wanted: Selector, made: Selector, id: number, rules: string[]): void {
  const name = catalog.names[id]!;
  const isAllowed = wanted.allowed[id] === 1;
  if (wanted.allowed[id] !== made.allowed[id]) {
    rules.push(`${isAllowed ? '+' : '-'}${name}`);
    setCommand(catalog, made, id, isAllowed);
  }
  for (const part of catalog.partsOf(id) ?? []) mend(catalog, wanted, made, part, rules);
  if (isAllowed) return;
  for (const word of wanted.firstArguments.get(id) ?? []) rules.push(`+${name}|${word}`);
}
