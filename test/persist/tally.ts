// Counts what agreed and what did not, and names the latter.
import { printFailure } from '../support/failures.ts';

/** So many are named at the end of a run. */
const FAILURES_MAX = 5;

export class Tally {
  passed = 0;
  failed = 0;

  note(agrees: boolean, text: string): void {
    if (agrees) this.passed++;
    else this.failed++;
    if (!agrees && this.failed <= FAILURES_MAX) printFailure(text, text);
    else if (!agrees) console.log(text);
  }
}
