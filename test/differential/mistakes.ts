// Deliberate mistakes in a command that was right.
import type { Random } from './random.ts';
import { drawString, FLOATS, INTEGERS } from './values.ts';

type Mistake = (random: Random, args: Buffer[], at: number) => void;

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

const MISTAKES: readonly Mistake[] = [
  // One argument too few, none at all, one too many.
  (_, args) => void args.pop(),
  (_, args, at) => void args.splice(at),
  (random, args) => void args.push(drawString(random)),
  // An argument twice, or two in the wrong order.
  (_, args, at) => void args.splice(at, 0, args[at]!),
  (_, args, at) => {
    if (at + 1 < args.length) args.splice(at, 2, args[at + 1]!, args[at]!);
  },
  // A wrong letter, another case, something of another kind.
  (random, args, at) => {
    const bytes = Buffer.from(args[at]!);
    if (bytes.length > 0) bytes[random.below(bytes.length)] = random.between(33, 126);
    args[at] = bytes;
  },
  (_, args, at) => void (args[at] = latin1(args[at]!.toString('latin1').toLowerCase())),
  (random, args, at) => void (args[at] = latin1(random.pick(random.chance(0.6) ? INTEGERS : FLOATS))),
  (random, args, at) => void (args[at] = drawString(random)),
];

/** Changes `args` by one mistake after its first `fixed` words. */
export function makeMistake(random: Random, args: Buffer[], fixed: number): void {
  const mistake = random.pick(MISTAKES);
  if (args.length > fixed) mistake(random, args, random.between(fixed, args.length - 1));
  else args.push(drawString(random));
}
