// MONITOR: the client is shown every command that the server runs from now on (server/monitor_feed.ts writes the lines).
import { MONITOR_IN_TRANSACTION } from '../resp/errors.ts';
import type { Context } from './context.ts';
import { ADMIN, type CommandSpec, command, LOADING, NOSCRIPT, STALE } from './spec.ts';

const MONITOR = command({
  name: 'monitor',
  group: 'server',
  since: '1.0.0',
  summary: 'Streams every command that the server runs',
  arity: 1,
  flags: ADMIN | NOSCRIPT | LOADING | STALE,
  run: runMonitor,
});

/** A client that monitors already gets no reply, as in the reference. */
function runMonitor(c: Context): void {
  const { client } = c;
  if (c.inTransaction) {
    c.reply.error(MONITOR_IN_TRANSACTION);
    return;
  }
  if (client.monitor) return;
  c.server.monitors.add(client);
  c.clientChanged();
  c.reply.ok();
}

export const MONITOR_COMMANDS: readonly CommandSpec[] = [MONITOR];
