// The command line of `npm run bench`.
import { parseArgs } from 'node:util';
import { TARGETS, type Target } from './targets.ts';
import { shortened, TRIALS, type Trial } from './trials.ts';

export interface Options {
  readonly short: boolean;
  readonly turns: number;
  readonly trials: readonly Trial[];
  readonly targets: readonly Target[];
  readonly named: boolean; // the targets were asked for by name
  readonly json: string | undefined;
  readonly port: number;
  readonly seconds: number;
  readonly warmupSeconds: number;
}

export const USAGE = `usage: npm run bench -- [options]
  --short            a few small trials, one turn: checks that figures come out, not what they are
  --trial NAME       only this trial; * stands for any letters (may be given often)
  --target NAME      only this server (may be given often)
  --server NAME=CMD  one more server to compare, e.g. 'old=node /elsewhere/dist/millrace.js'
  --turns N          turns of each trial, the servers alternating (default 3)
  --seconds S        measured time of a turn (default 2)
  --port N           first port (default 24100)
  --json FILE        where the JSON goes (default bench/results/DATE.json, and DATE.svg beside it)
  --list             name the trials`;

const SPEC = {
  short: { type: 'boolean', default: false },
  trial: { type: 'string', multiple: true },
  target: { type: 'string', multiple: true },
  server: { type: 'string', multiple: true },
  turns: { type: 'string' },
  seconds: { type: 'string' },
  port: { type: 'string', default: '24100' },
  json: { type: 'string' },
  list: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** The options, or a text to print instead of running; throws on a mistake. */
export function readOptions(args: readonly string[]): Options | string {
  const { values } = parseArgs({ args: [...args], options: SPEC });
  if (values.help) return USAGE;
  if (values.list) return TRIALS.map((trial) => trial.name).join('\n');
  const { short } = values;
  const named = values.trial && new Set(values.trial.flatMap(trialsNamed));
  const trials = named ? [...named] : TRIALS.filter((trial) => !short || trial.short);
  const extra = values.server?.map(targetOf) ?? [];
  const targets = values.target?.map(targetNamed) ?? TARGETS;
  return {
    short,
    turns: positive('--turns', values.turns ?? (short ? '1' : '3')),
    trials: short ? trials.map(shortened) : trials,
    targets: [...targets, ...extra],
    named: values.target !== undefined,
    json: values.json,
    port: positive('--port', values.port),
    seconds: positive('--seconds', values.seconds ?? (short ? '0.5' : '2')),
    warmupSeconds: short ? 0.2 : 0.5,
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`${name} takes a number above zero, not "${text}"`);
  return value;
}

function trialsNamed(name: string): Trial[] {
  const pattern = new RegExp(`^${name.split('*').map(literal).join('.*')}$`);
  const found = TRIALS.filter((trial) => pattern.test(trial.name));
  if (found.length === 0) throw new Error(`no trial is called "${name}"; --list names them`);
  return found;
}

function literal(text: string): string {
  return text.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
}

function targetNamed(name: string): Target {
  const found = TARGETS.find((target) => target.name === name);
  if (found === undefined)
    throw new Error(`no server is called "${name}": ${TARGETS.map((t) => t.name).join(', ')}`);
  return found;
}

function targetOf(text: string): Target {
  const [, name, command] = /^([\w.-]+)=(.+)$/.exec(text) ?? [];
  if (name === undefined) throw new Error(`--server takes NAME=COMMAND, not "${text}"`);
  const [program, ...prefix] = command!.split(' ');
  return { name, command: program!, prefix, version: undefined, optional: false };
}
