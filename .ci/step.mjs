// Runs the parts of a test run one after the other and adds up what they report.
import { spawn } from 'node:child_process';
import { rootDirectory } from './tree.mjs';

const TOTALS = /^(\d+) passed, (\d+) failed$/;
/** A line that names a failure; all of them are said again at the end, where nobody has to look for them. */
const FAILURE = /^failure: (.*)$/;
/** What is kept of one, and how many are said again: the end of a run's output is all that some machines keep. */
const FAILURE_CHARS = 300;
const FAILURES_SHOWN = 25;
/** Of the output of a part that fails without naming a failure: the last line that looks as if it told why, else the last one. */
const LINES_KEPT = 80;
const TELLING = /error|fail|fault|fatal|panic|summary|abort|refused|not done|cannot/i;
const FRAME = /^\s+at /;
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours of terminals begin with one
export const COLOURS = /\x1b\[[0-9;]*m/g;

/** Set in the environment of parts: what they add up themselves is said again by whoever runs them. */
const NESTED = 'MILLRACE_PART';

/**
 * Collects totals. A part is a program; its own closing line `N passed, N failed` counts if it prints one, else the
 * part counts as one test. A part that fails without naming a failure counts as one failure, and is told of by its own words.
 */
export class Totals {
  passed = 0;
  failed = 0;
  /** What failed, in a few words each. */
  failures = [];
  #isNested = NESTED in process.env;
  #running = new Set();

  constructor() {
    for (const signal of ['SIGINT', 'SIGTERM'])
      process.once(signal, () => {
        for (const title of this.#running) this.add(0, 1, [`${title}: ended by ${signal}`]);
        this.close();
        process.exit(130);
      });
  }

  /** Those of a part in a part are said at once: it may be ended before it is done. */
  add(passed, failed, failures = []) {
    this.passed += passed;
    this.failed += failed;
    for (const failure of failures.map(shortly)) {
      this.failures.push(failure);
      console.log(`${this.#isNested ? '' : '  '}failure: ${failure}`);
    }
  }

  /**
   * Runs `command`, showing its output but for the closing line.
   *
   * @param {string} title
   * @param {string} command
   * @param {string[]} args
   * @param {{ limitSec?: number, read?: () => { passed: number, failed: number, failures: string[] } }} [options] `read` gets the totals
   *   from elsewhere than the output
   */
  async run(title, command, args, { limitSec = 900, read } = {}) {
    console.log(`\n== ${title}`);
    const startedMs = Date.now();
    this.#running.add(title);
    let named = 0;
    const name = (failure) => {
      named++;
      this.add(0, 0, [`${title}: ${failure}`]);
    };
    const { status, totals, reason } = await execute(command, args, limitSec, name);
    const found = (read ? readOr(read) : totals) ?? { passed: status === 0 ? 1 : 0, failed: 0 };
    found.failures?.forEach(name);
    if (named === 0 && (status !== 0 || found.failed > 0)) name(`ended with ${status}: ${reason}`);
    this.add(found.passed, status !== 0 && found.failed === 0 ? 1 : found.failed);
    this.#running.delete(title);
    const seconds = ((Date.now() - startedMs) / 1000).toFixed(1);
    console.log(`== ${title}: ${status === 0 ? 'passed' : `FAILED (${status})`} in ${seconds} s`);
  }

  /** Prints what failed and the closing line, and sets the exit code. */
  close() {
    const shown = this.#isNested ? [] : this.failures.slice(0, FAILURES_SHOWN);
    for (const failure of shown) console.log(`failure: ${failure}`);
    if (!this.#isNested && shown.length < this.failures.length)
      console.log(`failure: ${this.failures.length - shown.length} more, all named above`);
    console.log(`${this.passed} passed, ${this.failed} failed`);
    process.exitCode = this.failed === 0 ? 0 : 1;
  }
}

/** The first line of a text, without colours, and not too much of it. */
function shortly(text) {
  const line = text.replace(COLOURS, '').trim().split('\n')[0];
  return line.length > FAILURE_CHARS ? `${line.slice(0, FAILURE_CHARS)} …` : line;
}

function readOr(read) {
  try {
    return read();
  } catch {
    return null;
  }
}

/** Runs a part; `name` is called with what it says of each of its failures. */
function execute(command, args, limitSec, name) {
  return new Promise((resolve) => {
    // A process group of its own, so that what the part started ends with it.
    const child = spawn(command, args, {
      cwd: rootDirectory,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: { ...process.env, [NESTED]: 'yes' },
    });
    const endGroup = () => killGroup(child.pid);
    process.once('exit', endGroup);
    child.once('exit', endGroup);
    let totals = null;
    const last = [];
    for (const [stream, out] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ]) {
      forEachLine(stream, (line) => {
        const match = line.match(TOTALS);
        const failure = line.match(FAILURE);
        if (match) {
          totals = { passed: Number(match[1]), failed: Number(match[2]) };
        } else if (failure) {
          name(failure[1]);
        } else {
          out.write(`${line}\n`);
          last.push(line);
          if (last.length > LINES_KEPT) last.shift();
        }
      });
    }
    const limit = setTimeout(() => {
      name(`not done after ${limitSec} s, at: ${last.at(-1) ?? 'its beginning'}`);
      endGroup();
    }, limitSec * 1000);
    const end = (status) => {
      clearTimeout(limit);
      process.off('exit', endGroup);
      resolve({ status, totals, reason: reasonIn(last) });
    };
    child.once('error', (error) => {
      console.log(error.message);
      last.push(error.message);
      end(error.code);
    });
    child.once('close', (code, signal) => end(code ?? signal));
  });
}

/** Why a part failed, as far as its last lines tell. */
function reasonIn(lines) {
  const told = lines.filter((line) => line.trim() !== '' && !FRAME.test(line));
  return told.findLast((line) => TELLING.test(line)) ?? told.at(-1) ?? 'without a word';
}

function killGroup(pid) {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing of it is left.
  }
}

function forEachLine(stream, use) {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    for (const line of lines) use(line);
  });
  stream.on('end', () => {
    if (rest !== '') use(rest);
  });
}
