// Expiry arguments: a number of seconds or milliseconds, from now or from 1970 on, as milliseconds since 1970.
import { invalidExpire, NOT_AN_INTEGER } from '../resp/errors.ts';
import type { Context } from './context.ts';

const INT64_MAX = 2n ** 63n - 1n;

/**
 * The time that argument `i`, a positive number of `unitMs` from `fromMs` on, stands for. What a number does not hold
 * exactly is a BigInt. Null after replying with an error.
 */
export function deadlineOf(c: Context, i: number, unitMs: number, fromMs: number): number | bigint | null {
  const count = c.args.int(i);
  const small = count * unitMs + fromMs;
  if (count > 0 && Number.isSafeInteger(small)) return small;
  const time = c.args.int64(i);
  if (time === null) {
    c.reply.error(NOT_AN_INTEGER);
    return null;
  }
  const timeMs = time * BigInt(unitMs);
  const deadlineMs = timeMs + BigInt(fromMs);
  if (time <= 0n || deadlineMs > INT64_MAX) {
    c.reply.error(invalidExpire(c.table.specs[c.commandId]!.name));
    return null;
  }
  return deadlineMs;
}
