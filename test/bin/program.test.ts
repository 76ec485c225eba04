import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MILLRACE_VERSION } from '../../src/base/version.ts';
import { Authority } from '../support/certificates.ts';
import { RespClient } from '../support/resp.ts';
import { freePort } from '../support/server.ts';
import { type Ending, linesOf, Program, type RunOptions } from './process.ts';

let directory: string;
let port: number;
const programs: Program[] = [];
const clients: RespClient[] = [];

beforeEach(async () => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-')));
  port = await freePort();
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  for (const program of programs.splice(0)) {
    program.kill('SIGKILL');
    await program.ended;
  }
  rmSync(directory, { recursive: true });
});

function start(args: readonly string[], options: Partial<RunOptions> = {}): Program {
  const program = new Program(args, { directory, ...options });
  programs.push(program);
  return program;
}

/** Starts with a free port and waits until it is ready. */
async function serve(...args: string[]): Promise<Program> {
  const program = start(['--port', String(port), ...args]);
  await program.ready();
  return program;
}

/** Runs to the end. */
async function run(args: readonly string[], options: Partial<RunOptions> = {}): Promise<Program & Ending> {
  const program = start(args, options);
  return Object.assign(program, await program.ended);
}

async function connect(address: Parameters<typeof RespClient.connect>[0] = { port }): Promise<RespClient> {
  const client = await RespClient.connect(address);
  clients.push(client);
  return client;
}

const STARTING = 'C # oO0OoO0OoO0Oo Redis-compatible server is starting oO0OoO0OoO0Oo';
const VERSION = `C # millrace version=${MILLRACE_VERSION}, bits=64, node=${process.versions.node}, pid=PID, just started`;
const LOADED = 'C # Configuration loaded';
const CLOCK = 'M * monotonic clock: POSIX clock_gettime';
const OPENING = [STARTING, VERSION, LOADED, CLOCK];
const SAVED = ['M * Saving the final RDB snapshot before exiting.', 'M * DB saved on disk'];
const ENDING = ['M # User requested shutdown...', 'M # Redis is now ready to exit, bye bye...'];

describe('the log', () => {
  it('tells the way from start to end in the order that tools know', async () => {
    const program = await serve('--save', '');
    program.kill('SIGTERM');
    expect(await program.ended).toEqual({ code: 0, signal: null });
    expect(program.log).toEqual([
      ...OPENING,
      `M * Running mode=standalone, port=${port}.`,
      'M * PID: PID',
      'M # Server initialized',
      'M * Ready to accept connections',
      'M # Received SIGTERM scheduling shutdown...',
      ...ENDING,
    ]);
    expect(program.errors).toBe('');
  });

  it('shows a logo if asked to', async () => {
    const program = await serve('--always-show-logo', 'yes');
    expect(program.output).toMatch(
      new RegExp(` Port: ${port}\\n[^]* PID: ${program.pid}\\n[^]*Server initialized`),
    );
    expect(program.output).not.toContain('Running mode');
  });

  it('is in a file of `dir`', async () => {
    const program = start(['--port', String(port), '--dir', directory, '--logfile', 'größe.log'], {
      directory: tmpdir(),
    });
    const path = join(directory, 'größe.log');
    await expect.poll(() => existsSync(path) && readFileSync(path, 'utf8')).toContain('Ready to accept');
    program.kill('SIGINT');
    expect(await program.ended).toEqual({ code: 0, signal: null });
    const lines = linesOf(readFileSync(path, 'utf8'), program.pid);
    expect(lines.slice(0, 4)).toEqual(OPENING);
    const [first, last] = ENDING;
    expect(lines.slice(-5)).toEqual(['M # Received SIGINT scheduling shutdown...', first, ...SAVED, last]);
    expect([program.output, program.errors]).toEqual(['', '']);
  });

  it('obeys loglevel and log-format', async () => {
    const program = await serve('--log-format', 'json');
    const lines = program.output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.at(-1)).toMatchObject({
      pid: program.pid,
      level: 'notice',
      message: 'Ready to accept connections',
    });
    const quiet = start(['--port', String(await freePort()), '--loglevel', 'warning']);
    await quiet.prints('Server initialized');
    expect(quiet.log).toEqual([STARTING, VERSION, LOADED, 'M # Server initialized']);
  });
});

describe('what it does not start with', () => {
  it('is a port that is taken', async () => {
    await serve('--bind', '127.0.0.1');
    const second = await run(['--port', String(port), '--bind', '127.0.0.1']);
    expect(second.code).toBe(1);
    expect(second.log).toEqual([
      ...OPENING,
      `M # Warning: Could not create server TCP listening socket 127.0.0.1:${port}: bind: Address already in use`,
      `M # Failed listening on port ${port} (TCP), aborting.`,
    ]);
    const third = await run(['--port', String(port)]);
    expect(third.log.slice(4)).toEqual([
      `M # Warning: Could not create server TCP listening socket *:${port}: bind: Address already in use`,
      `M # Failed listening on port ${port} (TCP), aborting.`,
    ]);
  });

  it('is an address of another machine, unless it is optional', async () => {
    const warning =
      `M # Warning: Could not create server TCP listening socket 192.0.2.1:${port}: ` +
      'bind: Cannot assign requested address';
    const refused = await run(['--port', String(port), '--bind', '127.0.0.1', '192.0.2.1']);
    expect(refused.code).toBe(1);
    expect(refused.log.slice(4)).toEqual([warning, `M # Failed listening on port ${port} (TCP), aborting.`]);
    const nowhere = await run(['--port', String(port), '--bind', '-192.0.2.1']);
    expect(nowhere.code).toBe(1);
    expect(nowhere.log.slice(4)).toEqual([warning, 'M # Configured to not listen anywhere, exiting.']);
    const program = await serve('--bind', '127.0.0.1', '-192.0.2.1');
    expect(program.log).toContain(warning);
    expect(await (await connect()).call('PING')).toBe('PONG');
  });

  it('is nowhere to listen', async () => {
    const program = await run(['--port', '0']);
    expect(program.code).toBe(1);
    expect(program.log.slice(4)).toEqual(['M # Configured to not listen anywhere, exiting.']);
    const socket = await run(['--port', '0', '--unixsocket', 'missing/socket']);
    expect(socket.code).toBe(1);
    expect(socket.log.slice(4)).toEqual(['M # Failed opening Unix socket: bind: No such file or directory']);
  });

  const fatal = (reason: string): string =>
    `\n*** FATAL CONFIG FILE ERROR (millrace ${MILLRACE_VERSION}) ***\n${reason}\n`;

  it('is a wrong configuration', async () => {
    const option = await run(['--port', String(port), '--hz', 'often']);
    expect(option.code).toBe(1);
    const place = `Reading the configuration file, at line 3\n>>> 'hz "often"'\n`;
    expect(option.errors).toBe(fatal(`${place}argument couldn't be parsed into an integer`));
    expect(option.output).toBe('');
    writeFileSync(join(directory, 'wrong.conf'), '# one\n\nfoo "bar"\n');
    const file = await run(['wrong.conf']);
    expect(file.code).toBe(1);
    expect(file.errors).toBe(
      fatal(
        `Reading the configuration file, at line 3\n>>> 'foo "bar"'\nBad directive or wrong number of arguments`,
      ),
    );
    const log = await run(['--logfile', 'missing/log']);
    expect([log.code, log.errors]).toEqual([1, fatal("Can't open the log file: No such file or directory")]);
  });

  it('is a configuration file that is missing', async () => {
    const program = await run(['missing.conf']);
    expect(program.code).toBe(1);
    const path = join(directory, 'missing.conf');
    expect(program.log).toEqual([
      `C # Fatal error, can't open config file '${path}': No such file or directory`,
    ]);
  });

  it.each([
    [['--daemonize', 'yes'], 'cannot put itself into the background'],
    [['--loadmodule', '/m.so'], 'Modules cannot be loaded'],
    [['--rename-command', 'nonsense', 'x'], 'No such command in rename-command'],
    [['--rename-command', 'get', 'x'.repeat(65)], "A command's name has at most 64 characters"],
  ])('is %j', async (args, reason) => {
    const program = await run(['--port', String(port), ...args]);
    expect(program.code).toBe(1);
    expect(program.errors).toContain(reason);
  });

  it.each([
    [['--tls-port', '7'], 'M # Failed to configure TLS. Check logs for more info.'],
    [
      ['--aclfile', 'users'],
      "M # Aborting Redis startup because of ACL errors: Error loading ACLs, opening file 'users': No such file or directory",
    ],
    [['--replicaof', '127.0.0.1', '7'], 'M # replicaof: there is no replication yet'],
  ])('is %j', async (args, reason) => {
    const program = await run(['--port', String(port), ...args]);
    expect(program.code).toBe(1);
    expect(program.log.at(-1)).toBe(reason);
  });
});

describe('what it takes', () => {
  it('is standard input, over which options win', async () => {
    const secret = 'F'.repeat(64);
    const renamed = `rename-command GET ""\nrename-command CONFIG ${secret}`;
    const input = `maxmemory 1mb\nport ${port}\n${renamed}\nuser default on nopass ~* &* +@all\n`;
    const program = start(['-', '--maxmemory', '2mb'], { input });
    await program.ready();
    expect(program.log[0]).toBe('C # Reading config from stdin');
    const client = await connect();
    expect(await client.call(secret, 'GET', 'maxmemory')).toEqual(['maxmemory', '2097152']);
    expect(String(await client.raw('GET', 'a'))).toContain("unknown command 'GET'");
    expect(String(await client.raw('CONFIG', 'GET', 'a'))).toContain("unknown command 'CONFIG'");
  });

  it('is a file, relative to where it starts, and what it includes', async () => {
    writeFileSync(join(directory, 'ä.conf'), `include b.conf\nport ${port}\n`);
    writeFileSync(join(directory, 'b.conf'), 'hz 50\n');
    await start(['ä.conf', '--databases', '4']).ready();
    const client = await connect();
    expect(await client.call('CONFIG', 'GET', 'hz')).toEqual(['hz', '50']);
    const path = Buffer.from(join(directory, 'ä.conf')).toString('latin1');
    expect(await client.call('INFO', 'server')).toContain(`config_file:${path}\r\n`);
  });

  it('are settings without effect, of which it warns', async () => {
    const program = await serve('--cluster-enabled', 'yes', '--supervised', 'systemd');
    expect(program.log.filter((line) => /effect|NOTIFY/.test(line))).toEqual([
      'C # supervised systemd: there is no NOTIFY_SOCKET in the environment, so nobody is told',
      'M # WARNING: cluster-enabled has no effect yet: this is a server by itself',
    ]);
  });

  it('are words that do not start a server', async () => {
    const version = await run(['--version']);
    expect(version).toMatchObject({ code: 0, errors: '' });
    expect(version.output).toMatch(/^millrace server, speaks Redis 7\.\d+\.\d+: v=\d+\.\d+\.\d+ .*\n$/);
    const help = await run(['--help']);
    expect(help).toMatchObject({ code: 1, output: '' });
    expect(help.errors).toMatch(/^Usage: millrace \[file\]/);
  });
});

describe('--healthcheck', () => {
  it('tells by the exit code whether a server with these settings answers', async () => {
    writeFileSync(join(directory, 'a.conf'), 'requirepass "größe"\n');
    const settings = ['a.conf', '--port', String(port)];
    const missing = await run(['--healthcheck', ...settings]);
    expect([missing.code, missing.errors]).toEqual([
      1,
      `unhealthy: connect ECONNREFUSED 127.0.0.1:${port}\n`,
    ]);
    await start(settings).ready();
    expect(await run(['--healthcheck', ...settings])).toMatchObject({ code: 0, output: '', errors: '' });
    const wrong = await run(['--healthcheck', '--port', String(port), '--requirepass', 'x']);
    expect([wrong.code, wrong.errors]).toEqual([1, expect.stringMatching(/^unhealthy: (WRONGPASS|NOAUTH) /)]);
    const socket = ['--port', '0', '--unixsocket', 's.sock'];
    await start(socket).ready();
    expect((await run(['--healthcheck', ...socket])).code).toBe(0);
  });

  it('asks over TLS where there is nothing else, with the certificate that the server has', async () => {
    const authority = await Authority.create();
    const { certFile, keyFile } = await authority.issue('localhost');
    const files = ['--tls-cert-file', certFile, '--tls-key-file', keyFile];
    const tls = [...files, '--tls-ca-cert-file', authority.certFile, '--tls-port', String(port)];
    await start(['--port', '0', ...tls]).ready();
    const healthy = await run(['--healthcheck', '--port', '0', ...tls]);
    authority.remove();
    expect(healthy).toMatchObject({ code: 0, output: '', errors: '' });
    const missing = await run(['--healthcheck', '--port', '0', ...tls]);
    expect([missing.code, missing.errors]).toEqual([1, expect.stringMatching(/^unhealthy: ENOENT/)]);
  });
});

describe('where it listens', () => {
  it('is a unix socket of `dir`, alone', async () => {
    const args = ['--port', '0', '--dir', directory, '--unixsocket', 's.sock', '--unixsocketperm', '700'];
    const program = start(args, { directory: tmpdir() });
    await program.ready();
    const path = join(directory, 's.sock');
    expect(program.log.slice(-4)).toEqual([
      'M * Running mode=standalone, port=0.',
      'M * PID: PID',
      'M # Server initialized',
      `M * The server is now ready to accept connections at ${path}`,
    ]);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    const client = await connect({ path });
    expect(await client.call('PING')).toBe('PONG');
    client.write('SHUTDOWN\r\n');
    expect(await program.ended).toEqual({ code: 0, signal: null });
    expect(existsSync(path)).toBe(false);
    const [first, last] = ENDING;
    expect(program.log.slice(-5)).toEqual([first, ...SAVED, 'M * Removing the unix socket file.', last]);
  });

  it.each([1, 2, 4])('is served by %i I/O threads', async (threads) => {
    const program = await serve('--io-threads', String(threads));
    const all = await Promise.all(Array.from({ length: 8 }, () => connect()));
    const replies = await Promise.all(all.map((client, i) => client.call('SET', i, i)));
    expect(replies).toEqual(Array(8).fill('OK'));
    expect(await all[0]!.call('DBSIZE')).toBe(8);
    program.kill('SIGTERM');
    expect(await program.ended).toEqual({ code: 0, signal: null });
  });

  const outside = Object.values(networkInterfaces())
    .flat()
    .find((address) => address !== undefined && !address.internal && address.family === 'IPv4');

  it.runIf(outside !== undefined)('is closed to others than this machine without a password', async () => {
    await serve();
    const stranger = await connect({ host: outside!.address, port });
    expect((await stranger.finish()).toString()).toMatch(/^-DENIED Redis is running in protected mode/);
    const client = await connect();
    expect(await client.call('CONFIG', 'SET', 'protected-mode', 'no')).toBe('OK');
    const friend = await connect({ host: outside!.address, port });
    expect(await friend.call('PING')).toBe('PONG');
  });
});

describe('the end', () => {
  it('removes the pid file, which belongs to `dir`', async () => {
    const path = join(directory, 'server.pid');
    const program = await serve('--dir', directory, '--pidfile', 'server.pid');
    expect(readFileSync(path, 'utf8')).toBe(`${program.pid}\n`);
    program.kill('SIGTERM');
    await program.ended;
    expect(existsSync(path)).toBe(false);
    expect(program.log).toContain('M * Removing the pid file.');
  });

  it('does not depend on a pid file that cannot be written or is gone', async () => {
    const program = await serve('--pidfile', 'missing/pid');
    expect(program.log).toContain('M # Failed to write PID file: No such file or directory');
    const other = start(['--port', String(await freePort()), '--pidfile', 'gone.pid']);
    await other.ready();
    rmSync(join(directory, 'gone.pid'));
    other.kill('SIGTERM');
    expect(await other.ended).toEqual({ code: 0, signal: null });
  });

  it('leaves the pid file of a server alone whose port it wanted', async () => {
    const program = await serve('--pidfile', 'server.pid');
    await run(['--port', String(port), '--pidfile', 'server.pid']);
    expect(readFileSync(join(directory, 'server.pid'), 'utf8')).toBe(`${program.pid}\n`);
  });

  it('comes at once with a second SIGINT during a long command', async () => {
    const program = await serve('--enable-debug-command', 'yes');
    const client = await connect();
    await client.call('PING');
    client.write('DEBUG LOG begins\r\nDEBUG SLEEP 2\r\n');
    await program.prints('begins');
    // Signals that come before the first has been noticed count as one, so there have to be more than two.
    const insisting = setInterval(() => program.kill('SIGINT'), 50);
    expect(await program.ended).toEqual({ code: 1, signal: null });
    clearInterval(insisting);
    expect(program.log.slice(-2)).toEqual([
      'M # Received SIGINT scheduling shutdown...',
      'M # You insist... exiting now.',
    ]);
  });

  it('is not brought by SIGHUP or SIGPIPE', async () => {
    const program = await serve();
    program.kill('SIGHUP');
    program.kill('SIGPIPE');
    expect(await (await connect()).call('PING')).toBe('PONG');
  });

  it('comes with a report and code 1 after a crash', async () => {
    const program = await serve('--enable-debug-command', 'yes');
    (await connect()).write('DEBUG PANIC\r\n');
    expect(await program.ended).toEqual({ code: 1, signal: null });
    expect(program.output).toContain('CRASH REPORT');
  });

  it('by force leaves nothing that hinders the next start', async () => {
    const args = ['--unixsocket', 's.sock', '--pidfile', 'server.pid'];
    for (let round = 0; round < 3; round++) {
      const program = await serve(...args);
      const client = await connect();
      expect(await client.call('SET', 'a', 'v'.repeat(1000))).toBe('OK');
      expect(await (await connect({ path: join(directory, 's.sock') })).call('STRLEN', 'a')).toBe(1000);
      program.kill('SIGKILL');
      expect(await program.ended).toEqual({ code: null, signal: 'SIGKILL' });
    }
    expect(existsSync(join(directory, 's.sock'))).toBe(true);
  });
});

/** Node has no datagrams of unix sockets; python3 is there wherever the addon can be built. */
const RECEIVER = `
import json, os, socket, sys
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1])
print('"bound"', flush=True)
for _ in range(2):
    print(json.dumps(receiver.recv(1000).decode()), flush=True)
`;

it('tells systemd when it is ready and when it ends', async () => {
  const socket = join(directory, 'notify');
  const receiver = spawn('python3', ['-c', RECEIVER, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  const received = createInterface({ input: receiver.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => JSON.parse((await received.next()).value as string);
  expect(await next()).toBe('bound');
  const program = start(['--port', String(port), '--supervised', 'auto', '--daemonize', 'yes'], {
    environment: { NOTIFY_SOCKET: socket },
  });
  expect(await next()).toBe('READY=1\nSTATUS=Ready to accept connections\n');
  expect(await (await connect()).call('PING')).toBe('PONG');
  program.kill('SIGTERM');
  expect(await next()).toBe('STOPPING=1\n');
  expect(await program.ended).toEqual({ code: 0, signal: null });
});
