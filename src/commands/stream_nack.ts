// XNACK: a consumer gives pending entries back to its group, which stay pending but are nobody's.
import { EVENT_SILENT } from '../keyspace/keyspace.ts';
import { NOT_AN_INTEGER } from '../resp/errors.ts';
import {
  NACK_IDS_MISMATCH,
  NACK_IDS_NOT_POSITIVE,
  NACK_MODE_UNKNOWN,
  NACK_RETRY_COUNT_NEGATIVE,
  NACK_WITHOUT_IDS,
  unknownNackOption,
} from '../resp/stream_errors.ts';
import { DELIVERIES_MAX } from '../types/stream_group.ts';
import type { Context } from './context.ts';
import { type CommandSpec, command, FAST, key, WRITE } from './spec.ts';
import { idOr } from './stream_ids.ts';
import { type GroupTarget, readGroupOr } from './stream_pending.ts';

const IDS_MAX = 2 ** 31 - 1;

const XNACK = command({
  name: 'xnack',
  group: 'stream',
  since: '8.8.0',
  summary: 'Gives pending entries back to their group, so that others may claim them at once',
  complexity: 'O(1) for each entry',
  arity: -7,
  flags: WRITE | FAST,
  keys: [key('RW UPDATE', 1)],
  syntax: `key group mode=(SILENT | FAIL | FATAL) ids=IDS (numids:integer id+) [RETRYCOUNT count:integer]
    [FORCE]`,
  run: runXnack,
});

/** Whether the delivery counts (SILENT: no), and whether others should try (FATAL: no). */
type Mode = 'silent' | 'fail' | 'fatal';

interface NackOptions {
  mode: Mode;
  /** Argument of the first id, and number of ids. */
  first: number;
  count: number;
  /** -1: what follows from the mode. */
  deliveries: bigint;
  /** Entries that are not pending become so. */
  force: boolean;
}

function runXnack(c: Context): void {
  const target = readGroupOr(c);
  if (target === null) return;
  const options = parseNack(c);
  if (options === null) return;
  const { id } = c.keyspace.streams;
  const end = options.first + options.count;
  for (let i = options.first; i < end; i++) if (!idOr(c, i, id)) return;
  let released = 0;
  for (let i = options.first; i < end; i++) {
    idOr(c, i, id);
    if (releaseOne(c, target, options)) released++;
  }
  c.keyspace.dirty += released;
  // Those who wait to claim entries may have them now.
  if (released > 0) c.event(1, EVENT_SILENT, 'xnack');
  c.reply.integer(released);
}

/** Releases the entry of `streams.id`; false if it is not pending and does not become so. */
function releaseOne(c: Context, { stream, group }: GroupTarget, options: NackOptions): boolean {
  const { streams } = c.keyspace;
  const { groups, id } = streams;
  let pending = groups.findPending(group, id);
  if (pending === 0) {
    if (!options.force || !streams.has(stream, id)) return false;
    pending = groups.addPending(group, 0, id, 0);
    groups.setDeliveries(pending, 0n);
  }
  groups.setDeliveries(pending, deliveriesAfter(groups.deliveries(pending), options));
  groups.release(group, pending, id);
  return true;
}

function deliveriesAfter(before: bigint, { mode, deliveries }: NackOptions): bigint {
  if (deliveries >= 0n) return deliveries;
  if (mode === 'fatal') return DELIVERIES_MAX;
  return mode === 'silent' && before > 0n ? before - 1n : before;
}

/** Arguments from the mode on; null after an error reply. */
function parseNack(c: Context): NackOptions | null {
  const { args } = c;
  const mode = modeOf(c, 3);
  if (mode === null) return refuse(c, NACK_MODE_UNKNOWN);
  const options: NackOptions = { mode, first: 0, count: 0, deliveries: -1n, force: false };
  for (let i = 4; i < args.count; i++) {
    const more = args.count - 1 - i;
    if (args.is(i, 'ids') && more > 0) {
      const count = args.int(i + 1);
      if (!(count > 0 && count <= IDS_MAX)) return refuse(c, NACK_IDS_NOT_POSITIVE);
      if (count > more - 1) return refuse(c, NACK_IDS_MISMATCH);
      options.first = i + 2;
      options.count = count;
      i += 1 + count;
    } else if (args.is(i, 'retrycount') && more > 0) {
      const deliveries = args.int64(++i);
      if (deliveries === null) return refuse(c, NOT_AN_INTEGER);
      if (deliveries < 0n) return refuse(c, NACK_RETRY_COUNT_NEGATIVE);
      options.deliveries = deliveries;
    } else if (args.is(i, 'force')) {
      options.force = true;
    } else {
      return refuse(c, unknownNackOption(args.text(i)));
    }
  }
  return options.first > 0 ? options : refuse(c, NACK_WITHOUT_IDS);
}

function modeOf(c: Context, i: number): Mode | null {
  for (const mode of ['silent', 'fail', 'fatal'] as const) if (c.args.is(i, mode)) return mode;
  return null;
}

function refuse(c: Context, text: string): null {
  c.reply.error(text);
  return null;
}

export const STREAM_NACK_COMMANDS: readonly CommandSpec[] = [XNACK];
