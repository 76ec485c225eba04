// The list of upstream tests that are left out, and why. One a line: `unit | test | reason`, where `test` is the
// test's name, `/` and a regular expression, or `block: ` and the name of a test to leave out the whole start_server
// block around it.
import { readFileSync } from 'node:fs';

/** @returns {{ unit: string, test: string, reason: string }[]} */
export function readSkips(path) {
  const skips = [];
  for (const [index, line] of readFileSync(path, 'utf8').split('\n').entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const fields = line.match(/^(\S+) \| (.+) \| (.+)$/);
    if (!fields) throw new Error(`${path}:${index + 1}: expected "unit | test | reason", got: ${line}`);
    skips.push({ unit: fields[1], test: fields[2], reason: fields[3] });
  }
  return skips;
}

/** Whether an entry of the list speaks of the test that the suite calls `name`. */
export function skipMatches(skip, name) {
  return skip.test.startsWith('/') ? new RegExp(skip.test.slice(1)).test(name) : skip.test === name;
}

export function isBlock(skip) {
  return skip.test.startsWith('block: ');
}
