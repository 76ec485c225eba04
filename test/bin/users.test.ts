// Users in redis.conf and in a file of their own, with the program as a whole.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ReplyError, RespClient } from '../support/resp.ts';
import { freePort } from '../support/server.ts';
import { Program } from './process.ts';

let directory: string;
const programs: Program[] = [];
const clients: RespClient[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-'));
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  for (const program of programs.splice(0)) {
    program.kill('SIGKILL');
    await program.ended;
  }
  rmSync(directory, { recursive: true });
});

/** Runs the program with a configuration of these lines. */
function start(lines: readonly string[], ...args: string[]): Program {
  writeFileSync(join(directory, 'redis.conf'), lines.map((line) => `${line}\n`).join(''));
  const program = new Program(['redis.conf', ...args], { directory });
  programs.push(program);
  return program;
}

async function connect(port: number, ...login: string[]): Promise<RespClient> {
  const client = await RespClient.connect({ port });
  clients.push(client);
  if (login.length > 0) expect(await client.call('AUTH', ...login)).toBe('OK');
  return client;
}

it('takes users from lines of redis.conf, and CONFIG REWRITE writes them there', async () => {
  const port = await freePort();
  const users = ['user bob on >secret ~a* -@all +get (+set ~b*)', 'user default on >two ~* &* +@all'];
  const first = start([`port ${port}`, ...users, 'requirepass one']);
  await first.ready();
  const bob = await connect(port, 'bob', 'secret');
  expect(await bob.call('GET', 'a')).toBe(null);
  const own = await connect(port, 'two');
  expect(await (await connect(port)).call('AUTH', 'one')).toBeInstanceOf(ReplyError);
  await own.call('ACL', 'SETUSER', 'eve', '~"x"', '-@all', '+get|nothing');
  const before = await own.call('ACL', 'LIST');
  expect(await own.call('CONFIG', 'REWRITE')).toBe('OK');
  const text = readFileSync(join(directory, 'redis.conf'), 'latin1');
  expect(text).toContain(`\nuser eve off "~\\"x\\"" resetchannels -@all +get|nothing\n`);
  first.kill('SIGTERM');
  await first.ended;
  const second = start(text.trimEnd().split('\n'));
  await second.ready();
  expect(await (await connect(port, 'two')).call('ACL', 'LIST')).toEqual(before);
});

it('does not start with users that cannot be, or in two places', async () => {
  const port = await freePort();
  for (const [lines, reason] of [
    [['user bob +nosuch'], "Error in user declaration '+nosuch': Unknown command or category name in ACL"],
    [['user bob on', 'user bob off'], "Error in user declaration 'bob': Duplicate user found."],
    [['user "b b" on'], "Error in user declaration 'b b': Spaces not allowed in ACL usernames"],
    [['user bob (+get'], "Error in user declaration '(+get': Syntax error"],
    [['user bob on', 'aclfile users.acl'], 'please define either an ACL file or declare users directly'],
  ] as const) {
    const program = start([`port ${port}`, ...lines]);
    expect((await program.ended).code).toBe(1);
    expect(program.errors).toContain(reason);
  }
  const program = start([`port ${port}`, 'aclfile users.acl']);
  expect((await program.ended).code).toBe(1);
  expect(program.log.join('\n')).toContain(
    "Aborting Redis startup because of ACL errors: Error loading ACLs, opening file 'users.acl': No such file or directory",
  );
  writeFileSync(join(directory, 'users.acl'), 'user bob on nopass ~* +@all\nuser default off\n');
  const good = start([`port ${port}`, 'aclfile users.acl']);
  await good.ready();
  expect(await (await connect(port, 'bob', 'any')).call('ACL', 'WHOAMI')).toBe('bob');
  expect(await (await connect(port)).call('PING')).toBeInstanceOf(ReplyError);
});
