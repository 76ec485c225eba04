// Runs units of Redis 7.0.15's own test suite against millrace (or against the real server, to check the tool).
//
//   node test/upstream/run.mjs [--units unit/auth,unit/expire] [--server millrace|real] [--jobs 2] [--only "name"]
//     [--check-skips] [--no-skips] [--verbose] [--baseport 23000] [--limit 300] [--stall 90] [--tags "-slow"]
//     [--skips file]
//
// A unit whose name ends in @tls runs over TLS. Each runs in a directory and on ports of its own. Ends with one line `N passed, N failed`; an entry of the skip
// list that names no test of its unit counts as a failure.
import { existsSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { isBlock, readSkips, skipMatches } from './skips.mjs';
import { layOut, obtainSuite, root } from './source.mjs';
import { runUnit } from './unit.mjs';

const UNITS = `
  unit/printver unit/dump unit/auth unit/acl unit/acl-v2 unit/protocol unit/keyspace unit/scan unit/info unit/info-command
  unit/shutdown integration/rdb integration/shutdown integration/logging integration/convert-zipmap-hash-on-load
  integration/convert-ziplist-hash-on-load integration/convert-ziplist-zset-on-load
  integration/aof integration/aof-multi-part unit/aofrw integration/corrupt-dump
  unit/type/string unit/type/set unit/type/hash unit/type/incr unit/type/list unit/type/list-2 unit/type/list-3
  unit/expire unit/bitops unit/bitfield unit/quit unit/limits unit/slowlog unit/latency-monitor
  unit/introspection unit/introspection-2 unit/multi unit/querybuf unit/pendingquerybuf
  unit/replybufsize unit/networking unit/violations unit/lazyfree unit/maxmemory unit/memefficiency unit/other
  unit/pubsub unit/pubsubshard unit/tracking unit/obuf-limits unit/client-eviction unit/pause unit/sort unit/type/stream unit/type/stream-cgroups unit/type/zset unit/geo unit/hyperloglog
  unit/tls@tls unit/auth@tls unit/protocol@tls unit/pubsub@tls unit/multi@tls`;
const PORTS_PER_JOB = 200;

function readOptions() {
  const { values } = parseArgs({
    options: {
      units: { type: 'string', default: UNITS.trim().split(/\s+/).join(',') },
      server: { type: 'string', default: 'millrace' },
      jobs: { type: 'string', default: '2' },
      only: { type: 'string', multiple: true, default: [] },
      tags: { type: 'string', multiple: true, default: [] },
      skips: { type: 'string', default: join(import.meta.dirname, 'skips.txt') },
      'check-skips': { type: 'boolean', default: false },
      'no-skips': { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      baseport: { type: 'string', default: '23000' },
      limit: { type: 'string', default: '300' },
      stall: { type: 'string', default: '90' },
    },
  });
  if (!['millrace', 'real'].includes(values.server)) throw new Error(`unknown server: ${values.server}`);
  const ignoreSkips = values['no-skips'] || values['check-skips'];
  return {
    server: values.server,
    units: values.units.split(',').filter((unit) => unit !== ''),
    jobs: Number(values.jobs),
    only: values.only,
    tags: values.tags,
    skips: readSkips(resolve(values.skips)),
    ignoreSkips,
    checkSkips: values['check-skips'],
    echo: values.verbose,
    port: Number(values.baseport),
    limitSec: Number(values.limit),
    stallSec: Number(values.stall),
  };
}

/** Runs all units, `jobs` at a time; results in the order of `units`. */
async function runAll(suite, options) {
  const results = new Map();
  const waiting = [...options.units];
  const work = async (job) => {
    for (let unit = waiting.shift(); unit !== undefined; unit = waiting.shift()) {
      const skips = options.skips.filter((skip) => skip.unit === unit);
      const directory = layOut(suite, options.server, unit.endsWith('@tls'));
      const result = await runUnit(unit, directory, {
        ...options,
        port: options.port + job * PORTS_PER_JOB,
        skips: options.ignoreSkips ? [] : skips,
      });
      rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
      results.set(unit, { ...result, skips });
      printUnit(unit, results.get(unit), options);
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, (_, job) => work(job)));
  return results;
}

function failuresOf(result, options) {
  const failed = result.records.filter(({ status }) => status === 'err' || status === 'exception');
  const failures = failed.map(({ name, text }) => [name, ...text].join('\n'));
  if (result.limitHit) failures.push(`not done after ${options.limitSec} s`);
  else if (!result.finished) failures.push('ended before its last test');
  if (options.ignoreSkips || options.only.length > 0) return failures;
  for (const skip of result.skips) {
    const skipped = result.records.filter(({ status }) => status === 'skip').map(({ name }) => name);
    const used = skipped.some((name) => (isBlock(skip) ? skip.test === name : skipMatches(skip, name)));
    if (!used) failures.push(`stale entry of the skip list: ${skip.test}`);
  }
  return failures;
}

function count(result, status) {
  return result.records.filter((record) => record.status === status).length;
}

function printUnit(unit, result, options) {
  const failures = failuresOf(result, options);
  const skipped =
    options.only.length > 0 ? '' : `, ${count(result, 'skip')} skipped, ${count(result, 'ignore')} ignored`;
  const totals = `${count(result, 'ok')} passed, ${failures.length} failed${skipped}`;
  console.log(`${unit}: ${totals} (${result.seconds.toFixed(1)} s)`);
  for (const failure of failures) console.log(`  [failed] ${failure.trimEnd().replaceAll('\n', '\n    ')}`);
}

/** Prints which entries of the skip list name a test that passes now. */
function printNeedlessSkips(results) {
  let needless = 0;
  for (const [unit, { records, skips }] of results) {
    for (const skip of skips.filter((entry) => !isBlock(entry))) {
      const named = records.filter(({ name }) => skipMatches(skip, name.replace(/ in tests\/.*$/, '')));
      if (named.length === 0 || named.some(({ status }) => status !== 'ok')) continue;
      needless++;
      console.log(`passes now: ${unit} | ${skip.test}`);
    }
  }
  console.log(`${needless} entries of the skip list are not needed any more`);
}

const options = readOptions();
if (options.server === 'millrace' && !existsSync(join(root, 'dist/millrace.js'))) {
  throw new Error('dist/millrace.js is missing: run `node .ci/setup.mjs` first');
}
const unknown = options.skips.filter(({ unit }) => !UNITS.includes(unit));
if (unknown.length > 0) throw new Error(`the skip list names an unknown unit: ${unknown[0].unit}`);

const results = await runAll(obtainSuite(), options);
if (options.checkSkips) printNeedlessSkips(results);
let passed = 0;
let failed = 0;
for (const [unit, result] of results) {
  const failures = failuresOf(result, options);
  passed += count(result, 'ok');
  failed += failures.length;
  for (const failure of failures)
    console.log(`failure: ${unit}: ${failure.split('\n').slice(0, 2).join(': ')}`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
