// Random rules given to users here and in redis-server: the answers, the users as ACL LIST and GETUSER describe them, and what
// ACL DRYRUN says about random commands must be the same. The server here has only what Redis 7.0.15 has. Needs
// redis-server; MILLRACE_SEED repeats a run.
import { Random } from '../../src/base/random.ts';
import { ALL_COMMANDS } from '../../src/commands/all.ts';
import { findKeys, hasKeys } from '../../src/commands/find_keys.ts';
import type { CommandSpec } from '../../src/commands/spec.ts';
import { ArgsFrom } from '../../src/commands/words.ts';
import { isLater } from '../commands/reference/rows.ts';
import { argsOf } from '../commands/run.ts';
import { Engine } from '../support/engine.ts';
import { printFailure } from '../support/failures.ts';
import { type Reply, ReplyError } from '../support/resp.ts';
import { seedOf } from '../support/seed.ts';
import { startServer } from '../support/server.ts';
import { normalRules, pick, randomCommand, randomRule } from './rules.ts';

const ROUNDS = Number(process.env.MILLRACE_ROUNDS ?? 400);
const RULES_MAX = 8;
const COMMANDS = 40;
/** So many are named at the end of a run. */
const FAILURES_MAX = 5;

function plain(reply: Reply): unknown {
  if (reply instanceof ReplyError) return `-${reply.text}`;
  if (Array.isArray(reply)) return reply.map(plain);
  return typeof reply === 'string' ? normalRules(reply) : reply;
}

/** Their arity grew with an option of 7.2. */
const WIDENED = new Map([
  ['zrank', 3],
  ['zrevrank', 3],
]);

function isOld({ docs }: CommandSpec): boolean {
  return !isLater(docs.since);
}

const specs = ALL_COMMANDS.filter(isOld).map((spec) => ({
  ...spec,
  arity: WIDENED.get(spec.name) ?? spec.arity,
  subcommands: spec.subcommands.filter(isOld),
}));
const callable = specs.flatMap((spec) => [spec, ...spec.subcommands]);
const seed = seedOf('rules of access control');
const random = new Random(seed);
const server = await startServer({ program: 'redis' });
const client = await server.connect();
const names = (await client.call('COMMAND', 'LIST')) as string[];
const engine = new Engine({ commands: specs });
let passed = 0;
let failed = 0;

/** Whether the keys of a command can be found: of others the reference checks none, and here those that were found so far are. */
function makesSense(words: readonly string[]): boolean {
  const id = engine.server.table.lookup(words.slice(0, 2).join('|'));
  const spec = engine.server.table.specs[id < 0 ? engine.server.table.lookup(words[0]!) : id]!;
  return !hasKeys(spec) || findKeys(spec, new ArgsFrom(argsOf(words), 0), () => {});
}

/** Runs a command on both sides; whether it did what it is there for. */
async function compare(words: readonly string[], history: readonly string[][]): Promise<boolean> {
  const theirs = plain(await client.call(...words.map((word) => Buffer.from(word, 'latin1'))));
  const ours = plain(engine.run(words));
  if (JSON.stringify(theirs) === JSON.stringify(ours)) {
    passed++;
  } else {
    failed++;
    const replies = `  redis    ${JSON.stringify(theirs)}\n  millrace ${JSON.stringify(ours)}`;
    const details = `after ${JSON.stringify(history)}\n  ${JSON.stringify(words)}\n${replies}`;
    if (failed > FAILURES_MAX) console.log(details);
    else printFailure(`MILLRACE_SEED=${seed}: ${JSON.stringify(words)}\n${replies}`, details);
  }
  return theirs === 'OK';
}

for (let round = 0; round < ROUNDS; round++) {
  const history: string[][] = [];
  const setting = pick(random, ['resetchannels', 'resetchannels', 'allchannels']);
  await compare(['CONFIG', 'SET', 'acl-pubsub-default', setting], history);
  for (let step = 0; step < 3; step++) {
    const rules = Array.from({ length: 1 + random.below(RULES_MAX) }, () => randomRule(random, names));
    const words = ['ACL', 'SETUSER', 'user', ...rules];
    // Most rules should count, although most lists have a mistake in them.
    if (await compare(words, history)) history.push(rules);
    else
      for (const rule of rules)
        if (await compare(['ACL', 'SETUSER', 'user', rule], history)) history.push([rule]);
  }
  await compare(['ACL', 'LIST'], history);
  await compare(['ACL', 'GETUSER', 'user'], history);
  for (let i = 0; i < COMMANDS; i++) {
    const { name, arity } = pick(random, callable);
    const words = randomCommand(random, name, arity);
    if (!makesSense(words)) continue;
    await compare(['ACL', 'DRYRUN', 'user', ...words], history);
  }
  await compare(['ACL', 'DELUSER', 'user'], []);
}
client.close();
await server.stop();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
