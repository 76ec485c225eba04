// The soak tool against a server that keeps its promises, and against some that break one: each breach is to be seen.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadBinding } from '../../src/bridge/binding.ts';
import { createServer } from '../../src/index.ts';
import { KINDS, readOptions, type SoakOptions } from '../../src/soak/options.ts';
import { Probe } from '../../src/soak/probe.ts';
import { reportOf, writeReport } from '../../src/soak/report.ts';
import { type Outcome, SoakRun } from '../../src/soak/run.ts';
import { type Breach, FaultyServer } from './faulty_server.ts';

const out = mkdtempSync(join(tmpdir(), 'millrace-soak-test-'));
afterAll(() => rmSync(out, { recursive: true, force: true }));

async function soak(options: SoakOptions): Promise<Outcome> {
  const probe = await Probe.open(options.host, options.port, options.password);
  const { mix, ...plan } = options;
  const weights = KINDS.map((kind) => mix[kind]);
  const generator = new (loadBinding().Soak)({ ...plan, run: 'test', weights });
  try {
    return await new SoakRun(options, generator, probe, () => {}).run();
  } finally {
    generator.stop();
    probe.close();
  }
}

function optionsOf(port: number, ...args: string[]): SoakOptions {
  return readOptions(
    ['--port', String(port), '--duration', '1', '--hold', '0', '--seed', '7', ...args],
    1000,
  )!;
}

describe('a server that keeps its promises', () => {
  const isPrivate = loadBinding().hasPrivateFiles();
  for (const [ioThreads, ioThreadsPrivateDescriptors] of [
    [1, false],
    [3, false],
    [3, isPrivate],
  ] as const) {
    const kind = ioThreadsPrivateDescriptors ? ' with tables of their own' : '';
    test(`passes with io-threads ${ioThreads}${kind}, and nothing of the run is left`, async () => {
      const options = { port: 0, ioThreads, ioThreadsPrivateDescriptors, requirepass: 'secret' };
      const server = await createServer(options);
      const mix = 'command:4,pipeline:3,pubsub:2,churn:1';
      const args = ['--connections', '400', '--subscribers', '120', '--threads', '2', '--mix', mix];
      if (ioThreadsPrivateDescriptors) args.push('--private-descriptors');
      const plan = optionsOf(server.port, ...args, '--password', 'secret');
      const outcome = await soak(plan);
      expect(outcome.faults).toEqual([]);
      expect(outcome.passed).toBe(true);
      expect(outcome.alive).toBe(400);
      expect(outcome.totals).toMatchObject({ openNow: 0, busyNow: 0, owedNow: 0, lost: 0, dropped: 0 });
      expect(outcome.totals.connects).toBeGreaterThan(400);
      expect(outcome.totals.closes).toBe(outcome.totals.connects);
      expect(outcome.totals.messages).toBeGreaterThan(0);
      expect(outcome.latency.count).toBeGreaterThan(800);
      expect(outcome.marks.map(({ name }) => name)).toEqual([
        'connected',
        'served',
        'drained',
        'idle',
        'closed',
      ]);
      await server.close();

      const files = writeReport(reportOf(plan, 'millrace', new Date(0), outcome), out);
      const json = JSON.parse(readFileSync(files[0]!, 'utf8'));
      expect(json.outcome.totals).toEqual(outcome.totals);
      expect(json.options.password).toBeUndefined();
      const page = readFileSync(files[1]!, 'utf8');
      expect(page).toContain('Passed');
      expect(page.match(/<svg /g)).toHaveLength(1);
    });
  }
});

describe('a server that breaks a promise', () => {
  /** The counts of a run in which the replies after the sweep pass through `breach`. */
  async function faultsOf(breach: Breach): Promise<Outcome> {
    const server = new FaultyServer(breach);
    const port = await server.listen();
    try {
      return await soak(
        optionsOf(port, '--connections', '20', '--active', '4', '--mix', 'pipeline:1', '--pipeline', '5'),
      );
    } finally {
      await server.close();
    }
  }
  // A few round trips into the load, which any machine makes in a second; what is missing in a sweep is waited for longer.
  const AT = 60;

  test('a reply that never comes, and the next in its place', async () => {
    const outcome = await faultsOf((reply, n) => (n === AT ? '' : reply));
    expect(outcome.passed).toBe(false);
    expect(outcome.totals.lost).toBeGreaterThan(0);
  });

  test('two replies in the wrong order', async () => {
    let held = '';
    const outcome = await faultsOf((reply, n) => {
      if (n === AT) held = reply;
      if (n === AT + 1) return reply + held;
      return n === AT ? '' : reply;
    });
    expect(outcome.totals.lost + outcome.totals.misdelivered).toBeGreaterThan(0);
    expect(outcome.passed).toBe(false);
  });

  test('a reply that goes to another client', async () => {
    const outcome = await faultsOf((reply, n, socket, others) => {
      if (n !== AT) return reply;
      others.find((other) => other !== socket && other !== others[0] && !other.destroyed)!.write(reply);
      return reply;
    });
    expect(outcome.totals.misdelivered).toBe(1);
    expect(outcome.faults.join()).toMatch(/received what is of connection \d+: "\$\d+\\r\\ntest:/);
    expect(outcome.passed).toBe(false);
  });

  test('a byte too many', async () => {
    const outcome = await faultsOf((reply, n) => (n === AT ? `${reply}\n` : reply));
    expect(outcome.totals.wrong + outcome.totals.lost).toBe(1);
    expect(outcome.passed).toBe(false);
  });

  test('a connection closed without a reason', async () => {
    const outcome = await faultsOf((reply, n, socket) => {
      if (n === AT) socket.destroy();
      return reply;
    });
    expect(outcome.totals.dropped).toBe(1);
    expect(outcome.alive).toBe(19);
    expect(outcome.passed).toBe(false);
  });
});

describe('options', () => {
  const read = (...args: string[]) => readOptions(args, 20_000);

  test('follow from each other', () => {
    expect(read('--connections', '15000')).toMatchObject({ threads: 1, subscribers: 750, active: 100 });
    expect(read('--connections', '1000000', '--private-descriptors')).toMatchObject({ threads: 51 });
    expect(read('--mix', 'command')).toMatchObject({ subscribers: 0, mix: { command: 1, churn: 0 } });
    expect(read('--help')).toBeUndefined();
  });

  test('that cannot be are refused', () => {
    expect(() => read('--connections', '20000')).toThrow(/limit on open files leaves room for/);
    expect(() => read('--connections', 'many')).toThrow('--connections takes a whole number');
    expect(() => read('--mix', 'nothing:3')).toThrow('--mix knows no "nothing"');
    expect(() => read('--mix', 'command:0')).toThrow('--mix leaves nothing to do');
    const plan = { ...read()!, run: 'x', weights: [1, 0, 0, 0], host: 'example.org' };
    expect(() => new (loadBinding().Soak)(plan)).toThrow('example.org is no numeric IPv4 address');
  });
});
