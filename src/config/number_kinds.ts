// Directives that are numbers: integers, amounts of memory, percentages of memory, permission bits.
//
// Numbers are read as 64-bit integers, as the reference does. The value handed to the program is a JavaScript
// number (rounded beyond 2^53, where nobody needs the last bit); the text stays exact.

import { fromLatin1 } from '../base/bytes.ts';
import { parseInt64 } from '../base/int64.ts';
import {
  type Directive,
  directive,
  type Kind,
  oneLine,
  type Parsed,
  Refused,
  type RewriteLine,
} from './kind.ts';
import {
  NOT_AN_INTEGER,
  NOT_MEMORY,
  NOT_MEMORY_OR_PERCENT,
  NOT_OCTAL,
  notBetween,
  percentTooBig,
} from './reasons.ts';

export const INT_MIN = -2147483648;
export const INT_MAX = 2147483647;
export const UINT_MAX = 4294967295;
export const LONG_MAX = 9223372036854775807n;
export const ULONG_MAX = 18446744073709551615n;

type Bound = number | bigint;

const units: ReadonlyMap<string, bigint> = new Map([
  ['', 1n],
  ['b', 1n],
  ['k', 1000n],
  ['kb', 1n << 10n],
  ['m', 1_000_000n],
  ['mb', 1n << 20n],
  ['g', 1_000_000_000n],
  ['gb', 1n << 30n],
]);
const memoryDigitsMax = 127;

/**
 * Reads "100", "1k" (1000), "1kb" (1024), up to "gb". As in C, digits beyond 64 bits saturate, the
 * multiplication wraps around, and no digits at all are 0. Null when it is no amount of memory.
 */
export function parseMemory(text: string): bigint | null {
  const match = /^(\d*)([a-z]*)$/i.exec(text);
  const unit = match === null ? undefined : units.get(match[2]!.toLowerCase());
  if (match === null || unit === undefined || match[1]!.length > memoryDigitsMax) return null;
  const digits = BigInt(match[1]!);
  return BigInt.asUintN(64, (digits > ULONG_MAX ? ULONG_MAX : digits) * unit);
}

/** In the largest unit that divides it: "1gb", "1500kb", "1000". */
export function formatMemory(bytes: bigint): string {
  for (const name of ['gb', 'mb', 'kb']) {
    const unit = units.get(name)!;
    if (bytes !== 0n && bytes % unit === 0n) return `${bytes / unit}${name}`;
  }
  return bytes.toString();
}

/**
 * Reads a number as C's strtoll with base 10 or 8 does: white space before it and a plus are fine, so is
 * nothing.
 */
export function parseLoosely(text: string, base: 8 | 10): bigint | null {
  if (text === '') return 0n;
  const match = (base === 10 ? /^[ \t-\r]*([-+]?)(\d+)$/ : /^[ \t-\r]*([-+]?)([0-7]+)$/).exec(text);
  if (match === null) return null;
  const magnitude = BigInt(base === 10 ? match[2]! : `0o${match[2]}`);
  const value = match[1] === '-' ? -magnitude : magnitude;
  if (value > LONG_MAX) return LONG_MAX;
  return value < -LONG_MAX - 1n ? -LONG_MAX - 1n : value;
}

abstract class NumberKind implements Kind<number> {
  readonly manyWords = false;
  protected readonly base: number = 10;
  readonly #min: Bound;
  readonly #max: Bound;
  readonly #adjust: (n: bigint) => bigint;

  constructor(min: Bound, max: Bound, adjust: (n: bigint) => bigint) {
    this.#min = min;
    this.#max = max;
    this.#adjust = adjust;
  }

  parse([word = '']: readonly string[]): Parsed<number> | Refused {
    const n = this.read(word);
    if (n instanceof Refused) return n;
    if (n < this.#min || n > this.#max) {
      return new Refused(notBetween(this.show(BigInt(this.#min)), this.show(BigInt(this.#max))));
    }
    const adjusted = this.#adjust(n);
    return { value: Number(adjusted), text: this.show(adjusted) };
  }

  print(value: number): string {
    return Number.isSafeInteger(value) ? value.toString(this.base) : this.show(BigInt(value));
  }

  rewrite(now: Parsed<number>, initial: Parsed<number>): RewriteLine[] {
    return oneLine(this.shorten(now.text), now, initial);
  }

  protected abstract read(word: string): bigint | Refused;

  protected show(n: bigint): string {
    return n.toString(this.base);
  }

  protected shorten(text: string): string {
    return text;
  }
}

class IntegerKind extends NumberKind {
  protected read(word: string): bigint | Refused {
    return parseInt64(fromLatin1(word), 0, word.length) ?? new Refused(NOT_AN_INTEGER);
  }
}

class MemoryKind extends NumberKind {
  protected read(word: string): bigint | Refused {
    return parseMemory(word) ?? new Refused(NOT_MEMORY);
  }

  protected override shorten(text: string): string {
    return formatMemory(BigInt(text));
  }
}

class OctalKind extends NumberKind {
  protected override readonly base = 8;

  protected read(word: string): bigint | Refused {
    return parseLoosely(word, 8) ?? new Refused(NOT_OCTAL);
  }
}

/**
 * Negative values are percentages. (In the reference an amount beyond 63 bits becomes one, too; here it is
 * refused.)
 */
class MemoryOrPercentKind implements Kind<number> {
  readonly manyWords = false;

  parse([word = '']: readonly string[]): Parsed<number> | Refused {
    const percent = /^(0|[1-9]\d{0,17})%$/.exec(word);
    const bytes = percent === null ? parseMemory(word) : BigInt(percent[1]!);
    if (bytes === null) return new Refused(NOT_MEMORY_OR_PERCENT);
    if (percent === null) {
      if (bytes > LONG_MAX) return new Refused(notBetween('-100', LONG_MAX.toString()));
      return { value: Number(bytes), text: bytes.toString() };
    }
    if (bytes > 100n) return new Refused(percentTooBig(100));
    const value = -Number(bytes) + 0;
    return { value, text: this.print(value) };
  }

  print(value: number): string {
    return value < 0 ? `${-value}%` : String(value);
  }

  rewrite(now: Parsed<number>, initial: Parsed<number>): RewriteLine[] {
    const words = now.value < 0 ? now.text : formatMemory(BigInt(now.text));
    return oneLine(words, now, initial);
  }
}

const asGiven = (n: bigint): bigint => n;

/** `adjust` changes an accepted number silently, as the reference does for a few. */
export function integer(
  initial: number,
  min: Bound,
  max: Bound,
  flags = 0,
  alias = '',
  adjust: (n: bigint) => bigint = asGiven,
): Directive<number> {
  return directive(new IntegerKind(min, max, adjust), initial, flags, alias);
}

export function memory(
  initial: number,
  min: Bound,
  max: Bound,
  flags = 0,
  alias = '',
  adjust: (n: bigint) => bigint = asGiven,
): Directive<number> {
  return directive(new MemoryKind(min, max, adjust), initial, flags, alias);
}

/** An amount of memory, or a percentage of maxmemory as a negative value (-1 .. -100). */
export function memoryOrPercent(initial: number, flags = 0): Directive<number> {
  return directive(new MemoryOrPercentKind(), initial, flags);
}

/** Permission bits, written in octal. */
export function octal(initial: number, min: Bound, max: Bound, flags = 0): Directive<number> {
  return directive(new OctalKind(min, max, asGiven), initial, flags);
}
