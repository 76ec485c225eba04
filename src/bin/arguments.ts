// The command line, as redis-server has it: [file] [--directive value …] [-], or one of a few words that do
// not start a server. Options become configuration lines behind those of the file and of standard input, so
// the last one wins.

import { resolve } from 'node:path';
import { type Files, textOf } from '../base/files.ts';
import type { Logger } from '../base/log.ts';
import { quote, splitQuoted } from '../base/quoted.ts';
import { MILLRACE_VERSION, REDIS_VERSION, SERVER_NAME } from '../base/version.ts';
import { Config } from '../config/config.ts';
import { hasWildcard } from '../config/include.ts';
import { ConfigError, ConfigFileError, type ForeignLine, readConfig } from '../config/parse.ts';

/** Start a server with this configuration. */
export interface Run {
  readonly kind: 'run';
  readonly config: Config;
  /** Users, renamed commands and modules, for those who know about them. */
  readonly foreign: readonly ForeignLine[];
}

/** Print and leave. Texts have one character per byte and bring their own line ends. */
export interface Exit {
  readonly kind: 'exit';
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

export interface Surroundings {
  /** Current directory, an absolute path. */
  readonly directory: string;
  /** All of standard input; called at most once. */
  readonly readInput: () => Uint8Array;
  readonly files: Files;
  readonly log: Logger;
}

const usage = `Usage: ${SERVER_NAME} [file] [--directive value ...] [-]

  file                   settings in the format of redis.conf
  --directive value ...  any setting of such a file; overrides the file
  -                      read more settings from standard input
  -v, --version          print the version
  -h, --help             print this help
  --healthcheck ...      exit with 0 if a server with these settings answers
  --check-system         tell what the operating system should be set to
  --test-memory <MB>     not available here, see the message

Examples:
  ${SERVER_NAME}
  ${SERVER_NAME} --port 7777 --save 60 1 --save 300 10
  ${SERVER_NAME} /etc/redis/redis.conf --loglevel verbose
  echo 'maxmemory 128mb' | ${SERVER_NAME} -
`;

const build = `v=${MILLRACE_VERSION} bits=64 node=${process.versions.node}`;
const version = `${SERVER_NAME} server, speaks Redis ${REDIS_VERSION}: ${build}\n`;

const systemReport = `[overcommit]...OK: no process is forked, so vm.overcommit_memory may have any value
[THP]...OK: transparent huge pages do no harm without fork
[clocksource]...OK: the clock is read once per batch of commands, a slow one costs little
`;

const noMemoryTest = `${SERVER_NAME} cannot test the memory of the machine; memtest86+ and memtester can.\n`;
const memoryTestUsage = `Please give the megabytes to test, as in: ${SERVER_NAME} --test-memory 4096\n`;
const noSentinel = `${SERVER_NAME} has no Sentinel mode.\n`;

/** `args` are those behind the program's name, as Node gives them. */
export function readCommandLine(args: readonly string[], surroundings: Surroundings): Run | Exit {
  const bytes = args.map(textOf);
  return answerTo(bytes) ?? configure(bytes, surroundings);
}

function exit(code: number, output: string, errors: string): Exit {
  return { kind: 'exit', code, output, errors };
}

// Words that ask for something else than a server; only the first argument can be one.
function answerTo(args: readonly string[]): Exit | null {
  switch (args[0]) {
    case '-v':
    case '--version':
      return exit(0, version, '');
    case '-h':
    case '--help':
      return exit(1, '', usage);
    case '--check-system':
      return args.length === 1 ? exit(0, systemReport, '') : null;
    case '--test-memory':
      return exit(1, '', args.length === 2 ? noMemoryTest : memoryTestUsage);
    default:
      return args.includes('--sentinel') ? exit(1, '', noSentinel) : null;
  }
}

function configure(args: readonly string[], surroundings: Surroundings): Run | Exit {
  const directory = textOf(surroundings.directory);
  const config = new Config(directory);
  const hasFile = args.length > 0 && args[0]![0] !== '-';
  // An empty name is a start script's unset variable: no file.
  const path = hasFile && args[0] !== '' ? resolve(directory, args[0]!) : null;
  const { options, readsInput } = readOptions(args, hasFile ? 1 : 0);
  try {
    const input = readsInput ? readInput(surroundings) : '';
    const foreign = readConfig(config, { path, input, options }, surroundings.files);
    if (path !== null && !hasWildcard(path)) config.path = path;
    return { kind: 'run', config, foreign };
  } catch (error) {
    if (error instanceof ConfigError) return exit(1, '', error.message);
    if (!(error instanceof ConfigFileError)) throw error;
    surroundings.log.warning(error.message);
    return exit(1, '', '');
  }
}

function readInput({ readInput, log }: Surroundings): string {
  log.warning('Reading config from stdin');
  return Buffer.from(readInput()).toString('latin1');
}

interface Options {
  /** Lines of configuration. */
  readonly options: string;
  readonly readsInput: boolean;
}

// What follows "--name" are its words, up to the next "--name"; but the first word may itself start with
// "--", as in "--proc-title-template --title--". The exception from this exception is "--save" without words:
// it empties the list.
function readOptions(args: readonly string[], first: number): Options {
  let options = '';
  let readsInput = false;
  let mayBeName = true;
  for (let i = first; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '-' && (i === 0 || i === args.length - 1)) {
      readsInput = true;
    } else if (mayBeName && arg.startsWith('--')) {
      options += `${options === '' ? '' : '\n'}${arg.slice(2)} `;
      const isBare = splitQuoted(arg)?.length === 1;
      const isEmptySave = arg.toLowerCase() === '--save' && (args[i + 1]?.startsWith('--') ?? true);
      if (isEmptySave) options += '""';
      mayBeName = !isBare || isEmptySave;
    } else {
      options += `${quote(arg)} `;
      mayBeName = true;
    }
  }
  return { options, readsInput };
}
