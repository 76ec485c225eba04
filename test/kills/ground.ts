// The server that the connections die on, clients that must not notice, and what must be true of it afterwards.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Random } from '../../src/base/random.ts';
import { Authority } from '../support/certificates.ts';
import { decodeReply, encodeCommand, type RespClient } from '../support/resp.ts';
import { freePort, startServer, type TestServer } from '../support/server.ts';
import { BIG_BYTES, STATES, type State } from './states.ts';
import { type Door, Victim } from './victim.ts';
import type { Scene, Way } from './ways.ts';

export interface GroundOptions {
  readonly ioThreads: number;
  readonly tls: boolean;
  readonly args?: readonly string[];
}

const USERS = 'user default on nopass ~* &* +@all\nuser victim on >secret ~* &* +@all\n';
const POLITE_CLIENTS = 3;
const POLITE_PIPELINE = 20;
/** What the figures of memory may differ by although nobody is there. */
const SLACK_BYTES = 4096;
const PATIENCE_MS = 120_000;

/** A library that the server's process loads first: that of a sanitizer. */
const PRELOAD = process.env.MILLRACE_SANITIZER;

interface Parts {
  readonly server: TestServer;
  readonly admin: RespClient;
  readonly door: Door;
  readonly usersFile: string;
  readonly close: () => Promise<void>;
}

export class Ground {
  readonly #server: TestServer;
  readonly #admin: RespClient;
  readonly #door: Door;
  readonly #usersFile: string;
  readonly #random: Random;
  readonly #stateOf = new Map<Victim, State>();
  readonly #close: () => Promise<void>;
  #killing: Promise<unknown> = Promise.resolve();
  #made = 0;
  #base = { files: 0, clientBytes: 0 };

  private constructor(parts: Parts, random: Random) {
    this.#server = parts.server;
    this.#admin = parts.admin;
    this.#door = parts.door;
    this.#usersFile = parts.usersFile;
    this.#close = parts.close;
    this.#random = random;
  }

  static async open(options: GroundOptions, random: Random): Promise<Ground> {
    const authority = await Authority.create();
    const usersFile = authority.write('users.acl', USERS);
    const tlsPort = options.tls ? await freePort() : 0;
    const { certFile, keyFile } = await authority.issue('localhost');
    const tls = ['--tls-port', tlsPort, '--tls-cert-file', certFile, '--tls-key-file', keyFile];
    const more = options.tls
      ? [...tls, '--tls-ca-cert-file', authority.certFile, '--tls-auth-clients', 'no']
      : [];
    const log = ['--appendonly', 'yes', '--appendfsync', 'always', '--aclfile', usersFile];
    const args = [
      '--io-threads',
      String(options.ioThreads),
      ...log,
      ...more.map(String),
      ...(options.args ?? []),
    ];
    const server = await startServer({
      args,
      env: PRELOAD === undefined ? {} : { LD_PRELOAD: PRELOAD },
      readyMs: 60_000,
    });
    const admin = await server.connect();
    const door = options.tls ? { port: tlsPort, ca: authority.cert } : { port: server.port };
    const close = async (): Promise<void> => {
      admin.close();
      await server.stop();
      authority.remove();
    };
    const ground = new Ground({ server, admin, door, usersFile, close }, random);
    await ground.#prepare();
    return ground;
  }

  async #prepare(): Promise<void> {
    await this.#admin.call('CLIENT', 'NO-EVICT', 'ON');
    await this.#settle();
    this.#base = { files: this.#files(), clientBytes: await this.#info('mem_clients_normal') };
  }

  /** Kills `copies` connections of each state in one way; throws if anything is not as it should be then. */
  async kill(way: Way, states: readonly State[], copies: number): Promise<void> {
    await this.#fill();
    const polite = await this.#politeClients();
    const startMs = Date.now();
    const victims = await this.#victims(way, states, copies);
    try {
      await this.#strike(way, victims, Date.now() - startMs);
    } catch (error) {
      if (!this.#server.running)
        throw new Error(`the server is gone:\n${this.#server.log.slice(-6000)}`, { cause: error });
      throw error;
    } finally {
      for (const victim of victims) victim.close();
      if (this.#server.running) {
        await polite.stop();
        await this.#settle();
      }
    }
    await this.#check(way.executes ? /^half:/ : /^(half|multi):/);
  }

  async #strike(way: Way, victims: readonly Victim[], madeMs: number): Promise<void> {
    await way.strike(this.#scene(victims, madeMs));
    await this.#killing;
    const doomed = victims.filter((victim) => way.kills(this.#stateOf.get(victim)!));
    if (way.reads) for (const victim of victims) victim.read();
    await this.#until('still there', async () => await this.#alive(doomed));
    for (const victim of victims) victim.read();
    await this.#until('not told', () => doomed.filter(({ client }) => !client.closed));
  }

  /** Ends the server while connections of each state are there; all must be closed and the process end well. */
  async shutDown(how: 'SIGTERM' | 'SHUTDOWN', states: readonly State[], copies: number): Promise<void> {
    await this.#fill();
    const victims = await this.#victims({ writes: true }, states, copies);
    if (how === 'SHUTDOWN') this.#admin.write('SHUTDOWN NOSAVE NOW\r\n');
    else process.kill(this.#server.pid, 'SIGTERM');
    await this.#server.exited();
    for (const victim of victims) victim.read();
    await this.#until('not told', () => victims.filter(({ client }) => !client.closed));
    expect([this.#server.exitCode, this.#report()]).toEqual([0, '']);
  }

  async close(): Promise<void> {
    const expected = this.#server.running;
    await this.#close();
    if (expected) expect([this.#server.exitCode, this.#report()]).toEqual([0, '']);
  }

  async #victims(way: Pick<Way, 'writes'>, states: readonly State[], copies: number): Promise<Victim[]> {
    const entered = states.filter(({ beforeHandshake }) => !beforeHandshake || this.#door.ca !== undefined);
    const made: Victim[] = [];
    const enter = async (state: State): Promise<void> => {
      const tag = `${state.name.replace(/\W+/g, '-')}-${this.#made++}`;
      const victim = await Victim.open(this.#door, state.name, tag, !state.beforeHandshake);
      this.#stateOf.set(victim, state);
      made.push(victim);
      await state.enter(victim);
    };
    const repeated = (some: readonly State[]) => Array.from({ length: copies }, () => some).flat();
    await Promise.all(repeated(entered.filter(({ whilePaused }) => !whilePaused)).map(enter));
    if (way.writes) return made;
    await this.#admin.call('CLIENT', 'PAUSE', '100000', 'WRITE');
    await Promise.all(repeated(entered.filter(({ whilePaused }) => whilePaused)).map(enter));
    return made;
  }

  #scene(victims: readonly Victim[], madeMs: number): Scene {
    const stateOf = (victim: Victim): State => this.#stateOf.get(victim)!;
    const kill = (victim: Victim): void => {
      this.#killing = this.#killing.then(() => this.#admin.call('CLIENT', 'KILL', ...victim.address));
    };
    const usersFile = this.#usersFile;
    return { admin: this.#admin, random: this.#random, usersFile, victims, madeMs, stateOf, kill };
  }

  async #fill(): Promise<void> {
    writeFileSync(this.#usersFile, USERS);
    await this.#admin.call('FLUSHALL');
    expect(await this.#admin.call('ACL', 'LOAD')).toBe('OK');
    await this.#admin.call('SET', 'kill:big', 'b'.repeat(BIG_BYTES));
    expect(await this.#admin.call('XGROUP', 'CREATE', 'kill:stream', 'g', '$', 'MKSTREAM')).toBe('OK');
  }

  /** Clients that go on asking, each for what only it asks for, until they are stopped. */
  async #politeClients(): Promise<{ stop(): Promise<void> }> {
    let stopped = false;
    const ask = async (client: RespClient, name: number): Promise<void> => {
      for (let round = 0; !stopped; round++) {
        const words = Array.from({ length: POLITE_PIPELINE }, (_, i) => `polite ${name} ${round} ${i}`);
        client.write(Buffer.concat(words.map((word) => encodeCommand(['ECHO', word]))));
        const replies = await client.take(words.length, 60_000);
        expect(replies.map(decodeReply)).toEqual(words);
        await sleep(1);
      }
      client.close();
    };
    const clients = await Promise.all(Array.from({ length: POLITE_CLIENTS }, () => this.#server.connect()));
    const asking = clients.map(async (client) => {
      await client.call('CLIENT', 'NO-EVICT', 'ON');
      return client;
    });
    const loops = (await Promise.all(asking)).map(ask);
    return {
      async stop() {
        stopped = true;
        await Promise.all(loops);
      },
    };
  }

  /** Settings as they were, and nobody there but the administrator. */
  async #settle(): Promise<void> {
    for (const [name, value] of [
      ['client-output-buffer-limit', 'normal 0 0 0 pubsub 0 0 0 replica 0 0 0'],
      ['client-query-buffer-limit', '1gb'],
      ['timeout', '0'],
      ['maxmemory-clients', '0'],
    ] as const) {
      expect(await this.#admin.call('CONFIG', 'SET', name, value)).toBe('OK');
    }
    await this.#admin.call('CLIENT', 'UNPAUSE');
    await this.#until('clients remain', async () => {
      return String(await this.#admin.call('CLIENT', 'LIST'))
        .split('\n')
        .slice(0, -1)
        .slice(1);
    });
  }

  /** No trace is left of those that are gone, in figures as in data. */
  async #check(forbidden: RegExp): Promise<void> {
    expect(this.#report()).toBe('');
    for (const field of ['blocked_clients', 'tracking_clients', 'pubsub_clients', 'watching_clients']) {
      expect([field, await this.#info(field)]).toEqual([field, 0]);
    }
    for (const field of [
      'total_blocking_keys',
      'total_watched_keys',
      'pubsub_channels',
      'pubsub_patterns',
      'tracking_total_keys',
    ]) {
      expect([field, await this.#info(field)]).toEqual([field, 0]);
    }
    expect(await this.#info('mem_clients_normal')).toBeLessThanOrEqual(this.#base.clientBytes + SLACK_BYTES);
    expect(this.#files()).toBe(this.#base.files);
    // Commands that had not come completely, or were queued, have not run; what nobody waits for any more stays.
    const keys = (await this.#admin.call('KEYS', '*')) as string[];
    expect(keys.filter((key) => forbidden.test(key))).toEqual([]);
    expect(await this.#admin.call('RPUSH', 'kill:list', 'mine')).toBe(1);
    expect(await this.#admin.call('FLUSHALL')).toBe('OK');
  }

  async #alive(victims: readonly Victim[]): Promise<Victim[]> {
    const list = String(await this.#admin.call('CLIENT', 'LIST'));
    const listed = new Set([...list.matchAll(/addr=\S+ laddr=\S+/g)].map(([text]) => text));
    return victims.filter((victim) => listed.has(victim.listed));
  }

  async #until(what: string, left: () => unknown[] | Promise<unknown[]>): Promise<void> {
    const untilMs = Date.now() + PATIENCE_MS;
    for (;;) {
      const some = await left();
      if (some.length === 0) return;
      if (Date.now() > untilMs) {
        const names = some.map((each) => (each instanceof Victim ? each.state : String(each)));
        throw new Error(`${what}: ${names.join('; ')}\n${this.#report()}`);
      }
      await sleep(5);
    }
  }

  async #info(field: string): Promise<number> {
    const text = String(await this.#admin.call('INFO', 'everything'));
    return Number(new RegExp(`^${field}:(.*)\r$`, 'm').exec(text)?.[1] ?? 0);
  }

  #files(): number {
    return process.platform === 'linux'
      ? readdirSync(join('/proc', String(this.#server.pid), 'fd')).length
      : 0;
  }

  /** What a sanitizer, or the server about itself, has to say. */
  #report(): string {
    const at = this.#server.log.search(/Sanitizer|runtime error:|BUG REPORT|internal error/);
    return at < 0 ? '' : this.#server.log.slice(at, at + 6000);
  }
}

/** All states, or those whose name contains MILLRACE_STATE. */
export const chosenStates: readonly State[] = STATES.filter(({ name }) => {
  return name.includes(process.env.MILLRACE_STATE ?? '');
});
