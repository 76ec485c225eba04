// Runs one unit of the upstream suite in a process group of its own and reads its report.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isBlock } from './skips.mjs';

const RECORD = /^\[(ok|err|skip|ignore|exception|TIMEOUT)\]: (.*)$/;
// Lines of the suite itself that may follow a record and are not part of its text.
const OTHER =
  /^(\[[^\]]+\]: |\[\d+\/\d+ |Testing |Cleanup: | {19}The End|Execution time|Waiting for process |\s*$)/;

/** @typedef {{ status: string, name: string, text: string[] }} UnitRecord */

/**
 * Collects the records of a report, line by line; a record's text may go on over several lines.
 */
class Report {
  /** @type {UnitRecord[]} */
  records = [];
  finished = false;
  #open = false;

  line(line) {
    const match = line.match(RECORD);
    if (match) {
      const name = match[1] === 'ok' ? match[2].replace(/ \(\d+ ms\)$/, '') : match[2];
      this.records.push({ status: match[1], name, text: [] });
      this.#open = match[1] === 'err' || match[1] === 'exception';
      return;
    }
    if (/^\[\d+\/\d+ done\]/.test(line)) this.finished = true;
    if (line.includes('The End') || OTHER.test(line)) this.#open &&= line.trim() === '';
    else if (this.#open) this.records.at(-1).text.push(line);
  }
}

/**
 * Ids of processes that live in `directory` or name it: servers which their test did not stop, detached ones too, but
 * not the suite's own.
 */
function serversOf(directory) {
  const found = [];
  for (const name of process.platform === 'linux' ? readdirSync('/proc') : []) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    try {
      const command = readFileSync(`/proc/${name}/cmdline`, 'latin1');
      const cwd = readlinkSync(`/proc/${name}/cwd`);
      const inside = cwd === directory || cwd.startsWith(`${directory}/`);
      if ((inside || command.includes(directory)) && !command.includes('.tcl')) found.push(Number(name));
    } catch {
      // The process ended while it was looked at, or is not ours to look at.
    }
  }
  return found;
}

function kill(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // Already gone.
  }
}

function suiteArguments(unit, options) {
  const [name, mode] = unit.split('@');
  const args = ['tests/test_helper.tcl', '--single', name, '--clients', '1'];
  if (mode === 'tls') args.push('--tls');
  args.push(
    '--baseport',
    String(options.port + 40),
    '--portcount',
    '150',
    '--timeout',
    String(options.limitSec),
  );
  for (const name of options.only) args.push('--only', name);
  for (const skip of options.skips) if (!isBlock(skip)) args.push('--skiptest', skip.test);
  for (const tag of options.tags) args.push('--tags', tag);
  return args;
}

/**
 * Runs `unit` in `directory` (see layOut); a name that ends in `@tls` runs over TLS.
 *
 * A unit that is silent for `stallSec` has its servers killed, which turns the wait into a failure of that one test;
 * a unit that is not done after `limitSec` is killed whole.
 *
 * @param {{ port: number, limitSec: number, stallSec: number, only: string[], tags: string[],
 *   skips: { unit: string, test: string, reason: string }[], echo: boolean }} options
 * @returns {Promise<{ records: UnitRecord[], finished: boolean, limitHit: boolean, seconds: number }>}
 */
export async function runUnit(unit, directory, options) {
  const startedMs = Date.now();
  const blocks = options.skips.filter(isBlock).map((skip) => skip.test.slice('block: '.length));
  writeFileSync(join(directory, 'blocks.txt'), `${blocks.join('\n')}\n`);
  const child = spawn('tclsh', suiteArguments(unit, options), {
    cwd: directory,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TERM: 'dumb', UPSTREAM_SKIP_BLOCKS: join(directory, 'blocks.txt') },
  });
  const report = new Report();
  let heardMs = startedMs;
  let limitHit = false;
  let rest = '';
  const listen = (chunk) => {
    heardMs = Date.now();
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      if (options.echo) process.stdout.write(`${line}\n`);
      report.line(line);
    }
  };
  child.stdout.setEncoding('latin1').on('data', listen);
  child.stderr.setEncoding('latin1').on('data', listen);
  const watch = setInterval(() => {
    if (Date.now() - startedMs > options.limitSec * 1000) {
      limitHit = true;
      kill(-child.pid, 'SIGKILL');
    } else if (Date.now() - heardMs > options.stallSec * 1000) {
      heardMs = Date.now();
      for (const pid of serversOf(directory)) kill(pid, 'SIGKILL');
    }
  }, 500);
  await new Promise((resolve) => child.once('close', resolve));
  clearInterval(watch);
  kill(-child.pid, 'SIGKILL');
  for (const pid of serversOf(directory)) kill(pid, 'SIGKILL');
  return {
    records: report.records,
    finished: report.finished,
    limitHit,
    seconds: (Date.now() - startedMs) / 1000,
  };
}
