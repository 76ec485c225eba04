// The program: command line, log, signals, exit codes. Everything else is in server/.
import { readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { SystemClock } from '../base/clock.ts';
import { errorText } from '../base/errno.ts';
import { SystemFiles } from '../base/files.ts';
import { Logger } from '../base/log.ts';
import { MILLRACE_VERSION, SERVER_NAME } from '../base/version.ts';
import { ConfigError } from '../config/parse.ts';
import { renameCommands } from '../server/foreign_lines.ts';
import { Instance } from '../server/instance.ts';
import { ListenError } from '../server/network.ts';
import { type Run, readCommandLine } from './arguments.ts';
import { followTitle } from './title.ts';

const clock = new SystemClock();
const log = new Logger({ clock, pid: process.pid });
const parsed = readCommandLine(process.argv.slice(2), {
  directory: process.cwd(),
  readInput: () => readFileSync(0),
  files: new SystemFiles(),
  log,
});

if (parsed.kind === 'exit') {
  process.stdout.write(Buffer.from(parsed.output, 'latin1'));
  process.stderr.write(Buffer.from(parsed.errors, 'latin1'));
  process.exitCode = parsed.code;
} else {
  run(parsed);
}

function run({ config, foreign }: Run): void {
  log.level = config.value('loglevel');
  log.path = config.value('logfile') ?? '';
  const { pid } = process;
  log.warning('oO0OoO0OoO0Oo Redis-compatible server is starting oO0OoO0OoO0Oo');
  log.warning(
    `${SERVER_NAME} version=${MILLRACE_VERSION}, bits=64, node=${process.versions.node}, pid=${pid}, just started`,
  );
  log.warning('Configuration loaded');
  log.role = 'M';
  let instance: Instance;
  try {
    instance = new Instance({ config, clock, log });
    renameCommands(instance.core, foreign);
    log.notice(`Running mode=standalone, port=${config.number('port')}.`);
    if (config.boolean('always-show-logo'))
      log.notice(`${SERVER_NAME} ${MILLRACE_VERSION} standalone, PID: ${pid}`);
    else log.notice(`PID: ${pid}`);
    instance.listen();
  } catch (error) {
    if (error instanceof ConfigError) process.stderr.write(Buffer.from(error.message, 'latin1'));
    else if (!(error instanceof ListenError)) log.warning(errorText(error));
    process.exit(1);
  }
  followTitle(config, SERVER_NAME);
  const pidfile = writePidfile(config.value('pidfile') ?? '');
  instance.onShutdown = (code) => {
    if (pidfile !== '') unlinkSync(pidfile);
    process.exit(code);
  };
  log.warning('Server initialized');
  instance.start();
  log.notice('Ready to accept connections');
  handleSignals(instance);
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

function handleSignals(instance: Instance): void {
  let asked = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (asked && signal === 'SIGINT') {
        log.warning('You insist... exiting now.');
        process.exit(1);
      }
      asked = true;
      log.warning(`Received ${signal} scheduling shutdown...`);
      instance.shutdown();
    });
  }
  process.on('SIGHUP', () => {});
  process.on('SIGPIPE', () => {});
}
