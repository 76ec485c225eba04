// Expiry arguments: a number of seconds or milliseconds, from now or from 1970 on, as milliseconds since 1970.
//
// What a number holds exactly stays a number; the rest, hundreds of thousands of years away, goes through BigInt, so that
// every overflow is refused exactly where the reference refuses it.
import { int64Max, int64Min } from '../base/int64.ts';
import { invalidExpire, NOT_AN_INTEGER } from '../resp/errors.ts';
import type { Context } from './context.ts';

/**
 * The time that argument `i`, a number of `unitMs` from `fromMs` on, stands for. With `positive` the number must be above
 * zero. Null after replying with an error.
 */
export function deadlineOf(
  c: Context,
  i: number,
  unitMs: number,
  fromMs: number,
  positive: boolean,
): number | bigint | null {
  const count = c.args.int(i);
  const small = count * unitMs + fromMs;
  if (Number.isSafeInteger(small) && (count > 0 || !positive)) return small;
  const time = c.args.int64(i);
  if (time === null) {
    c.reply.error(NOT_AN_INTEGER);
    return null;
  }
  const timeMs = time * BigInt(unitMs);
  const deadlineMs = timeMs + BigInt(fromMs);
  const refused = positive ? time <= 0n : timeMs < int64Min;
  if (refused || timeMs > int64Max || deadlineMs > int64Max) {
    c.reply.error(invalidExpire(c.table.specs[c.commandId]!.name));
    return null;
  }
  return deadlineMs;
}
