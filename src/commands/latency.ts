// LATENCY: delays that the latency monitor noted, and how long calls of commands took.
import type { EventHistory } from '../metrics/latency_monitor.ts';
import { noLatencySamples } from '../resp/errors.ts';
import type { Context } from './context.ts';
import { doctorText } from './latency_doctor.ts';
import { graphText } from './latency_graph.ts';
import { ADMIN, type CommandSpec, command, container, LOADING, NOSCRIPT, STALE } from './spec.ts';

function nowSec(c: Context): number {
  return Math.floor(c.keyspace.clock.nowMs() / 1000);
}

const LATENCY_DOCTOR = command({
  name: 'latency|doctor',
  group: 'server',
  since: '2.8.13',
  summary: 'Says in words which delays there were and what may be done',
  complexity: 'O(1)',
  arity: 2,
  flags: ADMIN | NOSCRIPT | LOADING | STALE,
  tips: ['nondeterministic_output', 'request_policy:all_nodes', 'response_policy:special'],
  help: ['DOCTOR', '    Which delays there were and what may be done, in words.'],
  run: (c) => c.reply.verbatim('txt', doctorText(c.server.admin, nowSec(c))),
});

const LATENCY_GRAPH = command({
  name: 'latency|graph',
  group: 'server',
  since: '2.8.13',
  summary: 'Draws the delays of one kind of event in text',
  complexity: 'O(1)',
  arity: 3,
  flags: ADMIN | NOSCRIPT | LOADING | STALE,
  tips: ['nondeterministic_output', 'request_policy:all_nodes', 'response_policy:special'],
  syntax: 'event',
  help: ['GRAPH <event>', '    Delays of the class <event>, drawn in text.'],
  run: runLatencyGraph,
});

function runLatencyGraph(c: Context): void {
  const event = c.args.text(2);
  const history = c.server.admin.latencyMonitor.history(event);
  if (history === undefined) c.reply.error(noLatencySamples(event));
  else c.reply.verbatim('txt', graphText(event, history, nowSec(c)));
}

const LATENCY_HISTOGRAM = command({
  name: 'latency|histogram',
  group: 'server',
  since: '7.0.0',
  summary: 'How long calls of commands took, as cumulative histograms',
  complexity: 'O(N) in the number of commands shown',
  arity: -2,
  flags: ADMIN | NOSCRIPT | LOADING | STALE,
  tips: ['nondeterministic_output', 'request_policy:all_nodes', 'response_policy:special'],
  syntax: '[command+]',
  help: [
    'HISTOGRAM [COMMAND ...]',
    '    Cumulative histograms of how long the named commands took, or all of them.',
  ],
  run: runLatencyHistogram,
});

function runLatencyHistogram(c: Context): void {
  const { reply, table } = c;
  const { latency } = c.server.admin;
  const shown = idsAskedFor(c).filter((id) => latency.of(id) !== undefined);
  reply.map(shown.length);
  for (const id of shown) {
    const histogram = latency.of(id)!;
    const steps = histogram.steps();
    reply.bulkText(table.specs[id]!.name);
    reply.map(2);
    reply.bulkText('calls');
    reply.integer(histogram.total);
    reply.bulkText('histogram_usec');
    reply.map(steps.length);
    for (const { upToUs, calls } of steps) {
      reply.integer(upToUs);
      reply.integer(calls);
    }
  }
}

/** Ids of the commands named by the arguments, of all if there are none; a container stands for its subcommands. */
function idsAskedFor(c: Context): number[] {
  const { args, table } = c;
  if (args.count === 2) return [...table.specs.keys()];
  const ids: number[] = [];
  for (let i = 2; i < args.count; i++) {
    const id = table.lookup(args.text(i));
    if (id < 0) continue;
    ids.push(id);
    if (table.isContainer(id)) ids.push(...table.subcommandIds(id));
  }
  return ids;
}

const LATENCY_HISTORY = command({
  name: 'latency|history',
  group: 'server',
  since: '2.8.13',
  summary: 'Time and length of the delays of one kind of event',
  complexity: 'O(1)',
  arity: 3,
  flags: ADMIN | NOSCRIPT | LOADING | STALE,
  tips: ['nondeterministic_output', 'request_policy:all_nodes', 'response_policy:special'],
  syntax: 'event',
  help: ['HISTORY <event>', '    Time and length of the delays of the class <event>.'],
  run: runLatencyHistory,
});

function runLatencyHistory(c: Context): void {
  const { reply } = c;
  const samples = c.server.admin.latencyMonitor.history(c.args.text(2))?.samples ?? [];
  reply.array(samples.length);
  for (const { time, ms } of samples) {
    reply.array(2);
    reply.integer(time);
    reply.integer(ms);
  }
}

const LATENCY_LATEST = command({
  name: 'latency|latest',
  group: 'server',
  since: '2.8.13',
  summary: 'Last and longest delay of every kind of event',
  complexity: 'O(1)',
  arity: 2,
  flags: ADMIN | NOSCRIPT | LOADING | STALE,
  tips: ['nondeterministic_output', 'request_policy:all_nodes', 'response_policy:special'],
  help: ['LATEST', '    Last and longest delay of every class of events.'],
  run: runLatencyLatest,
});

function runLatencyLatest(c: Context): void {
  const { reply } = c;
  const events: [string, EventHistory][] = [...c.server.admin.latencyMonitor.events()];
  reply.array(events.length);
  for (const [name, { samples, maxMs }] of events) {
    const { time, ms } = samples.at(-1)!;
    reply.array(4);
    reply.bulkText(name);
    reply.integer(time);
    reply.integer(ms);
    reply.integer(maxMs);
  }
}

const LATENCY_RESET = command({
  name: 'latency|reset',
  group: 'server',
  since: '2.8.13',
  summary: 'Forgets the delays of some or all kinds of events',
  complexity: 'O(1)',
  arity: -2,
  flags: ADMIN | NOSCRIPT | LOADING | STALE,
  tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
  syntax: '[event+]',
  help: ['RESET [<event> ...]', '    Forget the delays of the named classes, or of all.'],
  run: runLatencyReset,
});

function runLatencyReset(c: Context): void {
  const { args } = c;
  const { latencyMonitor } = c.server.admin;
  let forgotten = 0;
  if (args.count === 2) forgotten = latencyMonitor.reset();
  for (let i = 2; i < args.count; i++) forgotten += latencyMonitor.reset(args.text(i));
  c.reply.integer(forgotten);
}

const LATENCY = container(
  {
    name: 'latency',
    group: 'server',
    since: '2.8.13',
    summary: 'Looks at delays of the server',
    helpSince: '2.8.13',
  },
  [LATENCY_DOCTOR, LATENCY_GRAPH, LATENCY_HISTOGRAM, LATENCY_HISTORY, LATENCY_LATEST, LATENCY_RESET],
);

export const LATENCY_COMMANDS: readonly CommandSpec[] = [LATENCY];
