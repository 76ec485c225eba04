// Makes a failing sequence small: first fewer steps (delta debugging, Zeller and Hildebrandt 2002), then fewer and
// plainer arguments. What remains still fails in the same way.
import { isRepeatable } from './repeatable.ts';
import type { CommandStep, Sequence, Step } from './steps.ts';

/** True when the sequence still shows the difference that is being shrunk. */
export type StillFails = (sequence: Sequence) => Promise<boolean>;

class Budget {
  readonly #untilMs: number;

  constructor(limitMs: number) {
    this.#untilMs = Date.now() + limitMs;
  }

  get spent(): boolean {
    return Date.now() > this.#untilMs;
  }
}

async function fewerSteps(sequence: Sequence, fails: StillFails, budget: Budget): Promise<Sequence> {
  let { steps } = sequence;
  for (let size = Math.ceil(steps.length / 2); size >= 1 && !budget.spent; ) {
    let removed = false;
    for (let at = 0; at < steps.length && !budget.spent; ) {
      const rest = [...steps.slice(0, at), ...steps.slice(at + size)];
      if (rest.length > 0 && (await fails({ ...sequence, steps: rest }))) {
        steps = rest;
        removed = true;
      } else {
        at += size;
      }
    }
    if (size === 1 && !removed) break;
    size = Math.max(1, removed ? Math.min(size, steps.length - 1) : size >> 1);
  }
  return { ...sequence, steps };
}

/** Simpler versions of one step, the most drastic first. */
function plainer(step: Step): Step[] {
  if (step.kind === 'scan') return step.options.length > 0 ? [{ ...step, options: [] }] : [];
  if (step.kind === 'block') return step.inTransaction ? [{ ...step, inTransaction: false }] : [];
  if (step.kind === 'unblock') return [];
  const tries: CommandStep[] = [];
  const plain = { inline: false, cut: false, flush: true };
  if (step.inline || step.cut || !step.flush) tries.push({ ...step, ...plain });
  if (step.connection !== 0) tries.push({ ...step, connection: 0 });
  for (let i = step.args.length - 1; i > 0; i--) tries.push({ ...step, args: step.args.toSpliced(i, 1) });
  for (let i = step.args.length - 1; i > 0; i--) {
    for (const value of ['k', '1']) {
      const arg = Buffer.from(value);
      if (step.args[i]!.length > arg.length) tries.push({ ...step, args: step.args.with(i, arg) });
    }
  }
  return tries.filter(
    (next) => next.pauseMs > 0 || isRepeatable(next.args, { relativeTimes: true, lingering: true }),
  );
}

async function plainerSteps(sequence: Sequence, fails: StillFails, budget: Budget): Promise<Sequence> {
  let best = sequence;
  for (let at = 0; at < best.steps.length; at++) {
    let tries = plainer(best.steps[at]!);
    while (tries.length > 0 && !budget.spent) {
      const next: Sequence = { ...best, steps: best.steps.with(at, tries.shift()!) };
      if (!(await fails(next))) continue;
      best = next;
      tries = plainer(best.steps[at]!);
    }
  }
  return best;
}

export async function shrink(sequence: Sequence, fails: StillFails, limitMs: number): Promise<Sequence> {
  const budget = new Budget(limitMs);
  const short = await fewerSteps(sequence, fails, budget);
  return plainerSteps(short, fails, budget);
}
