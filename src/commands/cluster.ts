// Commands of cluster connections, which a server without cluster support refuses.
import { CLUSTER_DISABLED } from '../resp/errors.ts';
import { AT_CONNECTION } from './categories.ts';
import type { Context } from './context.ts';
import { type CommandSpec, command, FAST, LOADING, STALE } from './spec.ts';

const ASKING = command({
  name: 'asking',
  group: 'cluster',
  since: '3.0.0',
  summary: 'Lets the next command reach a slot that is being imported',
  complexity: 'O(1)',
  arity: 1,
  flags: FAST,
  categories: AT_CONNECTION,
  run: refuse,
});

const READONLY = command({
  name: 'readonly',
  group: 'cluster',
  since: '3.0.0',
  summary: 'Allows reads from a replica of a cluster on this connection',
  complexity: 'O(1)',
  arity: 1,
  flags: LOADING | STALE | FAST,
  categories: AT_CONNECTION,
  run: refuse,
});

const READWRITE = command({
  name: 'readwrite',
  group: 'cluster',
  since: '3.0.0',
  summary: 'Ends what READONLY began',
  complexity: 'O(1)',
  arity: 1,
  flags: LOADING | STALE | FAST,
  categories: AT_CONNECTION,
  run: refuse,
});

function refuse(c: Context): void {
  c.reply.error(CLUSTER_DISABLED);
}

export const CLUSTER_COMMANDS: readonly CommandSpec[] = [ASKING, READONLY, READWRITE];
