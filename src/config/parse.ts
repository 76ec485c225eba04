// Reading a configuration: a file, what it includes, standard input and the command line, in redis.conf's
// grammar.
//
//   name word "quoted word" …      # lines that start with a hash are comments, words elsewhere are not
//
// The three sources are joined into one text and numbered as one, so that an error on the command line has a
// line number, too. Later lines win; a few directives add up. Lines that concern other parts (users, renamed
// commands, modules) are kept with their place, so that those parts can complain in the same form.

import { closeSync, openSync } from 'node:fs';
import { resolve } from 'node:path';
import { errorText } from '../base/errno.ts';
import { type Files, pathOf } from '../base/files.ts';
import { splitQuoted, trimLine } from '../base/quoted.ts';
import { MILLRACE_VERSION, SERVER_NAME } from '../base/version.ts';
import type { Config } from './config.ts';
import { expandPath, hasWildcard } from './include.ts';
import * as reasons from './reasons.ts';

/**
 * A line of the configuration: its number in its file, from 1, and its text without white space at the ends.
 */
export interface Place {
  readonly line: number;
  readonly text: string;
}

/** The configuration is wrong. `message` is what goes to standard error, one character per byte. */
export class ConfigError extends Error {
  constructor(reason: string, place?: Place) {
    const where = place ? `Reading the configuration file, at line ${place.line}\n>>> '${place.text}'\n` : '';
    super(`\n*** FATAL CONFIG FILE ERROR (${SERVER_NAME} ${MILLRACE_VERSION}) ***\n${where}${reason}\n`);
  }
}

/** A configuration file cannot be read. `message` is for the log, at warning level. */
export class ConfigFileError extends Error {
  constructor(path: string, cause: unknown) {
    super(`Fatal error, can't open config file '${path}': ${errorText(cause)}`, { cause });
  }
}

/** A line for another part of the server. */
export interface ForeignLine {
  readonly name: 'rename-command' | 'user' | 'loadmodule';
  readonly words: readonly string[];
  readonly place: Place;
}

export interface Sources {
  /** Absolute path of the file, or a pattern of paths; null for none. */
  readonly path: string | null;
  /** What follows the file without a break, as standard input; empty for nothing. */
  readonly input: string;
  /** Lines of the command line. */
  readonly options: string;
}

// Old directives that mean nothing any more and are passed over when they have one argument.
const ignored = new Set(['list-max-ziplist-entries', 'list-max-ziplist-value', 'lua-replicate-commands']);
const foreignWordsMin = { 'rename-command': 2, user: 1, loadmodule: 1 } as const;
const includeDepthMax = 16;

/**
 * Applies everything to `config`, and returns the lines for others, in order.
 * @throws ConfigError, ConfigFileError
 */
export function readConfig(config: Config, sources: Sources, files: Files): ForeignLine[] {
  const reader = new Reader(config, files);
  const text = sources.path === null ? '' : reader.readFiles(sources.path);
  reader.readText(
    sources.options === '' ? text + sources.input : `${text}${sources.input}\n${sources.options}`,
    0,
  );
  if (config.boolean('cluster-enabled') && config.value('replicaof') !== null) {
    throw new ConfigError(reasons.REPLICA_IN_CLUSTER);
  }
  checkLogFile(config);
  return reader.foreign;
}

class Reader {
  readonly foreign: ForeignLine[] = [];
  readonly #config: Config;
  readonly #files: Files;

  constructor(config: Config, files: Files) {
    this.#config = config;
    this.#files = files;
  }

  /**
   * The text of a file, or of all that match a pattern. `path` is taken as relative to the current directory.
   */
  readFiles(path: string): string {
    const absolute = resolve(this.#config.string('dir'), path);
    const paths = hasWildcard(path) ? expandPath(absolute) : [absolute];
    return paths.map((each) => this.#readFile(each, hasWildcard(path) ? each : path)).join('');
  }

  readText(text: string, depth: number): void {
    const lines = text.split('\n');
    for (let i = 0; i < lines.length; i++) {
      const place = { line: i + 1, text: trimLine(lines[i]!) };
      if (place.text === '' || place.text[0] === '#') continue;
      const words = splitQuoted(place.text);
      if (words === null) throw new ConfigError(reasons.UNBALANCED_QUOTES, place);
      if (words.length === 0) continue;
      const reason = this.#applyLine(words[0]!.toLowerCase(), words.slice(1), place, depth);
      if (reason !== null) throw new ConfigError(reason, place);
    }
  }

  #readFile(path: string, shown: string): string {
    try {
      return Buffer.from(this.#files.read(pathOf(path))).toString('latin1');
    } catch (error) {
      throw new ConfigFileError(shown, error);
    }
  }

  #applyLine(name: string, words: string[], place: Place, depth: number): string | null {
    if (this.#config.find(name) !== undefined) return this.#config.applyLine(name, words);
    if (ignored.has(name) && words.length === 1) return null;
    if (name === 'include' && words.length === 1) {
      if (depth === includeDepthMax) return reasons.INCLUDE_TOO_DEEP;
      this.readText(this.readFiles(words[0]!), depth + 1);
      return null;
    }
    if (name === 'sentinel') return reasons.NOT_IN_SENTINEL_MODE;
    return this.#keepForeign(name, words, place) ? null : reasons.BAD_DIRECTIVE;
  }

  #keepForeign(name: string, words: string[], place: Place): boolean {
    if (!Object.hasOwn(foreignWordsMin, name)) return false;
    const kept = name as keyof typeof foreignWordsMin;
    if (words.length < foreignWordsMin[kept] || (kept === 'rename-command' && words.length > 2)) return false;
    this.foreign.push({ name: kept, words, place });
    return true;
  }
}

// A log file that cannot be written should stop the start, not be missed later.
function checkLogFile(config: Config): void {
  const path = config.file('logfile');
  if (path === '') return;
  try {
    closeSync(openSync(path, 'a'));
  } catch (error) {
    throw new ConfigError(`Can't open the log file: ${errorText(error)}`);
  }
}
