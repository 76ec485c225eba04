// How a connection may die: by its peer, by another client, by its own words, by a limit, by an administrator.
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../src/base/random.ts';
import type { RespClient } from '../support/resp.ts';
import type { State } from './states.ts';
import type { Victim } from './victim.ts';

export interface Scene {
  readonly admin: RespClient;
  readonly random: Random;
  readonly usersFile: string;
  readonly victims: readonly Victim[];
  /** How long it took until they were there: so slow is this machine. */
  readonly madeMs: number;
  readonly stateOf: (victim: Victim) => State;
  /** Has the administrator close it, some time soon. */
  readonly kill: (victim: Victim) => void;
}

export interface Way {
  readonly name: string;
  strike(scene: Scene): Promise<void>;
  /** States that must not survive it; the others die of the test's end. */
  kills(state: State): boolean;
  /** Whether victims that left replies unread begin to read. */
  readonly reads?: true;
  /** Does what CLIENT PAUSE WRITE would hold up. */
  readonly writes?: true;
  /** Has victims end their transactions first. */
  readonly executes?: true;
}

/** More where the machine is slow. */
const IDLE_SECONDS = 3;

const all = (): boolean => true;
const none = (): boolean => false;
const commandable = ({ takesCommands, listens }: State): boolean =>
  takesCommands === true || listens === true;
const known = ({ stranger }: State): boolean => stranger !== true;

const set = (admin: RespClient, name: string, value: string) => admin.call('CONFIG', 'SET', name, value);

/** Each victim by itself, a little before or after the others. */
async function each({ victims, random }: Scene, strike: (victim: Victim) => unknown): Promise<void> {
  await Promise.all(
    victims.map(async (victim) => {
      await sleep(random.below(40));
      await strike(victim);
    }),
  );
}

/** A way by what the victim says, where it may say anything. */
function saying(name: string, bytes: (victim: Victim) => string): Way {
  return {
    name,
    reads: true,
    writes: true,
    strike: (scene) =>
      each(scene, (victim) => commandable(scene.stateOf(victim)) && victim.send(bytes(victim))),
    kills: commandable,
  };
}

/** Bytes and settings that keep every kind of waiter busy for a moment. */
const WAKE = [
  ['RPUSH', 'kill:list', 'a', 'b', 'c'],
  ['ZADD', 'kill:zset', '1', 'a', '2', 'b'],
  ['XADD', 'kill:stream', '*', 'f', 'v'],
];

async function transaction(admin: RespClient, commands: readonly string[][]): Promise<void> {
  await admin.call('MULTI');
  for (const words of commands) await admin.call(...words);
  await admin.call('EXEC');
}

function randomStrike({ random, kill }: Scene, victim: Victim): unknown {
  switch (random.below(6)) {
    case 0:
      return victim.reset();
    case 1:
      return victim.close();
    case 2:
      victim.read();
      return victim.halfClose();
    case 3:
      victim.send('QUIT\r\n');
      return victim.reset();
    case 4:
      victim.send('*1\r\n!\r\n');
      return victim.close();
    default:
      kill(victim);
      return victim.reset();
  }
}

export const WAYS: readonly Way[] = [
  { name: 'its peer closes', strike: (scene) => each(scene, (victim) => victim.close()), kills: all },
  { name: 'its peer resets', strike: (scene) => each(scene, (victim) => victim.reset()), kills: all },
  {
    name: 'its peer finishes sending',
    reads: true,
    strike: (scene) => each(scene, (victim) => victim.halfClose()),
    kills: all,
  },
  {
    name: 'CLIENT KILL ADDR',
    strike: async ({ victims, kill }) => victims.forEach(kill),
    kills: all,
  },
  {
    name: 'CLIENT KILL of all at once, between commands that wake them',
    writes: true,
    async strike({ admin }) {
      await transaction(admin, [...WAKE, ['CLIENT', 'KILL', 'USER', 'victim'], ...WAKE]);
      await admin.call('DEL', 'kill:list', 'kill:list2', 'kill:moved', 'kill:zset');
    },
    kills: known,
  },
  {
    name: 'CLIENT UNBLOCK, and CLIENT KILL behind it',
    async strike({ admin, victims, kill }) {
      const list = String(await admin.call('CLIENT', 'LIST'));
      for (const [, id] of list.matchAll(/^id=(\d+) .* user=victim /gm)) {
        admin.write(`CLIENT UNBLOCK ${id} ERROR\r\nCLIENT KILL ID ${id}\r\n`);
        await admin.take(2);
      }
      victims.forEach(kill);
    },
    kills: all,
  },
  {
    ...saying(
      'it kills itself',
      ({ address }) => `CLIENT KILL ${address.join(' ')} SKIPME no\r\nEXEC\r\nPING\r\n`,
    ),
    kills: ({ takesCommands }) => takesCommands === true,
    executes: true,
  },
  saying('QUIT', () => 'QUIT\r\nPING\r\n'),
  saying('protocol error', () => '*1\r\n!PING\r\n'),
  saying('a request of another protocol', () => 'POST / HTTP/1.1\r\nHost: x\r\n'),
  {
    ...saying('RESET, and its peer resets', () => 'RESET\r\n'),
    async strike(scene) {
      await each(scene, (victim) => commandable(scene.stateOf(victim)) && victim.send('RESET\r\nPING\r\n'));
      await each(scene, (victim) => victim.reset());
    },
    kills: all,
  },
  {
    name: 'hard output limit',
    writes: true,
    async strike({ admin, victims, stateOf }) {
      await set(admin, 'client-output-buffer-limit', 'normal 100kb 0 0 pubsub 100kb 0 0 replica 100kb 0 0');
      for (const victim of victims) {
        victim.stopReading();
        if (stateOf(victim).takesCommands)
          victim.send('DISCARD\r\nCLIENT REPLY ON\r\nSELECT 0\r\nGET kill:big\r\n'.repeat(4));
      }
      const message = 'm'.repeat(1 << 20);
      for (let i = 0; i < 8; i++) {
        for (const words of [
          ['PUBLISH', 'kill:channel'],
          ['SPUBLISH', 'kill:shard'],
        ]) {
          await admin.call(...words, message);
        }
      }
    },
    kills: commandable,
  },
  {
    name: 'soft output limit',
    async strike({ admin }) {
      await set(admin, 'client-output-buffer-limit', 'normal 0 1kb 1');
    },
    kills: ({ name }) => name === 'output pending',
  },
  {
    name: 'query buffer limit',
    reads: true,
    writes: true,
    async strike(scene) {
      await set(scene.admin, 'client-query-buffer-limit', '1mb');
      const endless = `*200000\r\n${'$10\r\n0123456789\r\n'.repeat(100_000)}`;
      await each(scene, (victim) => commandable(scene.stateOf(victim)) && victim.send(endless));
    },
    kills: commandable,
  },
  {
    name: 'timeout',
    // Those that are busy must not seem to idle.
    async strike({ admin, madeMs }) {
      await set(admin, 'timeout', String(IDLE_SECONDS + Math.ceil(madeMs / 500)));
    },
    kills: ({ patient }) => patient !== true,
  },
  {
    name: 'maxmemory-clients',
    async strike({ admin }) {
      await set(admin, 'maxmemory-clients', '1');
    },
    kills: ({ heavy }) => heavy === true,
  },
  {
    name: 'maxmemory-clients in the transaction that wakes it',
    writes: true,
    async strike({ admin }) {
      await transaction(admin, [['CONFIG', 'SET', 'maxmemory-clients', '1'], ...WAKE, ...WAKE]);
      await admin.call('DEL', 'kill:list', 'kill:list2', 'kill:moved', 'kill:zset');
    },
    kills: ({ heavy }) => heavy === true,
  },
  {
    name: 'ACL DELUSER',
    async strike({ admin }) {
      await admin.call('ACL', 'DELUSER', 'victim');
    },
    kills: known,
  },
  {
    name: 'ACL LOAD without its user',
    async strike({ admin, usersFile }) {
      writeFileSync(usersFile, 'user default on nopass ~* &* +@all\n');
      await admin.call('ACL', 'LOAD');
    },
    kills: known,
  },
  {
    name: 'its user may nothing any more',
    async strike({ admin }) {
      await admin.call('ACL', 'SETUSER', 'victim', 'reset');
    },
    kills: ({ listens }) => listens === true,
  },
  {
    name: 'FLUSHALL and XGROUP DESTROY under it',
    writes: true,
    async strike({ admin }) {
      await transaction(admin, [
        ['XGROUP', 'DESTROY', 'kill:stream', 'g'],
        ['FLUSHALL'],
        ...WAKE,
        ['FLUSHALL'],
      ]);
    },
    kills: none,
  },
  {
    name: 'anything, at any time',
    strike: (scene) => each(scene, (victim) => randomStrike(scene, victim)),
    kills: all,
  },
];
