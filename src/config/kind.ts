// What the table of directives is made of: kinds of values, and the rows themselves.
//
// A kind turns the words of a configuration line into a value for the program and a text for CONFIG GET, and
// says how CONFIG REWRITE writes it. The text is kept beside the value, because it can be more exact (64-bit
// integers) and because two values are the same exactly when their texts are. All texts have one character
// per byte.

import { quote } from '../base/quoted.ts';
import {
  BAD_HOSTNAME,
  emptyFilename,
  HOSTNAME_TOO_LONG,
  NOT_A_BOOL,
  notAFilename,
  notOneOf,
} from './reasons.ts';

/** A value that is not taken, with the reason that goes into the error. */
export class Refused {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

export interface Parsed<T> {
  readonly value: T;
  readonly text: string;
}

/**
 * Where words come from: the first line of a configuration that names the directive, a later line, CONFIG
 * SET.
 */
export type Source = 'first' | 'again' | 'command';

/** A line CONFIG REWRITE writes, without the name; one that is not forced only replaces an existing line. */
export interface RewriteLine {
  readonly words: string;
  readonly forced: boolean;
}

export interface Kind<T> {
  /**
   * Takes any number of words, which may come as one word to be split; otherwise exactly one word is given.
   */
  readonly manyWords: boolean;
  parse(words: readonly string[], current: Parsed<T>, source: Source): Parsed<T> | Refused;
  print(value: T): string;
  /** No line at all removes those in the file. */
  rewrite(now: Parsed<T>, initial: Parsed<T>): RewriteLine[];
}

// Flags of a directive.
export const IMMUTABLE = 1;
/** Not listed by patterns of CONFIG GET, only by its name. */
export const HIDDEN = 2;
/** CONFIG SET needs enable-protected-configs. */
export const PROTECTED = 4;
/** Not to be changed while data are loaded. */
export const DENY_LOADING = 8;
/** The value is a secret: redacted in SLOWLOG, MONITOR and the like. */
export const SENSITIVE = 16;
/** The other name is not listed by patterns of CONFIG GET: 7.0 does not know it, and expects to set what is listed. */
export const HIDDEN_ALIAS = 64;
/** Setting the same value again is a change (files that may have new contents). */
export const VOLATILE = 32;

export interface Directive<T> {
  readonly kind: Kind<T>;
  readonly initial: Parsed<T>;
  /** Other name of the same setting; empty if there is none. */
  readonly alias: string;
  readonly flags: number;
}

/** How most kinds are rewritten: one line, if the file has one or the value is not the initial one. */
export function oneLine(words: string, now: Parsed<unknown>, initial: Parsed<unknown>): RewriteLine[] {
  return [{ words, forced: now.text !== initial.text }];
}

export function directive<T>(kind: Kind<T>, value: T, flags = 0, alias = ''): Directive<T> {
  return { kind, initial: { value, text: kind.print(value) }, alias, flags };
}

const yes: Parsed<boolean> = { value: true, text: 'yes' };
const no: Parsed<boolean> = { value: false, text: 'no' };

class BoolKind implements Kind<boolean> {
  readonly manyWords = false;

  parse([word = '']: readonly string[]): Parsed<boolean> | Refused {
    const lower = word.toLowerCase();
    if (lower === 'yes') return yes;
    return lower === 'no' ? no : new Refused(NOT_A_BOOL);
  }

  print(value: boolean): string {
    return value ? 'yes' : 'no';
  }

  rewrite(now: Parsed<boolean>, initial: Parsed<boolean>): RewriteLine[] {
    return oneLine(now.text, now, initial);
  }
}

const boolKind = new BoolKind();

export function bool(initial: boolean, flags = 0, alias = ''): Directive<boolean> {
  return directive(boolKind, initial, flags, alias);
}

class TextKind implements Kind<string> {
  readonly manyWords = false;
  readonly #check: (text: string) => string | null;
  readonly #emptyMeansUnset: boolean;

  /** `check` returns the reason against a text, or null. */
  constructor(emptyMeansUnset: boolean, check: (text: string) => string | null) {
    this.#emptyMeansUnset = emptyMeansUnset;
    this.#check = check;
  }

  parse([word = '']: readonly string[]): Parsed<string> | Refused {
    const reason = this.#check(word);
    return reason === null ? { value: word, text: word } : new Refused(reason);
  }

  print(value: string): string {
    return value;
  }

  rewrite(now: Parsed<string>, initial: Parsed<string>): RewriteLine[] {
    if (now.text === '' && this.#emptyMeansUnset) return [];
    return oneLine(quote(now.text), now, initial);
  }
}

const acceptAll = (): null => null;
const textKind = new TextKind(false, acceptAll);
const optionalTextKind = new TextKind(true, acceptAll);

/** A text for which the empty one is a value like any other. */
export function text(initial: string, flags = 0, alias = ''): Directive<string> {
  return directive(textKind, initial, flags, alias);
}

/** A text that is initially unset; the empty text unsets it. */
export function optionalText(flags = 0, alias = ''): Directive<string> {
  return directive(optionalTextKind, '', flags, alias);
}

export function checkedText(
  initial: string,
  check: (text: string) => string | null,
  flags = 0,
): Directive<string> {
  return directive(new TextKind(initial === '', check), initial, flags);
}

/** A name that is a path, or stands for a directory. */
const STEPS_OUT = /[/\\]|^\.\.?$/;

/**
 * For names of files inside `dir`. The reference refuses separators; names that step out of the directory or
 * carry control characters (which could forge a line of a rewritten configuration or of the log) are refused
 * with them.
 */
export function isFilename(name: string, what = 'filename'): (text: string) => string | null {
  return (text) => {
    const bad = STEPS_OUT.test(text) || [...text].some((char) => char < ' ' || char === '\x7f');
    return bad ? notAFilename(name, what) : null;
  };
}

/** For names that nobody can change while the server runs, and that are quoted wherever they are written: no paths, not empty. */
export function isGivenFilename(name: string, what: string): (text: string) => string | null {
  return (text) =>
    text === '' ? emptyFilename(name) : STEPS_OUT.test(text) ? notAFilename(name, what) : null;
}

export function isHostname(text: string): string | null {
  if (text.length >= 256) return HOSTNAME_TOO_LONG;
  return /^[a-zA-Z0-9.-]*$/.test(text) ? null : BAD_HOSTNAME;
}

class WordKind<W extends string> implements Kind<W> {
  readonly manyWords = false;
  readonly #words: readonly W[];
  readonly #synonyms: Readonly<Record<string, W>>;

  constructor(words: readonly W[], synonyms: Readonly<Record<string, W>>) {
    this.#words = words;
    this.#synonyms = synonyms;
  }

  parse([word = '']: readonly string[]): Parsed<W> | Refused {
    const lower = word.toLowerCase();
    const found = this.#words.find((candidate) => candidate.toLowerCase() === lower);
    if (found === undefined) return new Refused(notOneOf(this.#words));
    const value = this.#synonyms[found] ?? found;
    return { value, text: value };
  }

  print(value: W): string {
    return value;
  }

  rewrite(now: Parsed<W>, initial: Parsed<W>): RewriteLine[] {
    return oneLine(now.text, now, initial);
  }
}

/** One of some words, in any case. Errors list them in the order given. */
export function word<const W extends string>(
  initial: NoInfer<W>,
  words: readonly W[],
  flags = 0,
  synonyms: Readonly<Record<string, NoInfer<W>>> = {},
): Directive<W> {
  return directive(new WordKind(words, synonyms), initial, flags);
}

class WordsKind<W extends string> implements Kind<readonly W[]> {
  readonly manyWords = true;
  readonly #words: readonly W[];
  readonly #check: (value: readonly W[]) => string | null;

  constructor(words: readonly W[], check: (value: readonly W[]) => string | null) {
    this.#words = words;
    this.#check = check;
  }

  parse(words: readonly string[]): Parsed<readonly W[]> | Refused {
    const given = new Set(words.map((word) => word.toLowerCase()));
    const value = this.#words.filter((word) => given.delete(word) && word !== this.#words[0]);
    if (given.size > 0 || words.length === 0) return new Refused(notOneOf(this.#words));
    const reason = this.#check(value);
    return reason === null ? { value, text: this.print(value) } : new Refused(reason);
  }

  print(value: readonly W[]): string {
    return value.length === 0 ? this.#words[0]! : value.join(' ');
  }

  rewrite(now: Parsed<readonly W[]>, initial: Parsed<readonly W[]>): RewriteLine[] {
    return oneLine(now.text, now, initial);
  }
}

/** A set of words; the first word stands for the empty set, which is the initial value. */
export function words<const W extends string>(
  all: readonly W[],
  check: (value: readonly NoInfer<W>[]) => string | null = acceptAll,
  flags = 0,
): Directive<readonly W[]> {
  return directive(new WordsKind(all, check), [], flags);
}
