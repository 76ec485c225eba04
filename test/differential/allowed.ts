// Differences from 7.0.15 that are meant. Each has a reason; nothing else is forgiven.
import type { CommandStep } from './steps.ts';

interface Allowance {
  readonly reason: string;
  readonly matches: (step: CommandStep, expected: Buffer, actual: Buffer) => boolean;
}

const ALLOWANCES: readonly Allowance[] = [
  {
    reason: 'ZRANK and ZREVRANK take WITHSCORE since 7.2',
    matches: (step, expected) =>
      /^z(rev)?rank$/i.test(String(step.args[0])) && /^-ERR wrong number/.test(String(expected)),
  },
  {
    reason: 'XREAD takes + for the last entry since 7.4, and XREADGROUP explains why it does not',
    matches: (step, expected) =>
      /^xread(group)?$/i.test(String(step.args[0])) &&
      step.args.some((arg) => String(arg) === '+') &&
      /^-ERR Invalid stream ID/.test(String(expected)),
  },
];

export function isAllowed(step: CommandStep, expected: Buffer, actual: Buffer): boolean {
  return ALLOWANCES.some((allowance) => allowance.matches(step, expected, actual));
}
