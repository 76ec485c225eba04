// HOTKEYS: which keys cost most time and most bytes, within a session that somebody begins.
import type { Weighed } from '../metrics/heavy_hitters.ts';
import type { HotKeys, HotKeysOptions } from '../metrics/hot_keys.ts';
import { SYNTAX } from '../resp/errors.ts';
import {
  COUNT_OUT_OF_RANGE,
  DURATION_OUT_OF_RANGE,
  METRICS_COUNT_OUT_OF_RANGE,
  METRICS_MISCOUNTED,
  METRICS_MISSING,
  METRICS_UNKNOWN,
  metricTwice,
  SAMPLE_NOT_POSITIVE,
  SESSION_IN_PROGRESS,
  SESSION_NOT_STOPPED,
  SLOTS_WITHOUT_CLUSTER,
} from '../resp/hotkeys_errors.ts';
import type { Context } from './context.ts';
import { ADMIN, type CommandSpec, command, container, NOSCRIPT } from './spec.ts';

const METRICS_MAX = 2;
const COUNT_MAX = 64;
const DURATION_SECONDS_MAX = 1_000_000;
const RATIO_MAX = 2 ** 31 - 1;
const SLOT_MAX = 16383;
/** Fields of HOTKEYS GET that are always there, and those of each kind. */
const FIELDS = 7;
const CPU_FIELDS = 3;
const NET_FIELDS = 2;

const HOTKEYS_START = command({
  name: 'hotkeys|start',
  group: 'server',
  since: '8.6.0',
  summary: 'Begins to find out which keys cost most',
  complexity: 'O(1)',
  arity: -2,
  flags: ADMIN | NOSCRIPT,
  tips: ['request_policy:special', 'response_policy:special'],
  syntax: `metrics=METRICS (count:integer [cpu=CPU] [net=NET]) [k=COUNT k:integer] [duration=DURATION seconds:integer]
    [ratio=SAMPLE ratio:integer] [slots=SLOTS (count:integer slot:integer+)]`,
  help: [
    'START METRICS <count> [CPU] [NET] [COUNT <k>] [DURATION <seconds>] [SAMPLE <ratio>]',
    '    Begin to count what commands on each key cost:',
    '    * CPU: time that they took',
    '    * NET: bytes of commands and replies',
    '    * COUNT: how many keys are shown (default: 10)',
    '    * DURATION: end by itself after so many seconds',
    '    * SAMPLE: look at one command in so many (default: 1)',
  ],
  run: runStart,
});

function runStart(c: Context): void {
  const { hotKeys } = c.server;
  if (hotKeys.session?.isActive) {
    c.reply.error(SESSION_IN_PROGRESS);
    return;
  }
  const options = optionsOf(c);
  if (typeof options === 'string') c.reply.error(options);
  else {
    hotKeys.start(options);
    c.reply.ok();
  }
}

/** What the arguments ask for, or the error to reply. */
function optionsOf(c: Context): HotKeysOptions | string {
  const { args } = c;
  if (args.count < 4 || !args.is(2, 'metrics')) return METRICS_MISSING;
  const metrics = args.int(3);
  if (!(metrics >= 1 && metrics <= METRICS_MAX)) return METRICS_COUNT_OUT_OF_RANGE;
  const chosen = metricsOf(c, Math.min(4 + metrics, args.count));
  if (typeof chosen === 'string') return chosen;
  if (4 + metrics > args.count) return METRICS_MISCOUNTED;
  if (!chosen.cpu && !chosen.net) return METRICS_UNKNOWN;
  const limits = limitsOf(c, 4 + metrics);
  return typeof limits === 'string' ? limits : { ...chosen, ...limits };
}

/** The words from 4 to `end`; those of later versions mean nothing. */
function metricsOf({ args }: Context, end: number): { cpu: boolean; net: boolean } | string {
  const chosen = { cpu: false, net: false };
  for (let i = 4; i < end; i++) {
    for (const name of ['cpu', 'net'] as const) {
      if (!args.is(i, name)) continue;
      if (chosen[name]) return metricTwice(name.toUpperCase());
      chosen[name] = true;
    }
  }
  return chosen;
}

function limitsOf({ args }: Context, from: number): Omit<HotKeysOptions, 'cpu' | 'net'> | string {
  const limits = { count: 10, durationMs: Number.POSITIVE_INFINITY, sampleRatio: 1 };
  for (let i = from; i < args.count; i += 2) {
    if (i + 1 === args.count) return SYNTAX;
    const value = args.int(i + 1);
    if (args.is(i, 'count')) {
      if (!(value >= 1 && value <= COUNT_MAX)) return COUNT_OUT_OF_RANGE;
      limits.count = value;
    } else if (args.is(i, 'duration')) {
      if (!(value >= 1 && value <= DURATION_SECONDS_MAX)) return DURATION_OUT_OF_RANGE;
      limits.durationMs = value * 1000;
    } else if (args.is(i, 'sample')) {
      if (!(value >= 1 && value <= RATIO_MAX)) return SAMPLE_NOT_POSITIVE;
      limits.sampleRatio = value;
    } else {
      return args.is(i, 'slots') ? SLOTS_WITHOUT_CLUSTER : SYNTAX;
    }
  }
  return limits;
}

const HOTKEYS_STOP = command({
  name: 'hotkeys|stop',
  group: 'server',
  since: '8.6.0',
  summary: 'Ends the session; what was found stays',
  complexity: 'O(1)',
  arity: 2,
  flags: ADMIN | NOSCRIPT,
  tips: ['request_policy:special', 'response_policy:special'],
  help: ['STOP', '    End the session. What was found can still be read.'],
  run: runStop,
});

function runStop(c: Context): void {
  const { hotKeys } = c.server;
  if (!hotKeys.session?.isActive) {
    c.reply.null();
    return;
  }
  hotKeys.stop();
  c.reply.ok();
}

const HOTKEYS_GET = command({
  name: 'hotkeys|get',
  group: 'server',
  since: '8.6.0',
  summary: 'What the session in progress, or the last one, has found',
  complexity: 'O(K) in the number of keys shown',
  arity: 2,
  flags: ADMIN | NOSCRIPT,
  tips: ['request_policy:special', 'response_policy:special', 'nondeterministic_output'],
  help: ['GET', '    What the session in progress, or the last one, has found.'],
  run: runGet,
});

function runGet(c: Context): void {
  const { reply } = c;
  const { session } = c.server.hotKeys;
  if (session === null) {
    reply.null();
    return;
  }
  const { cpu, net, sampleRatio } = session.options;
  // Those who ask several servers put the answers one behind the other.
  reply.array(1);
  reply.map(FIELDS + (cpu ? CPU_FIELDS : 0) + (net ? NET_FIELDS : 0));
  field(c, 'tracking-active', session.isActive ? 1 : 0);
  field(c, 'sample-ratio', sampleRatio);
  reply.bulkText('selected-slots');
  reply.array(1);
  reply.array(2);
  reply.integer(0);
  reply.integer(SLOT_MAX);
  field(c, 'all-commands-all-slots-us', session.timeUs);
  field(c, 'net-bytes-all-commands-all-slots', session.bytes);
  field(c, 'collection-start-time-unix-ms', session.startedMs);
  const durationMs = session.isActive ? c.keyspace.nowMs - session.startedMs : session.durationMs;
  field(c, 'collection-duration-ms', Math.max(durationMs, 0));
  replyKinds(c, session);
}

function replyKinds(c: Context, session: HotKeys): void {
  const { cpu, net } = session.options;
  if (cpu) {
    const { user, system } = session.cpuMs;
    field(c, 'total-cpu-time-user-ms', user);
    field(c, 'total-cpu-time-sys-ms', system);
  }
  if (net) field(c, 'total-net-bytes', session.sampledBytes);
  if (cpu) keys(c, 'by-cpu-time-us', session.slowest());
  if (net) keys(c, 'by-net-bytes', session.largest());
}

function field({ reply }: Context, name: string, value: number): void {
  reply.bulkText(name);
  reply.integer(Math.floor(value));
}

function keys({ reply }: Context, name: string, found: readonly Weighed[]): void {
  reply.bulkText(name);
  reply.array(found.length * 2);
  for (const { key, weight } of found) {
    reply.bulkText(key);
    reply.integer(Math.floor(weight));
  }
}

const HOTKEYS_RESET = command({
  name: 'hotkeys|reset',
  group: 'server',
  since: '8.6.0',
  summary: 'Forgets what the last session has found',
  complexity: 'O(1)',
  arity: 2,
  flags: ADMIN | NOSCRIPT,
  tips: ['request_policy:special', 'response_policy:special'],
  help: ['RESET', '    Forget what was found. The session must have ended.'],
  run: runReset,
});

function runReset(c: Context): void {
  const { hotKeys } = c.server;
  if (hotKeys.session?.isActive) {
    c.reply.error(SESSION_NOT_STOPPED);
    return;
  }
  hotKeys.reset();
  c.reply.ok();
}

const HOTKEYS = container(
  {
    name: 'hotkeys',
    group: 'server',
    since: '8.6.0',
    summary: 'Finds out which keys cost most time and most bytes',
    helpSince: '8.6.1',
  },
  [HOTKEYS_GET, HOTKEYS_RESET, HOTKEYS_START, HOTKEYS_STOP],
);

export const HOTKEYS_COMMANDS: readonly CommandSpec[] = [HOTKEYS];
