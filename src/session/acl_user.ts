// Users of access control: how they prove who they are, and what they may do. Plain data; commands/acl_rules.ts changes it and
// commands/acl_check.ts decides by it.
//
// What a user may do is said by selectors: the first, its root, holds the rules given to the user itself, the others those
// given in parentheses. A command is allowed if any one selector allows all of it: the command, its keys, its channels.
import { fromLatin1 } from '../base/bytes.ts';

export const MAY_READ = 1;
export const MAY_WRITE = 2;

/** A glob pattern of channels; its text has one character for each byte. */
export interface ChannelPattern {
  readonly text: string;
  readonly bytes: Uint8Array;
}

export interface KeyPattern extends ChannelPattern {
  /** MAY_READ and MAY_WRITE. */
  rights: number;
}

export class Selector {
  /** By id of a command or subcommand: 1 if it is allowed. */
  readonly allowed: Uint8Array;
  /** Commands that are not known yet are allowed too: the rules began with +@all. */
  allowsUnknown = false;
  /** Nothing has to be looked at: no command has been taken away since all were allowed. */
  allCommands = false;
  allKeys = false;
  allChannels: boolean;
  keys: KeyPattern[] = [];
  channels: ChannelPattern[] = [];
  /** First arguments with which a command is allowed that is not allowed otherwise, by its id. */
  readonly firstArguments = new Map<number, string[]>();

  constructor(commands: number, allChannels: boolean) {
    this.allowed = new Uint8Array(commands);
    this.allChannels = allChannels;
  }

  copy(): Selector {
    const copy = new Selector(this.allowed.length, this.allChannels);
    copy.allowed.set(this.allowed);
    copy.allowsUnknown = this.allowsUnknown;
    copy.allCommands = this.allCommands;
    copy.allKeys = this.allKeys;
    copy.keys = this.keys.map((pattern) => ({ ...pattern }));
    copy.channels = [...this.channels];
    for (const [id, words] of this.firstArguments) copy.firstArguments.set(id, [...words]);
    return copy;
  }
}

export class User {
  /** One character for each byte. */
  readonly name: string;
  enabled = false;
  /** Any password is right. */
  nopass = false;
  /** What was said about payloads of RESTORE, which are always checked. */
  sanitizing: '' | 'sanitize-payload' | 'skip-sanitize-payload' = '';
  /** SHA-256 in hexadecimal digits, in the order of adding. */
  passwords: string[] = [];
  /** The root first. */
  selectors: Selector[];
  /** Some commands, keys or channels are not allowed, so every command must be looked at. */
  isRestricted = true;

  constructor(name: string, root: Selector) {
    this.name = name;
    this.selectors = [root];
  }

  get root(): Selector {
    return this.selectors[0]!;
  }

  /** Takes over everything but the name. */
  assign(other: User): void {
    this.enabled = other.enabled;
    this.nopass = other.nopass;
    this.sanitizing = other.sanitizing;
    this.passwords = [...other.passwords];
    this.selectors = other.selectors.map((selector) => selector.copy());
    this.settle();
  }

  /** Finds out anew whether everything is allowed; after changes of the selectors. */
  settle(): void {
    this.isRestricted = !this.selectors.some((one) => one.allCommands && one.allKeys && one.allChannels);
  }
}

export function patternOf(text: string): ChannelPattern {
  return { text, bytes: fromLatin1(text) };
}
