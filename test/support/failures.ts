// How a program of the tests tells of what failed: in full, and in one line that .ci/step.mjs says again at the very end of a run.

/** `what` tells how to see it again, and what was wrong; `details` whatever helps and is longer. */
export function printFailure(what: string, details = ''): void {
  if (details !== '') console.log(details);
  console.log(`failure: ${what.trim().replace(/\s*\n\s*/g, ', ')}`);
}
