// Runs the parts of a test run one after the other and adds up what they report.
import { spawn } from 'node:child_process';
import { rootDirectory } from './tree.mjs';

const TOTALS = /^(\d+) passed, (\d+) failed$/;
/** A line that names a failure; all of them are said again at the end, where nobody has to look for them. */
const FAILURE = /^failure: (.*)$/;

/**
 * Collects totals. A part is a program; its own closing line `N passed, N failed` counts if it prints one, else the
 * part counts as one test. A part that fails without naming a failure counts as one failure.
 */
export class Totals {
  passed = 0;
  failed = 0;
  /** What failed, in a few words each. */
  failures = [];

  constructor() {
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
  }

  add(passed, failed, failures = []) {
    this.passed += passed;
    this.failed += failed;
    this.failures.push(...failures);
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
    const { status, totals, failures: said } = await execute(command, args, limitSec);
    const {
      passed,
      failed,
      failures = said,
    } = (read ? readOr(read) : totals) ?? { passed: status === 0 ? 1 : 0, failed: 0 };
    if (status !== 0 && failures.length === 0) failures.push(`ended with ${status}`);
    const named = failures.map((failure) => `${title}: ${failure}`);
    this.add(passed, status !== 0 && failed === 0 ? 1 : failed, named);
    const seconds = ((Date.now() - startedMs) / 1000).toFixed(1);
    console.log(`== ${title}: ${status === 0 ? 'passed' : `FAILED (${status})`} in ${seconds} s`);
  }

  /** Prints what failed and the closing line, and sets the exit code. */
  close() {
    for (const failure of this.failures) console.log(`failure: ${failure}`);
    console.log(`${this.passed} passed, ${this.failed} failed`);
    process.exitCode = this.failed === 0 ? 0 : 1;
  }
}

function readOr(read) {
  try {
    return read();
  } catch {
    return null;
  }
}

function execute(command, args, limitSec) {
  return new Promise((resolve) => {
    // A process group of its own, so that what the part started ends with it.
    const child = spawn(command, args, {
      cwd: rootDirectory,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const endGroup = () => killGroup(child.pid);
    process.once('exit', endGroup);
    child.once('exit', endGroup);
    let totals = null;
    const failures = [];
    for (const [stream, out] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ]) {
      forEachLine(stream, (line) => {
        const match = line.match(TOTALS);
        const failure = line.match(FAILURE);
        if (match) totals = { passed: Number(match[1]), failed: Number(match[2]) };
        else if (failure) failures.push(failure[1]);
        else out.write(`${line}\n`);
      });
    }
    const limit = setTimeout(() => {
      console.log(`not done after ${limitSec} s`);
      endGroup();
    }, limitSec * 1000);
    const end = (status) => {
      clearTimeout(limit);
      process.off('exit', endGroup);
      resolve({ status, totals, failures });
    };
    child.once('error', (error) => {
      console.log(error.message);
      end(error.code);
    });
    child.once('close', (code, signal) => end(code ?? signal));
  });
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
