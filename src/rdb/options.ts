// What the command line of millrace-rdb asks for.
import { parseArgs } from 'node:util';

export interface RdbOptions {
  readonly path: string;
  readonly json: boolean;
  /** How many of the biggest keys, and how many prefixes, are shown. */
  readonly biggest: number;
  readonly prefixes: number;
  readonly separator: string;
  readonly depth: number;
}

export const USAGE = `usage: millrace-rdb [options] dump.rdb

Says what an RDB file of Redis, Valkey or millrace holds: keys by type and encoding, the biggest keys, memory by prefix.
Memory is what the keys take in millrace. Exit code 0; 1 if the file is broken, 2 if it could not be read.

  --json            JSON instead of tables; text that is not ASCII has one character for each byte
  --biggest 10      how many keys to name
  --prefixes 20     how many prefixes to name (--json: all that were counted)
  --separator :     what separates the parts of a key's name
  --depth 1         how many parts make a prefix
`;

const FLAGS = {
  json: { type: 'boolean', default: false },
  biggest: { type: 'string', default: '10' },
  prefixes: { type: 'string', default: '20' },
  separator: { type: 'string', default: ':' },
  depth: { type: 'string', default: '1' },
  help: { type: 'boolean', default: false },
} as const;

/** Undefined if help is asked for. Throws for anything that makes no sense. */
export function readOptions(args: readonly string[]): RdbOptions | undefined {
  const { values, positionals } = parseArgs({ args: [...args], options: FLAGS, allowPositionals: true });
  if (values.help) return undefined;
  const [path] = positionals;
  if (path === undefined || positionals.length > 1) throw new Error('name one file (--help tells more)');
  if (values.separator === '') throw new Error('--separator must not be empty');
  return {
    path,
    json: values.json,
    biggest: whole('biggest', values.biggest, 0),
    prefixes: whole('prefixes', values.prefixes, 0),
    separator: Buffer.from(values.separator).toString('latin1'),
    depth: whole('depth', values.depth, 1),
  };
}

function whole(name: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least)
    throw new Error(`--${name} must be a whole number from ${least} on`);
  return value;
}
