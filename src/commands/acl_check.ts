// Whether a user may run a command with its arguments: the command itself, each key it names with what is done to it, each
// channel. One selector must allow all of it.
import { globMatch } from '../base/glob.ts';
import { type ChannelPattern, MAY_READ, MAY_WRITE, type Selector, type User } from '../session/acl_user.ts';
import { findKeys, hasKeys } from './find_keys.ts';
import { NO_AUTH } from './flags.ts';
import { KEY_ACCESS, KEY_DELETE, KEY_INSERT, KEY_UPDATE } from './key_specs.ts';
import type { CommandTable } from './table.ts';
import type { ArgsFrom } from './words.ts';

export const ALLOWED = 0;
/** What was refused; where selectors differ, the largest is told. */
export const REFUSED_COMMAND = 1;
export const REFUSED_KEY = 2;
export const REFUSED_CHANNEL = 3;

export type Verdict = typeof ALLOWED | typeof REFUSED_COMMAND | typeof REFUSED_KEY | typeof REFUSED_CHANNEL;

interface Channels {
  /** The last argument that names a channel; negative: counted from the end. */
  readonly last: number;
  /** They are patterns of channels, each of which must stand in the rules as it is. */
  readonly arePatterns: boolean;
}

const CHANNELS: Readonly<Record<string, Channels>> = {
  publish: { last: 1, arePatterns: false },
  spublish: { last: 1, arePatterns: false },
  subscribe: { last: -1, arePatterns: false },
  ssubscribe: { last: -1, arePatterns: false },
  psubscribe: { last: -1, arePatterns: true },
};

export class AclCheck {
  /** The argument that was refused, after REFUSED_KEY and REFUSED_CHANNEL. */
  refusedAt = 0;
  readonly #table: CommandTable;
  /** Position and needed rights of each key, in pairs; null: not looked for yet. */
  #keys: number[] | null = null;
  #at = 0;

  constructor(table: CommandTable) {
    this.#table = table;
  }

  /** Decides about the command `id` whose arguments, its name first, are `words`. */
  check(user: User, id: number, words: ArgsFrom): Verdict {
    let verdict: Verdict = REFUSED_COMMAND;
    this.refusedAt = 0;
    this.#at = 0;
    this.#keys = null;
    for (const selector of user.selectors) {
      const next = this.#select(selector, id, words);
      if (next === ALLOWED) return ALLOWED;
      if (next < verdict || (next === verdict && this.#at <= this.refusedAt)) continue;
      verdict = next;
      this.refusedAt = this.#at;
    }
    return verdict;
  }

  /** Whether one selector allows the command and also to read every key there is. */
  mayReadAll(user: User, id: number, words: ArgsFrom): boolean {
    this.#keys = null;
    return user.selectors.some((one) => readsAll(one) && this.#select(one, id, words) === ALLOWED);
  }

  #select(selector: Selector, id: number, words: ArgsFrom): Verdict {
    if (!selector.allCommands && selector.allowed[id] === 0 && !this.#isAllowedOtherwise(selector, id, words))
      return REFUSED_COMMAND;
    if (!selector.allKeys && !this.#keysAllowed(selector, id, words)) return REFUSED_KEY;
    if (!selector.allChannels && !this.#channelsAllowed(selector, id, words)) return REFUSED_CHANNEL;
    return ALLOWED;
  }

  #isAllowedOtherwise(selector: Selector, id: number, words: ArgsFrom): boolean {
    if ((this.#table.flags[id]! & NO_AUTH) !== 0) return true;
    const first = selector.firstArguments.get(id);
    return first !== undefined && words.count > 1 && first.some((word) => words.is(1, word.toLowerCase()));
  }

  #keysAllowed(selector: Selector, id: number, words: ArgsFrom): boolean {
    this.#keys ??= this.#findKeys(id, words);
    const keys = this.#keys;
    for (let i = 0; i < keys.length; i += 2) {
      if (mayTouch(selector, words.bytes, words.at(keys[i]!), words.length(keys[i]!), keys[i + 1]!)) continue;
      this.#at = keys[i]!;
      return false;
    }
    return true;
  }

  /**
   * Also those found before the words made no sense any more, which the reference passes over: it may be so for the finder
   * of keys alone (PFMERGE with nothing to merge).
   */
  #findKeys(id: number, words: ArgsFrom): number[] {
    const spec = this.#table.specs[id]!;
    const keys: number[] = [];
    if (hasKeys(spec)) findKeys(spec, words, (index, flags) => keys.push(index, rightsOf(flags)));
    return keys;
  }

  #channelsAllowed(selector: Selector, id: number, words: ArgsFrom): boolean {
    const channels = CHANNELS[this.#table.specs[id]!.name];
    if (channels === undefined) return true;
    const last = channels.last < 0 ? words.count + channels.last : channels.last;
    for (let i = 1; i <= last; i++) {
      const isAllowed = channels.arePatterns
        ? mayUsePattern(selector.channels, words.text(i))
        : mayUseChannel(selector.channels, words.bytes, words.at(i), words.length(i));
      if (isAllowed) continue;
      this.#at = i;
      return false;
    }
    return true;
  }
}

function rightsOf(flags: number): number {
  const writes = (flags & (KEY_INSERT | KEY_DELETE | KEY_UPDATE)) !== 0;
  return ((flags & KEY_ACCESS) !== 0 ? MAY_READ : 0) | (writes ? MAY_WRITE : 0);
}

function mayTouch(selector: Selector, key: Uint8Array, at: number, length: number, rights: number): boolean {
  for (const pattern of selector.keys) {
    if ((pattern.rights & rights) === rights && matches(pattern, key, at, length)) return true;
  }
  return false;
}

function readsAll({ allKeys, keys }: Selector): boolean {
  return allKeys || keys.some(({ text, rights }) => text === '*' && (rights & MAY_READ) !== 0);
}

/** Whether a channel matches one of the patterns. */
export function mayUseChannel(
  patterns: readonly ChannelPattern[],
  channel: Uint8Array,
  at: number,
  length: number,
): boolean {
  return patterns.some((pattern) => matches(pattern, channel, at, length));
}

/** Whether a pattern of channels stands among the patterns as it is. */
export function mayUsePattern(patterns: readonly ChannelPattern[], given: string): boolean {
  return patterns.some(({ text }) => text === given);
}

function matches({ bytes }: ChannelPattern, text: Uint8Array, at: number, length: number): boolean {
  return globMatch(bytes, 0, bytes.length, text, at, length, false);
}

/** Whether a user may read a key: for what tells of keys unasked. */
export function mayReadKey(user: User, key: Uint8Array): boolean {
  return user.selectors.some((one) => one.allKeys || mayTouch(one, key, 0, key.length, MAY_READ));
}
