// What a sequence left in the counters of INFO: lookups, errors, and the calls of each command.
import { decodeReply, type RespClient } from '../support/resp.ts';
import type { Sequence } from './steps.ts';

const COUNTERS = ['expired_keys', 'total_error_replies'];
const UNEXPECTED = ['unexpected_error_replies', 'dump_payload_sanitizations', 'evicted_keys'];
/** The runner calls these itself, how often depends on how fast a server is. */
const OWN_COMMANDS = /^(client|config|exists|flushall|info|ping|select|[hsz]?scan|slowlog|debug)/;

export interface Lookups {
  hits: number;
  misses: number;
}

export async function lookupsOf(client: RespClient): Promise<Lookups> {
  const text = String(decodeReply(await client.raw('INFO', 'stats')));
  const [, hits, misses] = /keyspace_hits:(\d+)\r\nkeyspace_misses:(\d+)/.exec(text)!;
  return { hits: Number(hits), misses: Number(misses) };
}

/** The counters by name. `own`: lookups that are the runner's own. */
export async function statistics(
  client: RespClient,
  sequence: Sequence,
  own: Lookups,
): Promise<Map<string, string>> {
  const leaves = comparableCounts(sequence);
  const found = new Map<string, string>();
  const text = String(decodeReply(await client.raw('INFO', 'stats', 'errorstats', 'commandstats')));
  for (const line of text.split('\r\n')) {
    const [name, value] = line.split(':') as [string, string];
    const command = /^cmdstat_(.*)$/.exec(name)?.[1];
    if (name.startsWith('keyspace_') && !countsLookups(sequence)) continue;
    if (name === 'keyspace_hits') found.set(name, String(Number(value) - own.hits));
    else if (name === 'keyspace_misses') found.set(name, String(Number(value) - own.misses));
    else if (COUNTERS.includes(name) || UNEXPECTED.includes(name)) found.set(name, value);
    else if (name.startsWith('errorstat_')) found.set(name, value);
    else if (command !== undefined && !OWN_COMMANDS.test(command)) found.set(name, leaves(value));
  }
  return found;
}

/**
 * Takes the times out of the counts of a command. 7.0 counts a call as failed whose wait somebody ended as if its time were
 * up; later versions do not.
 */
function comparableCounts({ steps }: Sequence): (fields: string) => string {
  const ended = steps.some((step) => step.kind === 'unblock' && step.reason === 'TIMEOUT');
  const left = ended ? /^usec|^failed/ : /^usec/;
  return (fields) =>
    fields
      .split(',')
      .filter((field) => !left.test(field))
      .join(',');
}

/**
 * 7.0 serves clients that wait without running their commands again. It looks up each key that SCAN finds if it is asked for a
 * type, as later versions do not.
 */
function countsLookups({ steps }: Sequence): boolean {
  return !steps.some((step) => step.kind === 'block' || ('name' in step && step.name === 'SCAN'));
}

/** Whether the counters were counted from the beginning to the end of a sequence. */
export function countsAll({ steps }: Sequence): boolean {
  return !steps.some((step) => 'name' in step && step.name === 'CONFIG RESETSTAT');
}
