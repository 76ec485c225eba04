// The settings of one server: read by the program with their types, by clients as texts, changed by CONFIG
// SET.
//
// CONFIG SET is all or nothing. Values are checked and stored first; then those who depend on a changed
// setting are asked to follow, and one of them may refuse ("the port is taken"). In that case all values are
// put back, and those who had followed already are told so.

import { resolve } from 'node:path';
import { pathOf } from '../base/files.ts';
import { globMatchString } from '../base/glob.ts';
import { splitQuoted } from '../base/quoted.ts';
import { configSetFailed, LOADING, unknownConfigOption } from '../resp/errors.ts';
import {
  DENY_LOADING,
  type Directive,
  HIDDEN,
  HIDDEN_ALIAS,
  IMMUTABLE,
  type Parsed,
  PROTECTED,
  Refused,
  SENSITIVE,
  type Source,
  VOLATILE,
} from './kind.ts';
import * as reasons from './reasons.ts';
import { directives, type SettingName, type SettingOf, type SettingValue } from './table.ts';

/** Follows a change. Returns the reason if it cannot; then nothing may have changed. */
export type Listener<T> = (value: T, before: T) => string | undefined;

export interface Setting {
  readonly name: SettingName;
  readonly directive: Directive<unknown>;
  current: Parsed<unknown>;
  /** Whether a line of the configuration has named it. */
  given: boolean;
  readonly listeners: Listener<never>[];
}

/** What the caller of CONFIG SET may do. */
export interface SetRights {
  /** Change protected settings: enable-protected-configs allows it for this client. */
  readonly mayChangeProtected: boolean;
  /** Data are being loaded. */
  readonly loading: boolean;
}

interface Change {
  readonly setting: Setting;
  readonly before: Parsed<unknown>;
}

export class Config {
  /** Absolute path of the configuration file that CONFIG REWRITE writes; null without one. */
  path: string | null = null;
  readonly #settings = new Map<SettingName, Setting>();
  // Names and aliases.
  readonly #byName = new Map<string, Setting>();

  /** All settings have their defaults; `dir` is the absolute path the server starts in. */
  constructor(dir: string) {
    for (const name of Object.keys(directives) as SettingName[]) {
      const directive = directives[name] as Directive<unknown>;
      const setting: Setting = { name, directive, current: directive.initial, given: false, listeners: [] };
      this.#settings.set(name, setting);
      this.#byName.set(name, setting);
      if (directive.alias !== '') this.#byName.set(directive.alias, setting);
    }
    this.assign('dir', dir);
  }

  value<N extends SettingName>(name: N): SettingValue<N> {
    return this.#settings.get(name)!.current.value as SettingValue<N>;
  }

  number(name: SettingOf<number>): number {
    return this.value(name);
  }

  boolean(name: SettingOf<boolean>): boolean {
    return this.value(name);
  }

  /** One character per byte. */
  string<N extends SettingOf<string>>(name: N): SettingValue<N> {
    return this.value(name);
  }

  /** Path in a setting that names a file, for node:fs: absolute, or taken from `dir`; empty if unset. */
  file(name: SettingOf<string>): string {
    const text = this.string(name);
    return text === '' ? '' : pathOf(resolve(this.string('dir'), text));
  }

  /**
   * Calls `listener` after a change of the setting, or, for several names, once after a change of any of
   * them.
   */
  onChange<N extends SettingName>(names: N | readonly N[], listener: Listener<SettingValue<N>>): void {
    for (const name of typeof names === 'string' ? [names] : names) {
      this.#settings.get(name)!.listeners.push(listener);
    }
  }

  /** Stores a value that the program itself decided on; nobody is asked. */
  assign<N extends SettingName>(name: N, value: SettingValue<N>): void {
    const setting = this.#settings.get(name)!;
    setting.current = { value, text: setting.directive.kind.print(value) };
  }

  /** Whether the value of this setting, under any of its names, must not be shown in logs. */
  isSensitive(name: string): boolean {
    const setting = this.#byName.get(name.toLowerCase());
    return setting !== undefined && (setting.directive.flags & SENSITIVE) !== 0;
  }

  /** Takes a line of a configuration (file, standard input, command line); returns why not, or null. */
  applyLine(name: string, given: readonly string[]): string | null {
    const setting = this.#byName.get(name.toLowerCase());
    if (setting === undefined) return reasons.BAD_DIRECTIVE;
    let words: readonly string[] | null = given;
    if (!setting.directive.kind.manyWords) {
      if (given.length !== 1) return reasons.WRONG_ARGUMENT_COUNT;
    } else if (given.length === 1 && given[0] !== '') words = splitQuoted(given[0]!);
    if (words === null) return reasons.UNBALANCED_QUOTES;
    const parsed = parse(setting, words, setting.given ? 'again' : 'first');
    if (parsed instanceof Refused) return parsed.reason;
    setting.current = parsed;
    setting.given = true;
    return null;
  }

  /**
   * CONFIG GET: the names and texts of the settings that match. A pattern without special characters names a
   * setting exactly, hidden or not, and is answered under the name as it was spelled.
   */
  get(patterns: readonly string[]): [name: string, text: string][] {
    const found = new Map<string, [string, string]>();
    for (const pattern of patterns) {
      if (!/[*?[]/.test(pattern)) {
        const lower = pattern.toLowerCase();
        const setting = this.#byName.get(lower);
        if (setting !== undefined && !found.has(lower)) found.set(lower, [pattern, setting.current.text]);
        continue;
      }
      for (const [name, setting] of this.#byName) {
        const hidden = name === setting.name ? HIDDEN : HIDDEN | HIDDEN_ALIAS;
        if ((setting.directive.flags & hidden) !== 0 || found.has(name)) continue;
        if (globMatchString(pattern, name, true)) found.set(name, [name, setting.current.text]);
      }
    }
    return [...found.values()];
  }

  /**
   * CONFIG SET: null when all pairs of name and text are set, else the error to reply, and nothing has
   * changed.
   */
  set(pairs: readonly (readonly [name: string, text: string])[], rights: SetRights): string | null {
    const refused = this.#checkNames(pairs, rights);
    if (refused !== null) return refused;
    const changes: Change[] = [];
    for (const [name, text] of pairs) {
      const setting = this.#byName.get(name.toLowerCase())!;
      const words = setting.directive.kind.manyWords ? splitAtSpaces(text) : [text];
      const parsed = parse(setting, words, 'command');
      if (parsed instanceof Refused) {
        putBack(changes);
        return configSetFailed(name, parsed.reason);
      }
      const isNew = parsed.text !== setting.current.text || (setting.directive.flags & VOLATILE) !== 0;
      if (!isNew) continue;
      changes.push({ setting, before: setting.current });
      setting.current = parsed;
    }
    return follow(changes);
  }

  /** All settings, in the order of the table. */
  settings(): Iterable<Setting> {
    return this.#settings.values();
  }

  /** The setting that this name or alias stands for. */
  find(name: string): Setting | undefined {
    return this.#byName.get(name.toLowerCase());
  }

  #checkNames(pairs: readonly (readonly [string, string])[], rights: SetRights): string | null {
    const seen = new Set<string>();
    for (const [name] of pairs) {
      const lower = name.toLowerCase();
      const setting = this.#byName.get(lower);
      if (setting === undefined) return unknownConfigOption(name);
      const flags = setting.directive.flags;
      if ((flags & IMMUTABLE) !== 0) return configSetFailed(name, reasons.IMMUTABLE);
      if ((flags & PROTECTED) !== 0 && !rights.mayChangeProtected) {
        return configSetFailed(name, reasons.PROTECTED);
      }
      if ((flags & DENY_LOADING) !== 0 && rights.loading) return LOADING;
      if (seen.has(lower)) return configSetFailed(name, reasons.DUPLICATE);
      seen.add(lower);
    }
    return null;
  }
}

function parse(setting: Setting, words: readonly string[], source: Source): Parsed<unknown> | Refused {
  return setting.directive.kind.parse(words, setting.current, source);
}

function splitAtSpaces(text: string): string[] {
  return text === '' ? [] : text.split(' ');
}

// In reverse, because a setting may have been changed twice, under its two names.
function putBack(changes: readonly Change[]): void {
  for (const { setting, before } of [...changes].reverse()) setting.current = before;
}

function follow(changes: readonly Change[]): string | null {
  const told = new Map<Listener<unknown>, Change>();
  for (const change of changes) {
    const { setting, before } = change;
    for (const listener of setting.listeners as Listener<unknown>[]) {
      if (told.has(listener)) continue;
      const reason = listener(setting.current.value, before.value);
      if (reason !== undefined) {
        takeBack(changes, told);
        return configSetFailed(setting.name, reason);
      }
      told.set(listener, change);
    }
  }
  return null;
}

function takeBack(changes: readonly Change[], told: ReadonlyMap<Listener<unknown>, Change>): void {
  const attempted = new Map(changes.map(({ setting }) => [setting, setting.current.value]));
  putBack(changes);
  for (const [listener, { setting }] of told) {
    listener(setting.current.value, attempted.get(setting));
  }
}
