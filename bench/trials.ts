// What is measured: one row a trial.
//
// A bar is what millrace is to reach, as a ratio to redis-server or as a value; it is printed beside the figure and
// decides nothing, because a figure taken on a shared machine must not fail a test.
import type { DatasetName } from './datasets.ts';
import type { FigureName } from './figures.ts';
import { TYPE_TRIALS } from './type_trials.ts';

export interface Bar {
  readonly figure: FigureName;
  readonly ratio?: number; // to the reference
  readonly value?: number;
}

interface Named {
  readonly name: string;
  readonly short?: boolean; // also part of --short
  readonly bars: readonly Bar[];
}

export interface LoadTrial extends Named {
  readonly kind: 'load';
  /** redis-benchmark's clocks are the ones people know; loadgen checks every reply, is leaner, and knows mixes and Zipf. */
  readonly client: 'redis-benchmark' | 'loadgen';
  /** A test of redis-benchmark, or a mix for loadgen; with `command`, the name of what it runs. */
  readonly load: string;
  /** A command for redis-benchmark in place of a test of its own. */
  readonly command?: string;
  /** What is in the server before the load begins. */
  readonly dataset?: DatasetName;
  readonly pipeline: number;
  readonly connections: number;
  readonly valueBytes: number;
  readonly keys: number;
  readonly distribution: 'uniform' | 'zipf';
  readonly ioThreads: number;
  /** Connections that are open besides and do nothing: the load is measured without them first. */
  readonly idle?: number;
  /** The append-only file is on, and synced like this. */
  readonly appendfsync?: 'always' | 'everysec';
  /** Through TLS; redis-benchmark only. */
  readonly tls?: true;
}

export interface ConnectTrial extends Named {
  readonly kind: 'connect';
  readonly ioThreads: number;
}

export interface PubsubTrial extends Named {
  readonly kind: 'pubsub';
  readonly subscribers: number;
  /** Messages under way at a time. */
  readonly window: number;
  readonly ioThreads: number;
}

export interface ForgetTrial extends Named {
  readonly kind: 'forget';
  /** Clients that ask for a large value and never read it, and how many of them go and come again each second. */
  readonly forgetful: number;
  readonly anewPerSecond: number;
  readonly valueBytes: number;
  /** maxmemory-clients. */
  readonly ceilingMb: number;
}

export interface MemoryTrial extends Named {
  readonly kind: 'memory';
  readonly keys: number;
  readonly valueBytes: number;
}

export interface ConnectionsTrial extends Named {
  readonly kind: 'connections';
  readonly connections: number;
  readonly idleSeconds: number;
}

export interface StallTrial extends Named {
  readonly kind: 'stall';
  readonly keys: number;
  readonly pingsPerSecond: number;
}

export interface SaveTrial extends Named {
  readonly kind: 'save';
  readonly keys: number;
  readonly pingsPerSecond: number;
  /** Whether clients overwrite keys meanwhile. */
  readonly writes: boolean;
}

export interface StartTrial extends Named {
  readonly kind: 'start';
  readonly starts: number;
}

export interface ElementsTrial extends Named {
  readonly kind: 'elements';
  readonly dataset: DatasetName;
}

export interface ValueStallTrial extends Named {
  readonly kind: 'value-stall';
  readonly dataset: DatasetName;
  /** Whether the dataset's deletion is measured, or its growth. */
  readonly drop: boolean;
  readonly pingsPerSecond: number;
}

export interface HandoverTrial extends Named {
  readonly kind: 'handover';
  readonly pairs: number;
}

export interface GroupsTrial extends Named {
  readonly kind: 'groups';
  readonly connections: number;
}

export type Trial =
  | LoadTrial
  | ConnectTrial
  | PubsubTrial
  | ForgetTrial
  | MemoryTrial
  | ConnectionsTrial
  | StallTrial
  | SaveTrial
  | StartTrial
  | ElementsTrial
  | ValueStallTrial
  | HandoverTrial
  | GroupsTrial;

const PIPELINE_BARS: Readonly<Record<number, readonly Bar[]>> = {
  1: [
    { figure: 'perSecond', ratio: 0.95 },
    { figure: 'cpuUs', ratio: 0.9 },
  ],
  16: [
    { figure: 'perSecond', ratio: 2 },
    { figure: 'cpuUs', ratio: 0.5 },
  ],
  64: [
    { figure: 'perSecond', ratio: 2.5 },
    { figure: 'cpuUs', ratio: 0.4 },
  ],
};
const LARGER_VALUES: readonly Bar[] = [{ figure: 'perSecond', ratio: 1.7 }];

function load(name: string, settings: Partial<LoadTrial> & Pick<LoadTrial, 'load'>): LoadTrial {
  return {
    kind: 'load',
    name,
    client: 'redis-benchmark',
    pipeline: 1,
    connections: 50,
    valueBytes: 32,
    keys: 1_000_000,
    distribution: 'uniform',
    ioThreads: 1,
    bars: [],
    ...settings,
  };
}

const MIX = { load: 'get:10,set:1', client: 'loadgen' } as const;
const LEAN = { client: 'loadgen' } as const;
const KIB = { valueBytes: 1024 };
const KIB64 = { valueBytes: 65_536, keys: 2_000 };

export const TRIALS: readonly Trial[] = [
  load('get-p1', { load: 'get', bars: PIPELINE_BARS[1], short: true }),
  load('set-p1', { load: 'set', bars: PIPELINE_BARS[1] }),
  load('get-p16', { load: 'get', pipeline: 16, bars: PIPELINE_BARS[16] }),
  load('set-p16', { load: 'set', pipeline: 16, bars: PIPELINE_BARS[16], short: true }),
  load('get-p64', { load: 'get', pipeline: 64, bars: PIPELINE_BARS[64] }),
  load('set-p64', { load: 'set', pipeline: 64, bars: PIPELINE_BARS[64] }),

  load('get-p16-lean', { ...LEAN, load: 'get', pipeline: 16, bars: PIPELINE_BARS[16] }),
  load('set-p16-lean', { ...LEAN, load: 'set', pipeline: 16, bars: PIPELINE_BARS[16] }),
  load('get-p64-lean', { ...LEAN, load: 'get', pipeline: 64, bars: PIPELINE_BARS[64], short: true }),
  load('set-p64-lean', { ...LEAN, load: 'set', pipeline: 64, bars: PIPELINE_BARS[64] }),

  load('set-p16-everysec', {
    ...LEAN,
    load: 'set',
    pipeline: 16,
    appendfsync: 'everysec',
    bars: [{ figure: 'perSecond', ratio: 2 }],
  }),
  load('set-c50-always', {
    ...LEAN,
    load: 'set',
    appendfsync: 'always',
    bars: [{ figure: 'perSecond', ratio: 1 }],
  }),

  load('incr-p1', { load: 'incr' }),
  load('incr-p16', { load: 'incr', pipeline: 16 }),
  load('incr-p64-lean', { ...LEAN, load: 'incr', pipeline: 64, keys: 100_000, short: true }),
  load('mset-p1', { load: 'mset' }),
  load('mset-p16', { load: 'mset', pipeline: 16 }),

  load('mixed-p1', MIX),
  load('mixed-p16', { ...MIX, pipeline: 16 }),
  load('mixed-p64', { ...MIX, pipeline: 64 }),
  load('mixed-zipf-p1', { ...MIX, distribution: 'zipf' }),
  load('mixed-zipf-p16', { ...MIX, distribution: 'zipf', pipeline: 16 }),
  load('mixed-zipf-p64', { ...MIX, distribution: 'zipf', pipeline: 64 }),

  load('get-c1000-p1', { load: 'get', connections: 1000 }),
  load('set-c1000-p1', { load: 'set', connections: 1000 }),
  load('get-c1000-p16', { load: 'get', connections: 1000, pipeline: 16 }),
  load('mixed-c1000-p64', { ...MIX, connections: 1000, pipeline: 64 }),

  load('get-c10000-p1', {
    ...LEAN,
    load: 'get',
    connections: 10_000,
    bars: [
      { figure: 'perSecond', ratio: 1 },
      { figure: 'cpuUs', ratio: 0.8 },
      { figure: 'p99Ms', ratio: 1 },
    ],
  }),
  load('get-c100-idle14000', {
    ...LEAN,
    load: 'get',
    connections: 100,
    idle: 14_000,
    bars: [{ figure: 'besideIdle', value: 0.97 }],
  }),
  {
    kind: 'connect',
    name: 'connect',
    ioThreads: 1,
    short: true,
    bars: [{ figure: 'perSecond', ratio: 1.5 }],
  },

  {
    kind: 'pubsub',
    name: 'publish-s10000-w64',
    subscribers: 10_000,
    window: 64,
    ioThreads: 1,
    bars: [{ figure: 'perSecond', ratio: 2 }],
  },
  { kind: 'pubsub', name: 'publish-s10000-w1', subscribers: 10_000, window: 1, ioThreads: 1, bars: [] },
  { kind: 'pubsub', name: 'publish-s1-w1', subscribers: 1, window: 1, ioThreads: 1, short: true, bars: [] },
  { kind: 'pubsub', name: 'publish-s1-w1-io2', subscribers: 1, window: 1, ioThreads: 2, bars: [] },
  {
    kind: 'forget',
    name: 'beside-forgetful',
    forgetful: 1000,
    anewPerSecond: 100,
    valueBytes: 1 << 20,
    ceilingMb: 256,
    bars: [
      { figure: 'p99Share', value: 2 },
      { figure: 'ceilingShare', value: 1.05 },
    ],
  },
  load('tls-get-p16', {
    load: 'get',
    pipeline: 16,
    tls: true,
    short: true,
    bars: [{ figure: 'perSecond', ratio: 1.5 }],
  }),

  load('get-3b-p16', { load: 'get', valueBytes: 3, pipeline: 16 }),
  load('set-3b-p16', { load: 'set', valueBytes: 3, pipeline: 16 }),
  load('get-1k-p1', { load: 'get', ...KIB }),
  load('set-1k-p1', { load: 'set', ...KIB }),
  load('get-1k-p16', { load: 'get', ...KIB, pipeline: 16, bars: LARGER_VALUES }),
  load('set-1k-p16', { load: 'set', ...KIB, pipeline: 16, bars: LARGER_VALUES }),
  load('mixed-1k-p64', { ...MIX, ...KIB, pipeline: 64 }),
  load('get-64k-p1', { load: 'get', ...KIB64 }),
  load('set-64k-p1', { load: 'set', ...KIB64 }),
  load('mixed-64k-p16', { ...MIX, ...KIB64, pipeline: 16, short: true }),

  load('get-p1-io2', { load: 'get', ioThreads: 2 }),
  load('get-p16-io2', { load: 'get', ioThreads: 2, pipeline: 16 }),
  load('set-p64-io2', { load: 'set', ioThreads: 2, pipeline: 64 }),
  load('get-c1000-p1-io2', { load: 'get', ioThreads: 2, connections: 1000 }),
  load('mixed-zipf-p16-io2', { ...MIX, distribution: 'zipf', ioThreads: 2, pipeline: 16 }),

  {
    kind: 'memory',
    name: 'memory',
    keys: 1_000_000,
    valueBytes: 32,
    short: true,
    bars: [{ figure: 'rssPerKey', value: 75 }],
  },
  {
    kind: 'connections',
    name: 'connections',
    connections: 15_000,
    idleSeconds: 25,
    short: true,
    bars: [
      { figure: 'rssServed', value: 256 },
      { figure: 'rssIdle', value: 256 },
    ],
  },
  {
    kind: 'stall',
    name: 'stall',
    keys: 10_000_000,
    pingsPerSecond: 1000,
    short: true,
    bars: [{ figure: 'stallMs', value: 5 }],
  },
  ...[false, true].map(
    (writes): SaveTrial => ({
      kind: 'save',
      name: writes ? 'save-writes' : 'save',
      keys: 5_000_000,
      pingsPerSecond: 1000,
      writes,
      short: !writes,
      bars: [
        { figure: 'stallMs', value: 5 },
        { figure: 'p99Share', value: 1.5 },
        { figure: 'extraMb', value: 64 },
        ...(writes ? [] : [{ figure: 'saveMs', ratio: 1 } as const]),
      ],
    }),
  ),
  { kind: 'start', name: 'start', starts: 10, short: true, bars: [{ figure: 'startMs', value: 150 }] },

  ...TYPE_TRIALS,
];

/** The same trial at the size of a smoke test. */
export function shortened(trial: Trial): Trial {
  switch (trial.kind) {
    case 'load':
      return { ...trial, keys: Math.min(trial.keys, 100_000), connections: Math.min(trial.connections, 200) };
    case 'memory':
      return { ...trial, keys: 100_000 };
    case 'connections':
      return { ...trial, connections: 1000, idleSeconds: 1 };
    case 'pubsub':
      return { ...trial, subscribers: Math.min(trial.subscribers, 200) };
    case 'forget':
      return { ...trial, forgetful: 50, anewPerSecond: 20, ceilingMb: 16 };
    case 'stall':
    case 'save':
      return { ...trial, keys: 500_000 };
    case 'start':
      return { ...trial, starts: 3 };
    default:
      return trial;
  }
}
