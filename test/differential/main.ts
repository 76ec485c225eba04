// Differential test: random sequences of commands against redis-server and millrace, reply by reply.
//
//   node test/differential/run.mjs [--commands 200000] [--seed 1] [--target millrace] [--reference redis]
//     [--length 250] [--max 20] [--table] [--self-check] [--families strings,generic]
//     [--target-arg=--io-threads --target-arg=2]
//
// A target is `millrace` (dist/millrace.js), `redis`, or the path of a program. A run with the same seed sends the
// same commands. Differences are shrunk, printed as redis-cli lines and saved in the system's temporary directory.
// Ends with one line `N passed, N failed`, which counts commands of the grammar, cases of the protocol and
// of tracking, and rules for commands that the reference lacks.
import { parseArgs } from 'node:util';
import { printFailure } from '../support/failures.ts';
import { documentedFamily } from './grammar/documented.ts';
import { FAMILIES } from './grammar/index.ts';
import { RULE_COUNT } from './metamorphic.ts';
import { FaultyServer } from './plant.ts';
import { PROTOCOL_CASES } from './protocol.ts';
import { Run, type Settings as RunSettings, Server } from './runner.ts';
import { TRACKING_CASES } from './tracking.ts';

const COVERAGE_COMMANDS = 20_000;
const CHECK_COMMANDS = 3000;
const DOCUMENTED = 'documented';
/** In a transaction across two connections it takes six. */
const PLANTED_STEPS = 8;

interface Settings extends RunSettings {
  readonly target: string;
  readonly reference: string;
  readonly targetArgs: readonly string[];
  readonly table: boolean;
  /** Also what the reference documents itself. */
  readonly documented: boolean;
}

interface Totals {
  passed: number;
  failed: number;
}

/** One whole run. */
async function compare(settings: Settings): Promise<Totals> {
  const reference = new Server(settings.reference);
  const target = new Server(settings.target, settings.targetArgs);
  const startedMs = Date.now();
  try {
    const documented = settings.documented ? [await documentedFamily(await reference.ready())] : [];
    const run = new Run({ ...settings, families: [...settings.families, ...documented] }, reference, target);
    const protocolFailures = await run.protocol();
    const trackingFailures = await run.tracking();
    const commands = await run.sequences();
    const brokenRules = settings.target === settings.reference ? 0 : await run.newerCommands();
    const gaps = commands >= COVERAGE_COMMANDS ? run.coverage.gaps() : [];
    for (const name of gaps) run.failed.add(name);
    const failures = [...run.failures, ...gaps.map((name) => `never exercised with success: ${name}`)];
    for (const failure of failures) printFailure(`--seed ${settings.seed}: ${failure}`);
    if (settings.table) console.log(run.coverage.table());
    const seconds = ((Date.now() - startedMs) / 1000).toFixed(1);
    console.log(`${commands} commands, seed ${settings.seed}, ${run.found} differences, ${seconds} s`);
    const named = run.coverage.names.filter((name) => !run.failed.has(name)).length;
    const rules = settings.target === settings.reference ? 0 : RULE_COUNT;
    return {
      passed:
        named + PROTOCOL_CASES - protocolFailures + TRACKING_CASES - trackingFailures + rules - brokenRules,
      failed: run.failed.size + protocolFailures + trackingFailures + brokenRules,
    };
  } finally {
    await reference.stop();
    await target.stop();
  }
}

/** Proves the tool: no difference between a server and itself, and a planted one is found and made small. */
async function selfCheck(settings: Settings): Promise<Totals> {
  const same = await compare({ ...settings, target: settings.reference, targetArgs: [] });
  const reference = new Server(settings.reference);
  const faulty = new FaultyServer(new Server(settings.reference));
  try {
    const run = new Run({ ...settings, commands: CHECK_COMMANDS, max: 1 }, reference, faulty);
    await run.sequences();
    // Whether the command itself meets the fault first or the comparison of the databases, which also asks for encodings,
    // depends on the draw. A sound server shows no difference at all, as the run above proved.
    const caught = run.found > 0 && run.shortestSteps <= PLANTED_STEPS;
    const outcome = `planted fault: ${caught ? 'found' : 'NOT found'}, shrunk to ${run.shortestSteps} steps`;
    console.log(outcome);
    if (!caught) printFailure(`--seed ${settings.seed} --self-check: ${outcome}`);
    return { passed: same.passed + Number(caught), failed: same.failed + Number(!caught) };
  } finally {
    await reference.stop();
    await faulty.stop();
  }
}

function readSettings(): Settings & { selfCheck: boolean } {
  const { values } = parseArgs({
    options: {
      commands: { type: 'string', default: '200000' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      target: { type: 'string', default: 'millrace' },
      reference: { type: 'string', default: 'redis' },
      length: { type: 'string', default: '250' },
      max: { type: 'string', default: '20' },
      families: { type: 'string', default: [...FAMILIES.map(({ name }) => name), DOCUMENTED].join(',') },
      'target-arg': { type: 'string', multiple: true, default: [] },
      table: { type: 'boolean', default: false },
      'self-check': { type: 'boolean', default: false },
    },
  });
  const {
    commands,
    seed,
    length,
    max,
    families: names,
    'self-check': check,
    'target-arg': targetArgs,
    ...rest
  } = values;
  const numbers = {
    commands: Number(commands),
    seed: Number(seed),
    length: Number(length),
    max: Number(max),
  };
  const families = FAMILIES.filter(({ name }) => names.split(',').includes(name));
  const documented = names.split(',').includes(DOCUMENTED);
  return { ...rest, ...numbers, families, documented, targetArgs, selfCheck: check };
}

const settings = readSettings();
const { passed, failed } = settings.selfCheck ? await selfCheck(settings) : await compare(settings);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
