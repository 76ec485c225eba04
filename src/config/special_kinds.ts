// Directives with a grammar of their own: save, client-output-buffer-limit, notify-keyspace-events, bind and
// others.

import { accessSync, constants, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { fromLatin1 } from '../base/bytes.ts';
import { parseDouble } from '../base/double.ts';
import { errorText } from '../base/errno.ts';
import { pathOf } from '../base/files.ts';
import { formatDoubleFixed } from '../base/longdouble.ts';
import { quote } from '../base/quoted.ts';
import { type Kind, oneLine, type Parsed, Refused, type RewriteLine, type Source } from './kind.ts';
import { formatMemory, parseLoosely, parseMemory } from './number_kinds.ts';
import * as reasons from './reasons.ts';

/** What one empty word stands for where any number of words may be given: none. */
function withoutEmpty(words: readonly string[]): readonly string[] {
  return words.length === 1 && words[0] === '' ? [] : words;
}

export interface SavePoint {
  readonly seconds: number;
  readonly changes: number;
}

/** Pairs of seconds and changes. Lines of a file add up, unless one is empty; CONFIG SET replaces all. */
export class SaveKind implements Kind<readonly SavePoint[]> {
  readonly manyWords = true;

  parse(
    words: readonly string[],
    current: Parsed<readonly SavePoint[]>,
    source: Source,
  ): Parsed<readonly SavePoint[]> | Refused {
    const given = withoutEmpty(words);
    if (given.length % 2 === 1) return new Refused(reasons.BAD_SAVE);
    const numbers = given.map((word) => parseLoosely(word, 10));
    const keep = source === 'again' && given === words;
    const points: SavePoint[] = keep ? [...current.value] : [];
    const texts: string[] = keep && current.text !== '' ? [current.text] : [];
    for (let i = 0; i < numbers.length; i += 2) {
      const seconds = numbers[i]!;
      const changes = numbers[i + 1]!;
      if (seconds === null || changes === null || seconds < 1n || changes < 0n) {
        return new Refused(reasons.BAD_SAVE);
      }
      const point = { seconds: Number(seconds), changes: Number(BigInt.asIntN(32, changes)) };
      points.push(point);
      texts.push(`${seconds} ${point.changes}`);
    }
    return { value: points, text: texts.join(' ') };
  }

  print(points: readonly SavePoint[]): string {
    return points.map((point) => `${point.seconds} ${point.changes}`).join(' ');
  }

  // Written even when it is the default, as the reference does.
  rewrite(now: Parsed<readonly SavePoint[]>): RewriteLine[] {
    const pairs = now.text.match(/\S+ \S+/g) ?? ['""'];
    return pairs.map((words) => ({ words, forced: true }));
  }
}

export interface BufferLimit {
  readonly hardBytes: number;
  readonly softBytes: number;
  readonly softSeconds: number;
}

export interface BufferLimits {
  readonly normal: BufferLimit;
  readonly replica: BufferLimit;
  readonly pubsub: BufferLimit;
}

type BufferClass = keyof BufferLimits;

const bufferClasses: ReadonlyMap<string, BufferClass> = new Map([
  ['normal', 'normal'],
  ['slave', 'replica'],
  ['replica', 'replica'],
  ['pubsub', 'pubsub'],
]);
// The reference still prints the old name of a replica in CONFIG GET, but the new one into files.
const bufferClassesPrinted: readonly (readonly [BufferClass, string])[] = [
  ['normal', 'normal'],
  ['replica', 'slave'],
  ['pubsub', 'pubsub'],
];

/** Groups of class, hard limit, soft limit and seconds; classes that are not named keep their limits. */
export class BufferLimitsKind implements Kind<BufferLimits> {
  readonly manyWords = true;

  parse(words: readonly string[], current: Parsed<BufferLimits>): Parsed<BufferLimits> | Refused {
    if (words.length % 4 !== 0) return new Refused(reasons.BUFFER_LIMIT_COUNT);
    const texts = textsByClass(current.text);
    const value: Record<BufferClass, BufferLimit> = { ...current.value };
    for (let i = 0; i < words.length; i += 4) {
      const name = bufferClasses.get(words[i]!.toLowerCase());
      if (name === undefined) return new Refused(reasons.BUFFER_LIMIT_CLASS);
      const hard = parseMemory(words[i + 1]!);
      const soft = parseMemory(words[i + 2]!);
      const seconds = parseLoosely(words[i + 3]!, 10);
      if (hard === null || soft === null || seconds === null || seconds < 0n) {
        return new Refused(reasons.BUFFER_LIMIT_NUMBER);
      }
      const softSeconds = Number(BigInt.asIntN(32, seconds));
      value[name] = { hardBytes: Number(hard), softBytes: Number(soft), softSeconds };
      texts.set(name, `${hard} ${soft} ${softSeconds}`);
    }
    const text = bufferClassesPrinted.map(([name, printed]) => `${printed} ${texts.get(name)}`).join(' ');
    return { value, text };
  }

  print(limits: BufferLimits): string {
    return bufferClassesPrinted
      .map(([name, printed]) => {
        const limit = limits[name];
        return `${printed} ${limit.hardBytes} ${limit.softBytes} ${limit.softSeconds}`;
      })
      .join(' ');
  }

  rewrite(now: Parsed<BufferLimits>, initial: Parsed<BufferLimits>): RewriteLine[] {
    const before = textsByClass(initial.text);
    return [...textsByClass(now.text)].map(([name, text]) => {
      const [hard, soft, seconds] = text.split(' ');
      const words = `${name} ${formatMemory(BigInt(hard!))} ${formatMemory(BigInt(soft!))} ${seconds}`;
      return { words, forced: text !== before.get(name) };
    });
  }
}

function textsByClass(text: string): Map<BufferClass, string> {
  const words = text.split(' ');
  return new Map(
    bufferClassesPrinted.map(([name], i) => [name, words.slice(4 * i + 1, 4 * i + 4).join(' ')] as const),
  );
}

/** Kernel's OOM scores for a master, a replica and a child. */
export class OomScoresKind implements Kind<readonly number[]> {
  readonly manyWords = true;

  parse(words: readonly string[]): Parsed<readonly number[]> | Refused {
    if (words.length !== 3) return new Refused(reasons.WRONG_ARGUMENT_COUNT);
    const value: number[] = [];
    for (const word of words) {
      const score = parseLoosely(word, 10);
      if (score === null || score < -2000n || score > 2000n) return new Refused(reasons.BAD_OOM_SCORES);
      value.push(Number(score));
    }
    return { value, text: this.print(value) };
  }

  print(value: readonly number[]): string {
    return value.join(' ');
  }

  rewrite(now: Parsed<readonly number[]>, initial: Parsed<readonly number[]>): RewriteLine[] {
    return oneLine(now.text, now, initial);
  }
}

/** Percentiles of the latencies in INFO. */
export class PercentilesKind implements Kind<readonly number[]> {
  readonly manyWords = true;

  parse(words: readonly string[]): Parsed<readonly number[]> | Refused {
    const value: number[] = [];
    for (const word of withoutEmpty(words)) {
      const percentile = parseDouble(fromLatin1(word), 0, word.length);
      if (Number.isNaN(percentile)) return new Refused(reasons.BAD_PERCENTILES);
      if (percentile < 0 || percentile > 100) return new Refused(reasons.PERCENTILES_RANGE);
      value.push(percentile);
    }
    return { value, text: this.print(value) };
  }

  print(value: readonly number[]): string {
    return value.map((percentile) => formatDoubleFixed(percentile, 6)).join(' ');
  }

  // Written even when it is the default, as the reference does.
  rewrite(now: Parsed<readonly number[]>): RewriteLine[] {
    return [{ words: now.text === '' ? '""' : now.text, forced: true }];
  }
}

/** Bits of notify-keyspace-events by their letters. "A" stands for those of `allEvents`. */
export const eventBits = {
  K: 1,
  E: 2,
  g: 4,
  $: 8,
  l: 16,
  s: 32,
  h: 64,
  z: 128,
  x: 256,
  e: 512,
  t: 1024,
  m: 2048,
  d: 8192,
  n: 16384,
  o: 32768,
  c: 65536,
} as const;

const allEvents = 'g$lshzxetd';
const allEventBits = [...allEvents].reduce((mask, letter) => mask | eventBits[letter as 'g'], 0);

/** A mask of `eventBits`. */
export class EventsKind implements Kind<number> {
  readonly manyWords = false;

  parse([word = '']: readonly string[]): Parsed<number> | Refused {
    let value = 0;
    for (const letter of word) {
      if (letter === 'A') value |= allEventBits;
      else if (Object.hasOwn(eventBits, letter)) value |= eventBits[letter as keyof typeof eventBits];
      else return new Refused(reasons.BAD_EVENT_CLASS);
    }
    return { value, text: this.print(value) };
  }

  print(value: number): string {
    const all = (value & allEventBits) === allEventBits;
    const letters = [...(all ? 'KEm' : `${allEvents}nocKEm`)] as (keyof typeof eventBits)[];
    return (all ? 'A' : '') + letters.filter((letter) => (value & eventBits[letter]) !== 0).join('');
  }

  rewrite(now: Parsed<number>, initial: Parsed<number>): RewriteLine[] {
    return oneLine(quote(now.text), now, initial);
  }
}

const bindAddressesMax = 16;

/** Addresses to listen on; a minus before one makes it optional. None at all switches TCP off. */
export class AddressesKind implements Kind<readonly string[]> {
  readonly manyWords = true;

  parse(words: readonly string[]): Parsed<readonly string[]> | Refused {
    if (words.length > bindAddressesMax) return new Refused(reasons.TOO_MANY_ADDRESSES);
    const value = withoutEmpty(words);
    return { value, text: this.print(value) };
  }

  print(value: readonly string[]): string {
    return value.join(' ');
  }

  rewrite(now: Parsed<readonly string[]>, initial: Parsed<readonly string[]>): RewriteLine[] {
    if (now.text === initial.text) return [];
    return [{ words: now.value.length === 0 ? '""' : now.value.map(quoteIfNeeded).join(' '), forced: true }];
  }
}

export interface ReplicaOf {
  readonly host: string;
  readonly port: number;
}

/** "host port", or "no one", which is null. */
export class ReplicaOfKind implements Kind<ReplicaOf | null> {
  readonly manyWords = true;

  parse(words: readonly string[]): Parsed<ReplicaOf | null> | Refused {
    if (words.length !== 2) return new Refused(reasons.WRONG_ARGUMENT_COUNT);
    const [host, port] = words as [string, string];
    if (host.toLowerCase() === 'no' && port.toLowerCase() === 'one') return { value: null, text: '' };
    const number = parseLoosely(port, 10);
    if (number === null || number < 0n || number > 65535n) return new Refused(reasons.BAD_MASTER_PORT);
    const value = { host, port: Number(number) };
    return { value, text: this.print(value) };
  }

  print(value: ReplicaOf | null): string {
    return value === null ? '' : `${value.host} ${value.port}`;
  }

  rewrite(now: Parsed<ReplicaOf | null>): RewriteLine[] {
    if (now.value === null) return [];
    return [{ words: `${quoteIfNeeded(now.value.host)} ${now.value.port}`, forced: true }];
  }
}

/** An existing directory, made absolute against the current one. */
export class DirectoryKind implements Kind<string> {
  readonly manyWords = false;

  parse([word = '']: readonly string[], current: Parsed<string>): Parsed<string> | Refused {
    try {
      // Resolved, the empty path would be the current directory; as a path of its own it does not exist.
      const path = word && pathOf(resolve(current.text, word));
      accessSync(path && `${path}/.`, constants.X_OK);
      const text = Buffer.from(realpathSync(path)).toString('latin1');
      return { value: text, text };
    } catch (error) {
      return new Refused(errorText(error));
    }
  }

  print(value: string): string {
    return value;
  }

  rewrite(now: Parsed<string>): RewriteLine[] {
    return [{ words: quote(now.text), forced: true }];
  }
}

function quoteIfNeeded(word: string): string {
  return /^[\w.:*%-]+$/.test(word) ? word : quote(word);
}

/** Values of the variables of a process title, by name. */
export type TitleValues = ReadonlyMap<string, string>;

// What each variable may become when nothing is known yet: a text, or possibly nothing.
const unknownValues: TitleValues = new Map([
  ['title', ''],
  ['listen-addr', '*'],
  ['server-mode', ''],
  ['port', '0'],
  ['tls-port', '0'],
  ['unixsocket', ''],
  ['config-file', '-'],
]);

/**
 * A template of the process title: text with {variables}, and "{{" for a brace. It is refused when it names
 * an unknown variable or would leave nothing but white space.
 */
export function isTitleTemplate(template: string): string | null {
  const title = expandTitle(template, unknownValues);
  return title === null || /^ *$/.test(title) ? reasons.BAD_TITLE : null;
}

/** The title that a template gives; null if it names a variable without a value. */
export function expandTitle(template: string, values: TitleValues): string | null {
  let unknown = false;
  const title = template.replace(/\{\{|\{([^}]*)(\}?)/g, (brace, name: string | undefined, close: string) => {
    if (brace === '{{') return '{';
    const value = close === '' ? undefined : values.get(name!);
    if (value === undefined) unknown = true;
    return value ?? '';
  });
  return unknown ? null : title;
}
