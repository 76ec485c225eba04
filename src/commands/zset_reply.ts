// Members of sorted sets as replies.
import type { Ref } from '../arena/arena.ts';
import type { Context } from './context.ts';

/**
 * Begins an array of members: with scores one of pairs in RESP3, a flat one in RESP2. Each is then written by `replyMember`.
 */
export function replyMembersHead({ reply }: Context, count: number, withScores: boolean): void {
  reply.array(withScores && !reply.resp3 ? count * 2 : count);
}

/** Replies with the member at the cursor. */
export function replyMember(c: Context, withScores: boolean): void {
  const reply = c.reply;
  const cursor = c.keyspace.zsets.cursor;
  if (withScores && reply.resp3) reply.array(2);
  reply.bulk(cursor.bytes, cursor.at, cursor.length);
  if (withScores) reply.double(cursor.score);
}

/** Replies with `count` members from a rank on, upwards or downwards. */
export function replyRange(
  c: Context,
  ref: Ref,
  first: number,
  count: number,
  reverse: boolean,
  withScores: boolean,
): void {
  const cursor = c.keyspace.zsets.cursor;
  replyMembersHead(c, count, withScores);
  if (count === 0) return;
  cursor.start(ref, first);
  for (let left = count; ; ) {
    replyMember(c, withScores);
    if (--left === 0) return;
    if (reverse) cursor.previous();
    else cursor.next();
  }
}
