// Rules of access control as they are written: `on`, `>password`, `+get`, `-@dangerous`, `%R~key*`, `&channel`, `(…)`. Each
// changes one thing of a user or of one of its selectors; their order matters.
import { fromLatin1 } from '../base/bytes.ts';
import { splitQuoted } from '../base/quoted.ts';
import * as reasons from '../resp/acl_errors.ts';
import { MAY_READ, MAY_WRITE, patternOf, Selector, type User } from '../session/acl_user.ts';
import { isDigest, passwordDigest } from '../session/auth.ts';
import type { CommandCatalog } from './acl_catalog.ts';
import { categoryBit } from './categories.ts';

/** What a rule answers when it is in force. */
const DONE = '';

export class AclRules {
  readonly #catalog: CommandCatalog;
  readonly #channelsByDefault: () => boolean;

  /** @param channelsByDefault whether new selectors allow all channels (acl-pubsub-default) */
  constructor(catalog: CommandCatalog, channelsByDefault: () => boolean) {
    this.#catalog = catalog;
    this.#channelsByDefault = channelsByDefault;
  }

  /** Puts a rule in force; '' or the reason (resp/acl_errors.ts) why that cannot be. An empty rule says nothing. */
  apply(user: User, rule: string): string {
    const reason = this.#apply(user, rule);
    user.settle();
    return reason;
  }

  #apply(user: User, rule: string): string {
    const word = cText(rule).toLowerCase();
    switch (word) {
      case 'on':
      case 'off':
        user.enabled = word === 'on';
        return DONE;
      case 'sanitize-payload':
      case 'skip-sanitize-payload':
        user.sanitizing = word;
        return DONE;
      case 'nopass':
      case 'resetpass':
        user.nopass = word === 'nopass';
        user.passwords = [];
        return DONE;
      case 'clearselectors':
        user.selectors.length = 1;
        return DONE;
      case 'reset':
        return this.#reset(user);
    }
    if (rule === '') return DONE;
    if ('><#!'.includes(rule[0]!)) return applyPassword(user, rule);
    if (rule[0] === '(' && rule.endsWith(')')) return this.#addSelector(user, rule);
    return this.#select(user.root, rule);
  }

  #reset(user: User): string {
    const root = new Selector(this.#catalog.size, this.#channelsByDefault());
    user.selectors = [root];
    user.passwords = [];
    user.enabled = false;
    user.nopass = false;
    user.sanitizing = 'sanitize-payload';
    return DONE;
  }

  #addSelector(user: User, rule: string): string {
    const selector = new Selector(this.#catalog.size, this.#channelsByDefault());
    const words = splitQuoted(rule.slice(1, -1));
    if (words === null) return reasons.SYNTAX;
    for (const word of words) {
      // It would not be the same when it is read again from a line of rules.
      if (/["']|\)$/.test(word)) return reasons.SYNTAX;
      const reason = this.#select(selector, word);
      if (reason !== DONE) return reason;
    }
    user.selectors.push(selector);
    return DONE;
  }

  /** Puts a rule in force that concerns commands, keys or channels. */
  #select(selector: Selector, rule: string): string {
    const word = cText(rule).toLowerCase();
    switch (word) {
      case 'allkeys':
      case '~*':
      case 'resetkeys':
        selector.allKeys = word !== 'resetkeys';
        selector.keys = [];
        return DONE;
      case 'allchannels':
      case '&*':
      case 'resetchannels':
        selector.allChannels = word !== 'resetchannels';
        selector.channels = [];
        return DONE;
      case 'allcommands':
      case '+@all':
        setAll(selector, true);
        return DONE;
      case 'nocommands':
      case '-@all':
        setAll(selector, false);
        return DONE;
    }
    if (rule[0] === '~' || rule[0] === '%') return addKeys(selector, rule);
    if (rule[0] === '&') return addChannels(selector, rule.slice(1));
    if (rule[0] !== '+' && rule[0] !== '-') return reasons.SYNTAX;
    const isAllowed = rule[0] === '+';
    if (word[1] === '@') return this.#setCategory(selector, word.slice(2), isAllowed);
    return isAllowed && word.includes('|')
      ? this.#allowPart(selector, cText(rule).slice(1))
      : this.#setCommand(selector, word.slice(1), isAllowed);
  }

  #setCategory(selector: Selector, name: string, isAllowed: boolean): string {
    const category = categoryBit(name);
    if (category === 0) return reasons.UNKNOWN_COMMAND;
    setCategory(this.#catalog, selector, category, isAllowed);
    return DONE;
  }

  #setCommand(selector: Selector, name: string, isAllowed: boolean): string {
    const id = this.#catalog.find(name);
    if (id === undefined) return reasons.UNKNOWN_COMMAND;
    setCommand(this.#catalog, selector, id, isAllowed);
    return DONE;
  }

  /** Allows a subcommand, or a command without subcommands if its first argument is the given one. */
  #allowPart(selector: Selector, name: string): string {
    const bar = name.lastIndexOf('|');
    const id = this.#catalog.find(name.slice(0, bar).toLowerCase());
    const part = name.slice(bar + 1);
    if (id === undefined) return reasons.UNKNOWN_COMMAND;
    if (this.#catalog.isPart(id)) return reasons.FIRST_ARGUMENT_OF_SUBCOMMAND;
    if (part === '') return reasons.SYNTAX;
    if (this.#catalog.partsOf(id) !== undefined) return this.#setCommand(selector, name.toLowerCase(), true);
    // It could not be told from the next rule in a line of them.
    if (hasBlanks(part)) return reasons.SYNTAX;
    const words = selector.firstArguments.get(id);
    if (words === undefined) selector.firstArguments.set(id, [part]);
    else if (!words.some((word) => word.toLowerCase() === part.toLowerCase())) words.push(part);
    return DONE;
  }
}

/** Allows or forbids a command, with its subcommands. */
export function setCommand(
  catalog: CommandCatalog,
  selector: Selector,
  id: number,
  isAllowed: boolean,
): void {
  const value = isAllowed ? 1 : 0;
  selector.allowed[id] = value;
  selector.firstArguments.delete(id);
  if (!isAllowed) selector.allCommands = false;
  for (const part of catalog.partsOf(id) ?? []) selector.allowed[part] = value;
}

/** Allows or forbids all commands of a category; a container brings its subcommands along. */
export function setCategory(
  catalog: CommandCatalog,
  selector: Selector,
  category: number,
  isAllowed: boolean,
): void {
  catalog.categories.forEach((categories, id) => {
    if ((categories & category) !== 0) setCommand(catalog, selector, id, isAllowed);
  });
}

export function setAll(selector: Selector, isAllowed: boolean): void {
  selector.allowed.fill(isAllowed ? 1 : 0);
  selector.allowsUnknown = isAllowed;
  selector.allCommands = isAllowed;
  selector.firstArguments.clear();
}

function applyPassword(user: User, rule: string): string {
  const isDigestGiven = rule[0] === '#' || rule[0] === '!';
  const text = rule.slice(1);
  if (isDigestGiven && !isDigest(text)) return reasons.BAD_DIGEST;
  const digest = isDigestGiven ? text : passwordDigest(fromLatin1(text));
  const index = user.passwords.indexOf(digest);
  if (rule[0] === '>' || rule[0] === '#') {
    if (index < 0) user.passwords.push(digest);
    user.nopass = false;
    return DONE;
  }
  if (index < 0) return reasons.NO_SUCH_PASSWORD;
  user.passwords.splice(index, 1);
  return DONE;
}

/** `~pattern`, or `%` with R, W or both in front of it. */
function addKeys(selector: Selector, rule: string): string {
  if (selector.allKeys) return reasons.KEYS_AFTER_ALL;
  const [, letters = '', text = ''] = /^(?:%([RW]{1,2}))?(?:~|$)(.*)$/is.exec(rule) ?? [];
  const isPlain = rule[0] === '~';
  const reads = isPlain || /r/i.test(letters);
  const writes = isPlain || /w/i.test(letters);
  const isSaidTwice = letters.length === 2 && !(reads && writes);
  if (!(reads || writes) || isSaidTwice || hasBlanks(text)) return reasons.SYNTAX;
  const rights = (reads ? MAY_READ : 0) | (writes ? MAY_WRITE : 0);
  const known = selector.keys.find((pattern) => pattern.text === text);
  if (known === undefined) selector.keys.push({ ...patternOf(text), rights });
  else known.rights |= rights;
  return DONE;
}

function addChannels(selector: Selector, text: string): string {
  if (selector.allChannels) return reasons.CHANNELS_AFTER_ALL;
  if (hasBlanks(text)) return reasons.SYNTAX;
  const isKnown = selector.channels.some((pattern) => pattern.text === text);
  if (!isKnown) selector.channels.push(patternOf(text));
  return DONE;
}

/** Whether a name or pattern cannot stand in a line of rules. */
export function hasBlanks(text: string): boolean {
  return /[ \t-\r\0]/.test(text);
}

/** The words of rules, with the parts of a selector that came as several words joined; or the one whose end is missing. */
export function joinSelectors(words: readonly string[]): string[] | { readonly unmatched: string } {
  const rules: string[] = [];
  let open: { readonly start: string; text: string } | null = null;
  for (const word of words) {
    if (word[0] === '(' && !word.endsWith(')')) {
      open = { start: word, text: word };
    } else if (open === null) {
      rules.push(word);
    } else {
      open.text += ` ${cText(word)}`;
      if (!word.endsWith(')')) continue;
      rules.push(open.text);
      open = null;
    }
  }
  return open === null ? rules : { unmatched: open.start };
}

/** A text as C sees it: up to the first zero byte. */
function cText(text: string): string {
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}
