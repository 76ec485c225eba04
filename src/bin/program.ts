// The program: command line, log, signals, exit codes. Everything else is in server/.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { SystemClock } from '../base/clock.ts';
import { errorText } from '../base/errno.ts';
import { SystemFiles } from '../base/files.ts';
import { Logger } from '../base/log.ts';
import { MILLRACE_VERSION, SERVER_NAME } from '../base/version.ts';
import { loadBinding } from '../bridge/binding.ts';
import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/parse.ts';
import { AofError } from '../server/aof_load.ts';
import { applyForeignLines } from '../server/foreign_lines.ts';
import { Instance } from '../server/instance.ts';
import { ListenError } from '../server/network.ts';
import { TlsError } from '../server/tls.ts';
import { type Run, readCommandLine } from './arguments.ts';
import { logo } from './logo.ts';
import { Supervisor } from './supervisor.ts';
import { followTitle } from './title.ts';

const NO_DAEMON = `daemonize yes: this server cannot put itself into the background, because Node.js cannot fork.
Let a service manager start it (supervised systemd, or a launchd plist), or a shell (nohup ${SERVER_NAME} ... &),
and say daemonize no, or --daemonize no if the file must stay as it is.`;

const HEALTHCHECK = '--healthcheck';

const clock = new SystemClock();
const log = new Logger({ clock, pid: process.pid });

/** Runs the whole program; `ready` is called when the server is about to say that it is ready. */
export async function main(ready: () => void): Promise<void> {
  const args = process.argv.slice(2);
  const isCheck = args[0] === HEALTHCHECK;
  const parsed = readCommandLine(isCheck ? args.slice(1) : args, {
    directory: process.cwd(),
    readInput: () => readFileSync(0),
    files: new SystemFiles(),
    log,
  });
  if (parsed.kind === 'exit') {
    process.stdout.write(Buffer.from(parsed.output, 'latin1'));
    process.stderr.write(Buffer.from(parsed.errors, 'latin1'));
    process.exitCode = parsed.code;
  } else if (isCheck) {
    await check(parsed);
  } else {
    await serve(parsed, ready);
  }
}

async function serve(wanted: Run, ready: () => void): Promise<void> {
  try {
    await run(wanted, ready);
  } catch (error) {
    if (error instanceof ConfigError) process.stderr.write(Buffer.from(error.message, 'latin1'));
    // What the server cannot listen on, or what is wrong with a certificate, is in the log already.
    else if (error instanceof TlsError) log.warning('Failed to configure TLS. Check logs for more info.');
    else if (!(error instanceof ListenError)) log.warning(errorText(error));
    process.exit(1);
  }
}

async function check({ config }: Run): Promise<void> {
  const { checkHealth } = await import('./healthcheck.ts');
  try {
    await checkHealth(config);
  } catch (error) {
    process.stderr.write(`unhealthy: ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}

async function run({ config, foreign }: Run, ready: () => void): Promise<void> {
  openLog(config);
  const supervisor = new Supervisor({
    mode: config.value('supervised'),
    environment: process.env,
    log,
    send: (path, text) => loadBinding().sendDatagram(path, text),
  });
  if (config.boolean('daemonize') && !supervisor.active) throw new ConfigError(NO_DAEMON);
  announce();
  loadBinding().keepHeapSmall();
  const instance = new Instance({ config, clock, log });
  applyForeignLines(instance.core, foreign);
  instance.listen();
  followTitle(config, SERVER_NAME);
  const pidfile = writePidfile(config.file('pidfile'));
  instance.onStopping = () => {
    supervisor.stopping();
    removePidfile(pidfile);
  };
  instance.onShutdown = () => process.exit(0);
  // Whoever reads the following lines may send signals at once.
  handleSignals(instance);
  handleErrors(instance);
  introduce(instance);
  instance.start();
  await load(instance);
  ready();
  announceReady(instance);
  supervisor.ready();
}

/** Without its data the server must not go on: what it would save later would take their place. */
async function load(instance: Instance): Promise<void> {
  try {
    await instance.load();
  } catch (error) {
    // What is wrong with an append-only file is in the log already.
    if (!(error instanceof AofError)) {
      log.warning(errorText(error));
      log.warning('Fatal error loading the DB, check server logs. Exiting.');
    }
    process.exit(1);
  }
}

function openLog(config: Config): void {
  log.level = config.value('loglevel');
  log.format = config.value('log-format');
  log.timestamps = config.value('log-timestamp-format');
  log.path = config.file('logfile');
}

function announce(): void {
  const { pid, versions } = process;
  log.warning('oO0OoO0OoO0Oo Redis-compatible server is starting oO0OoO0OoO0Oo');
  log.warning(
    `${SERVER_NAME} version=${MILLRACE_VERSION}, bits=64, node=${versions.node}, pid=${pid}, just started`,
  );
  if (process.argv.length > 2) log.warning('Configuration loaded');
  else
    log.warning(`No configuration is given, so this is the default one: ${SERVER_NAME} /path/to/redis.conf`);
  log.role = 'M';
  log.notice('monotonic clock: POSIX clock_gettime');
}

/** Tools look for the process id before "Server initialized". */
function introduce({ core }: Instance): void {
  const { config } = core;
  const { pid } = process;
  const port = config.number('port') || config.number('tls-port');
  const isWatched = config.string('logfile') === '' && process.stdout.isTTY;
  if (isWatched || config.boolean('always-show-logo')) {
    for (const line of logo(port, pid)) log.notice(line);
  } else {
    log.notice(`Running mode=standalone, port=${port}.`);
    log.notice(`PID: ${pid}`);
  }
  log.warning('Server initialized');
}

function announceReady({ core: { network } }: Instance): void {
  if (network.port !== 0 || network.tlsPort !== 0) log.notice('Ready to accept connections');
  const { socketPath } = network;
  if (socketPath !== '') log.notice(`The server is now ready to accept connections at ${socketPath}`);
}

/** Writes the pid file; '' when there is none. A server without its pid file still serves. */
function writePidfile(path: string): string {
  if (path === '') return '';
  try {
    writeFileSync(path, `${process.pid}\n`);
    return path;
  } catch (error) {
    log.warning(`Failed to write PID file: ${errorText(error)}`);
    return '';
  }
}

function removePidfile(path: string): void {
  if (path === '') return;
  log.notice('Removing the pid file.');
  try {
    rmSync(path, { force: true });
  } catch (error) {
    log.warning(`Failed to remove PID file: ${errorText(error)}`);
  }
}

function handleSignals(instance: Instance): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      const { admin } = instance.core;
      if (admin.isAskedToEnd && signal === 'SIGINT') {
        log.warning('You insist... exiting now.');
        instance.core.snapshots.abort();
        process.exit(1);
      }
      if (instance.core.loading.active) {
        log.warning('Received shutdown signal during loading, exiting now.');
        process.exit(0);
      }
      log.warning(`Received ${signal} scheduling shutdown...`);
      admin.askShutdown(() => instance.shutdown(optionsOf(instance, signal)));
    });
  }
  process.on('SIGABRT', () => instance.core.admin.crash('crashed by signal: SIGABRT'));
  process.on('SIGHUP', () => {});
  process.on('SIGPIPE', () => {});
}

/** What `shutdown-on-sigterm` or `shutdown-on-sigint` asks for. */
function optionsOf({ core: { config } }: Instance, signal: 'SIGTERM' | 'SIGINT') {
  const words = config.value(signal === 'SIGTERM' ? 'shutdown-on-sigterm' : 'shutdown-on-sigint');
  const save = words.includes('save') ? 'yes' : words.includes('nosave') ? 'no' : 'as-configured';
  return { save, force: words.includes('force') } as const;
}

/** An error that nobody caught leaves the server in an unknown state: it ends, and the log has everything. */
function handleErrors({ core }: Instance): void {
  process.on('uncaughtException', (error) => {
    for (const line of (error.stack ?? String(error)).split('\n')) log.warning(line);
    core.admin.crash(`uncaught ${error.message}`);
  });
}
