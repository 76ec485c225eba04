// What createServer takes: a few options of its own, and the directives of redis.conf, typed after their table.
import { textOf } from '../base/files.ts';
import { Config } from '../config/config.ts';
import { directives, type SettingName, type SettingValue } from '../config/table.ts';
import type { AnyPort } from './network.ts';

/** Directives that concern a process which is nothing but a server. */
const PROGRAM_ONLY = [
  'always-show-logo',
  'daemonize',
  'pidfile',
  'proc-title-template',
  'set-proc-title',
  'shutdown-on-sigint',
  'shutdown-on-sigterm',
  'supervised',
] as const satisfies SettingName[];

type ProgramOnly = (typeof PROGRAM_ONLY)[number];

type Camel<S extends string> = S extends `${infer Head}${'-' | '_'}${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : S;

type Input<T> = [T] extends [boolean]
  ? boolean | 'yes' | 'no'
  : [T] extends [number]
    ? number | string
    : [T] extends [string]
      ? T
      : string | readonly (string | number)[];

/** The directives of redis.conf in camelCase, values as there or as JavaScript has them. */
export type DirectiveOptions = {
  [Name in Exclude<SettingName, ProgramOnly | 'port'> as Camel<Name>]?: Input<SettingValue<Name>>;
};

/** The same under their own names. */
export type QuotedDirectiveOptions = {
  [Name in Exclude<SettingName, ProgramOnly | 'port'>]?: Input<SettingValue<Name>>;
};

/** A directive's name without its `tls-`. */
type TlsName = SettingName extends infer Name ? (Name extends `tls-${infer Rest}` ? Rest : never) : never;

/** Options of TLS: see the option `tls`. */
export type TlsOptions = {
  [Rest in TlsName as Camel<Rest>]?: Input<SettingValue<`tls-${Rest}` & SettingName>>;
};

export interface OwnOptions {
  /** TCP port; 0 (the default) takes any free one, null listens on no port (then give `unixSocket`). */
  port?: number | null;
  /** Address to listen on, 127.0.0.1 by default; `bind` takes several. */
  host?: string;
  /**
   * TLS, with the directives `tls-…` in camelCase without their `tls`: `{ certFile, keyFile, caCertFile }`, and `port`, where
   * 0 (the default) takes any free one. Without the option `port` beside it, TLS is all that is spoken.
   */
  tls?: TlsOptions;
  /** Path of a unix socket to listen on as well. */
  unixSocket?: string;
  /** 'virtual': time stands still until `advance`. */
  clock?: 'system' | 'virtual';
  /** Any integer: makes random replies and the order of keys repeatable. */
  seed?: number;
  /** Whether the server keeps the process alive; false by default. */
  keepAlive?: boolean;
  /** Redzones around every block of memory; for hunting bugs. */
  checked?: boolean;
}

export interface CreateServerOptions extends OwnOptions, DirectiveOptions, QuotedDirectiveOptions {}

const OWN = ['port', 'host', 'tls', 'unixSocket', 'clock', 'seed', 'keepAlive', 'checked'] as const;

/** The configuration that options ask for. Throws TypeError, naming the option. */
export function configOf(options: CreateServerOptions): Config {
  const config = new Config(textOf(process.cwd()));
  const apply = (option: string, name: string, value: unknown): void => {
    const words = wordsOf(value);
    const reason = words === null ? 'not a text, number, boolean or list' : config.applyLine(name, words);
    if (reason !== null) throw new TypeError(`createServer: option ${option}: ${reason}`);
  };
  checkOwn(options);
  apply('save', 'save', '');
  apply('host', 'bind', options.host ?? '127.0.0.1');
  apply('port', 'port', options.port ?? 0);
  for (const [option, value] of Object.entries(options.tls ?? {})) {
    if (value !== undefined) apply(`tls.${option}`, directiveName(config, tlsName(option)), value);
  }
  if (options.unixSocket !== undefined) apply('unixSocket', 'unixsocket', options.unixSocket);
  for (const [option, value] of Object.entries(options)) {
    if (isOwn(option) || value === undefined) continue;
    apply(option, directiveName(config, option), value);
  }
  return config;
}

/** The directive, in camelCase, that an option of TLS means. */
function tlsName(option: string): string {
  return `tls${option.charAt(0).toUpperCase()}${option.slice(1)}`;
}

/** For which ports 0 means any free one. */
export function anyPortOf({ port, tls }: CreateServerOptions): AnyPort {
  return {
    port: port === 0 || (port === undefined && tls === undefined),
    tlsPort: tls !== undefined && Number(tls.port ?? 0) === 0,
  };
}

/** Whether a key of the options is one that no directive stands behind. */
function isOwn(option: string): boolean {
  return (OWN as readonly string[]).includes(option);
}

/** What types alone would catch, for those who write JavaScript. */
function checkOwn({ clock, seed, host, bind }: CreateServerOptions): void {
  const wrong = (option: string, reason: string) =>
    new TypeError(`createServer: option ${option}: ${reason}`);
  if (clock !== undefined && clock !== 'system' && clock !== 'virtual') {
    throw wrong('clock', "must be 'system' or 'virtual'");
  }
  if (seed !== undefined && !Number.isSafeInteger(seed)) throw wrong('seed', 'must be an integer');
  if (host !== undefined && bind !== undefined)
    throw wrong('host', 'cannot go with bind, which says the same');
}

/** The name of the directive that an option means, in whichever way it is spelled. */
function directiveName(config: Config, option: string): string {
  const name = option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const setting = config.find(name);
  if (setting === undefined) throw new TypeError(unknownText(option));
  if ((PROGRAM_ONLY as readonly string[]).includes(setting.name)) {
    throw new TypeError(`createServer: option ${option} is for the program, not for a server inside another`);
  }
  return name;
}

/** The words of a configuration line; null when the value cannot stand in one. */
function wordsOf(value: unknown): string[] | null {
  if (typeof value === 'string') return [textOf(value)];
  if (typeof value === 'number') return [String(value)];
  if (typeof value === 'boolean') return [value ? 'yes' : 'no'];
  if (!Array.isArray(value)) return null;
  const words = value.map(wordsOf);
  return words.some((word) => word === null) ? null : (words as string[][]).flat();
}

function unknownText(option: string): string {
  const known = [...OWN, ...Object.keys(directives).map(camelName)];
  const near = known
    .map((name) => ({ name, distance: distance(option.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)[0]!;
  const hint = near.distance <= Math.max(1, option.length / 4) ? `; did you mean ${near.name}?` : '';
  return `createServer: unknown option ${option}${hint}`;
}

/** A directive's name as an option. */
export function camelName(name: string): string {
  return name.replace(/[-_](.)/g, (_, letter: string) => letter.toUpperCase());
}

/** Levenshtein's: how many insertions, removals and replacements of a character make `a` of `b`. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
