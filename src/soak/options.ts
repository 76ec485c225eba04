// What the command line of a soak run asks for.
import { parseArgs } from 'node:util';

/** What an active connection may do in one go, in the order of the native side (native/soak/plan.h). */
export const KINDS = ['command', 'pipeline', 'pubsub', 'churn'] as const;
export type Mix = Readonly<Record<(typeof KINDS)[number], number>>;

export interface SoakOptions {
  readonly host: string;
  /** 0: a server of our own is started for the run. */
  readonly port: number;
  readonly password: string;
  readonly connections: number;
  readonly durationSec: number;
  readonly holdSec: number;
  readonly mix: Mix;
  readonly active: number;
  readonly subscribers: number;
  readonly pipeline: number;
  readonly threads: number;
  readonly addresses: number;
  readonly privateFiles: boolean;
  readonly seed: number;
  /** Directory of the reports. */
  readonly out: string;
  readonly serverArgs: readonly string[];
}

export const USAGE = `usage: millrace-soak [--connections 1000] [--duration 10] [options]

Opens many connections to a server that speaks RESP, keeps some of them active, checks every reply, and writes a report.

  --host 127.0.0.1 --port N   the server; without a port one of our own is started for the run
  --password TEXT
  --connections 1000          from many addresses of 127.0.0.0/8 if the server is on loopback
  --duration 10               seconds of activity
  --hold 2                    seconds of silence after it
  --active 100                connections that are active at a time, each for one exchange; then others are
  --mix command:60,pipeline:20,pubsub:10,churn:10
                              shares of what they do: one command; a pipeline; PUBLISH; go, politely or not, and come back
  --subscribers N             a twentieth of the connections, at most 1000, unless pubsub has no share
  --pipeline 16               commands of a pipeline
  --threads N                 of this side; 1, or with private descriptors as many as the limit on open files asks for
  --addresses 64              source addresses; 1 on systems that have only 127.0.0.1
  --private-descriptors       each thread, of our own server too, has a descriptor table of its own (Linux)
  --seed N
  --out soak-results          where the reports go: one .json, one .html
  --server-arg=ARG            an argument for the server started here; may be given again
`;

const FLAGS = {
  host: { type: 'string', default: '127.0.0.1' },
  port: { type: 'string', default: '0' },
  password: { type: 'string', default: '' },
  connections: { type: 'string', default: '1000' },
  duration: { type: 'string', default: '10' },
  hold: { type: 'string', default: '2' },
  active: { type: 'string', default: '100' },
  mix: { type: 'string', default: 'command:60,pipeline:20,pubsub:10,churn:10' },
  subscribers: { type: 'string' },
  pipeline: { type: 'string', default: '16' },
  threads: { type: 'string' },
  addresses: { type: 'string', default: process.platform === 'linux' ? '64' : '1' },
  'private-descriptors': { type: 'boolean', default: false },
  seed: { type: 'string' },
  out: { type: 'string', default: 'soak-results' },
  'server-arg': { type: 'string', multiple: true },
  help: { type: 'boolean', default: false },
} as const;

/** Descriptors of a thread that are not for its connections. */
const SPARE_DESCRIPTORS = 64;

/** undefined if only help is asked for. Throws with a text for the user. */
export function readOptions(args: readonly string[], descriptorsMax: number): SoakOptions | undefined {
  const { values } = parseArgs({ args: [...args], options: FLAGS });
  if (values.help) return undefined;
  const connections = whole('connections', values.connections, 1, 10_000_000);
  const privateFiles = values['private-descriptors'];
  const mix = readMix(values.mix);
  const perThread = Math.max(1, descriptorsMax - SPARE_DESCRIPTORS);
  const threads = values.threads ?? (privateFiles ? Math.ceil(connections / perThread) : 1);
  const subscribers = mix.pubsub === 0 ? 0 : Math.min(1000, Math.floor(connections / 20));
  const options = {
    host: values.host === 'localhost' ? '127.0.0.1' : values.host,
    port: whole('port', values.port, 0, 65535),
    password: values.password,
    connections,
    durationSec: whole('duration', values.duration, 1, 10_000_000),
    holdSec: whole('hold', values.hold, 0, 10_000_000),
    mix,
    active: whole('active', values.active, 1, connections),
    subscribers: whole('subscribers', values.subscribers ?? subscribers, 0, connections),
    pipeline: whole('pipeline', values.pipeline, 1, 10_000),
    threads: whole('threads', threads, 1, 1000),
    addresses: whole('addresses', values.addresses, 1, 50_000),
    privateFiles,
    seed: whole('seed', values.seed ?? Date.now() % 2 ** 32, 0, 2 ** 32 - 1),
    out: values.out,
    serverArgs: values['server-arg'] ?? [],
  };
  const possible = privateFiles ? perThread * options.threads : perThread;
  if (connections > possible) {
    throw new Error(
      `${connections} connections are more than the ${possible} that the limit on open files leaves room for: ` +
        'raise it (ulimit -n), or give --private-descriptors and enough --threads',
    );
  }
  return options;
}

function whole(name: string, text: string | number, low: number, high: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= low && value <= high) return value;
  throw new Error(`--${name} takes a whole number from ${low} to ${high}, not "${text}"`);
}

function readMix(text: string): Mix {
  const mix = { command: 0, pipeline: 0, pubsub: 0, churn: 0 };
  for (const part of text.split(',')) {
    const [kind, weight = '1'] = part.split(':');
    if (!KINDS.some((known) => known === kind)) throw new Error(`--mix knows no "${kind}"`);
    mix[kind as keyof typeof mix] = whole('mix', weight, 0, 1_000_000);
  }
  if (KINDS.every((kind) => mix[kind] === 0)) throw new Error('--mix leaves nothing to do');
  return mix;
}
