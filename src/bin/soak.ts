// millrace-soak: many connections to a server, held and checked. What it does is in soak/run.ts.
import { fileURLToPath } from 'node:url';
import { loadBinding } from '../bridge/binding.ts';
import { KEYS_EVERY } from '../bridge/soak.ts';
import { descriptorsMax } from '../server/descriptors.ts';
import { KINDS, readOptions, type SoakOptions, USAGE } from '../soak/options.ts';
import { OwnServer } from '../soak/own_server.ts';
import { Probe } from '../soak/probe.ts';
import { progressOf } from '../soak/progress.ts';
import { reportOf, summaryLines, writeReport } from '../soak/report.ts';
import { SoakRun } from '../soak/run.ts';

const KEYS_AT_ONCE = 1000;

try {
  const options = readOptions(process.argv.slice(2), descriptorsMax());
  if (options === undefined) process.stdout.write(USAGE);
  else process.exitCode = await main(options);
} catch (error) {
  process.stderr.write(`millrace-soak: ${(error as Error).message}\n`);
  process.exitCode = 2;
}

async function main(options: SoakOptions): Promise<number> {
  if (options.port !== 0) return soak(options);
  const program = fileURLToPath(new URL('millrace.js', import.meta.url));
  const server = await OwnServer.start(program, serverArgs(options));
  try {
    return await soak({ ...options, port: server.port });
  } finally {
    await server.stop();
  }
}

/** Churn needs some room: the server may hear of a closed connection after the one that takes its place. */
function serverArgs({ connections, active, privateFiles, threads, serverArgs }: SoakOptions): string[] {
  const args = ['--maxclients', String(connections + active + 100)];
  if (privateFiles)
    args.push('--io-threads', String(Math.max(2, threads)), '--io-threads-private-descriptors', 'yes');
  return [...args, ...serverArgs];
}

async function soak(options: SoakOptions): Promise<number> {
  const probe = await Probe.open(options.host, options.port, options.password);
  const info = await probe.info();
  const run = `soak${Date.now().toString(36)}`;
  const { mix, ...plan } = options;
  const generator = new (loadBinding().Soak)({ ...plan, run, weights: KINDS.map((kind) => mix[kind]) });
  const progress = progressOf(process.stderr);
  const date = new Date();
  try {
    const watch = progress.show.bind(progress);
    const outcome = await new SoakRun(options, generator, probe, watch).run();
    await removeKeys(probe, run, options.connections);
    progress.stop();
    const report = reportOf(options, serverName(info), date, outcome);
    for (const line of summaryLines(report)) console.log(line);
    for (const fault of outcome.faults) console.log(`fault: ${fault}`);
    for (const file of writeReport(report, options.out)) console.log(`written: ${file}`);
    console.log(outcome.passed ? '1 passed, 0 failed' : '0 passed, 1 failed');
    return outcome.passed ? 0 : 1;
  } finally {
    progress.stop();
    generator.stop();
    probe.close();
  }
}

function serverName(info: ReadonlyMap<string, string>): string {
  const own = info.get('millrace_version');
  return own === undefined ? `redis_version ${info.get('redis_version') ?? 'unknown'}` : `millrace ${own}`;
}

async function removeKeys(probe: Probe, run: string, connections: number): Promise<void> {
  const keys = [];
  for (let number = 0; number < connections; number += KEYS_EVERY) {
    keys.push(`${run}:key:${number}`, `${run}:key:${number}:count`);
  }
  for (let i = 0; i < keys.length; i += KEYS_AT_ONCE)
    await probe.ask('DEL', ...keys.slice(i, i + KEYS_AT_ONCE));
}
