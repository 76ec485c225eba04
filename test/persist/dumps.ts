// Values of every type and encoding, made by redis-server and dumped there, are restored here, and the other way round: both
// must then tell the same digest.
import type { Random } from '../../src/base/random.ts';
import { Engine } from '../support/engine.ts';
import { type Argument, type Reply, ReplyError } from '../support/resp.ts';
import { startServer } from '../support/server.ts';
import type { Tally } from './tally.ts';
import { type Command, MAKERS } from './values.ts';

const ROUNDS = 40;

type Run = (words: readonly Argument[]) => Promise<Reply>;

function bytesOf(text: Reply): Buffer {
  return Buffer.from(text as string, 'latin1');
}

function plain(reply: Reply): string {
  return reply instanceof ReplyError ? `-${reply.text}` : JSON.stringify(reply);
}

/** What tells two values apart: the digest, and of a stream all that there is to know besides. */
async function portrait(run: Run, key: string, isStream: boolean): Promise<string> {
  const digest = plain(await run(['DEBUG', 'DIGEST-VALUE', key]));
  if (!isStream) return digest;
  const groups = plain(await run(['XINFO', 'GROUPS', key]));
  const pending = plain(await run(['XPENDING', key, 'busy']));
  return [digest, plain(await run(['XLEN', key])), groups, pending].join(' ');
}

/** Makes a value in `from` and brings it to `to`; what is wrong, or null. */
async function carry(
  from: Run,
  to: Run,
  commands: readonly Command[],
  isStream: boolean,
): Promise<string | null> {
  for (const command of commands) await from(command);
  const reply = await to(['RESTORE', 'there', '0', bytesOf(await from(['DUMP', 'here'])), 'REPLACE']);
  if (reply !== 'OK') return plain(reply);
  const before = await portrait(from, 'here', isStream);
  const after = await portrait(to, 'there', isStream);
  await from(['DEL', 'here']);
  return before === after ? null : `${before} became ${after}`;
}

/** Values of all kinds go back and forth in dumps. */
export async function exchangeDumps(tally: Tally, random: Random): Promise<void> {
  await using server = await startServer({ program: 'redis', args: ['--enable-debug-command', 'yes'] });
  const client = await server.connect();
  const redis: Run = (words) => client.call(...words);
  const engine = new Engine();
  const own: Run = async (words) => engine.run(words);
  for (let round = 0; round < ROUNDS; round++) {
    const compresses = round % 2 === 0 ? 'yes' : 'no';
    for (const run of [redis, own]) await run(['CONFIG', 'SET', 'rdbcompression', compresses]);
    for (const [i, [encoding, make]] of MAKERS.entries()) {
      const commands = make('here', random);
      for (const [name, from, to] of [['theirs', redis, own] as const, ['ours', own, redis] as const]) {
        const wrong = await carry(from, to, commands, encoding === 'stream');
        tally.note(wrong === null, `${name}, round ${round}, maker ${i} (${encoding}): ${wrong}`);
      }
    }
  }
  engine.verify();
  client.close();
}
