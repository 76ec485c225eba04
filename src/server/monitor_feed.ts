// The lines that MONITOR shows: one for each command, after it has run.
//
//   +1339518083.107412 [0 127.0.0.1:60866] "keys" "*"        seconds and microseconds, database, address, words
//
// Commands of administrators are left out. A slow monitor is bounded like any client: by client-output-buffer-limit.

import { quote } from '../base/quoted.ts';
import type { Context } from '../commands/context.ts';
import { withoutSecrets } from '../commands/redaction.ts';
import { ADMIN, SKIP_MONITOR } from '../commands/spec.ts';
import type { ServerCore } from './server.ts';

const US_PER_SECOND = 1_000_000;

/** Shows the command that has just run to all monitors. `source` stands for the address where it is no client's. */
export function feedMonitors(server: ServerCore, context: Context, id: number, source = ''): void {
  const { flags, specs } = context.table;
  if ((flags[id]! & (ADMIN | SKIP_MONITOR)) !== 0) return;
  const { args, db } = context;
  const us = server.clock.nowUs();
  const seconds = Math.floor(us / US_PER_SECOND);
  const fraction = String(us % US_PER_SECOND).padStart(6, '0');
  const show = withoutSecrets(specs[id]!.name, args, context.config);
  let line = `${seconds}.${fraction} [${db.index} ${source === '' ? addressOf(server) : source}]`;
  for (let i = 0; i < args.count; i++) line += ` ${quote(show(i))}`;
  const bytes = Buffer.from(`+${line}\r\n`, 'latin1');
  server.outbox.suspend();
  for (const { lane, slot, generation } of server.monitors.clients) {
    server.lanes[lane]!.message(bytes, Int32Array.of(slot, generation));
  }
  server.outbox.resume();
}

function addressOf(server: ServerCore): string {
  const { addr, unix, laddr } = server.currentRow();
  return unix ? `unix:${laddr.replace(/:0$/, '')}` : addr;
}
