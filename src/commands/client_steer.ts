// CLIENT PAUSE, UNPAUSE and UNBLOCK: making clients wait, and letting them go on.
import {
  NOT_AN_INTEGER,
  PAUSE_MODE,
  UNBLOCK_REASON,
  UNBLOCKED,
  unknownSubcommandOrArity,
} from '../resp/errors.ts';
import type { Context } from './context.ts';
import { timeoutMsOr } from './integers.ts';
import { PAUSE_ALL, PAUSE_WRITE } from './server_port.ts';
import { ADMIN, command, LOADING, NOSCRIPT, STALE } from './spec.ts';

export const CLIENT_PAUSE = command({
  name: 'client|pause',
  group: 'connection',
  since: '2.9.50',
  summary: 'Holds back the commands of all clients, or only their writes, for a while',
  complexity: 'O(1)',
  arity: -3,
  flags: ADMIN | NOSCRIPT | LOADING | STALE,
  syntax: 'timeout:integer mode=[WRITE | ALL]^6.2.0',
  history: [['6.2.0', 'Modes WRITE and ALL.']],
  help: ['PAUSE <timeout> [WRITE|ALL]', '    Hold back writes, or all commands, for <timeout> milliseconds.'],
  run: runClientPause,
});

function runClientPause(c: Context): void {
  const { args, reply } = c;
  if (args.count > 4) {
    reply.error(unknownSubcommandOrArity(args.text(1), 'CLIENT'));
    return;
  }
  const onlyWrites = args.count === 4 && args.is(3, 'write');
  if (args.count === 4 && !onlyWrites && !args.is(3, 'all')) {
    reply.error(PAUSE_MODE);
    return;
  }
  const forMs = timeoutMsOr(c, 2);
  if (Number.isNaN(forMs)) return;
  c.server.pause.begin(onlyWrites ? PAUSE_WRITE : PAUSE_ALL, forMs);
  reply.ok();
}

export const CLIENT_UNPAUSE = command({
  name: 'client|unpause',
  group: 'connection',
  since: '6.2.0',
  summary: 'Ends CLIENT PAUSE',
  complexity: 'O(N) in the clients held back',
  arity: 2,
  flags: ADMIN | NOSCRIPT | LOADING | STALE,
  help: ['UNPAUSE', '    Let the commands go on that PAUSE holds back.'],
  run: runClientUnpause,
});

function runClientUnpause(c: Context): void {
  c.server.pause.end();
  c.reply.ok();
}

export const CLIENT_UNBLOCK = command({
  name: 'client|unblock',
  group: 'connection',
  since: '5.0.0',
  summary: 'Ends the wait of a blocked client as if its time were up, or with an error',
  complexity: 'O(log N) in the number of connections',
  arity: -3,
  flags: ADMIN | NOSCRIPT | LOADING | STALE,
  syntax: 'client-id:integer [TIMEOUT | ERROR]',
  help: ['UNBLOCK <clientid> [TIMEOUT|ERROR]', '    End the wait of a blocked client.'],
  run: runClientUnblock,
});

function runClientUnblock(c: Context): void {
  const { args, reply, server } = c;
  if (args.count > 4) {
    reply.error(unknownSubcommandOrArity(args.text(1), 'CLIENT'));
    return;
  }
  const withError = args.count > 3 && args.is(3, 'error');
  if (args.count > 3 && !withError && !args.is(3, 'timeout')) {
    reply.error(UNBLOCK_REASON);
    return;
  }
  const id = args.int64(2);
  if (id === null) {
    reply.error(NOT_AN_INTEGER);
    return;
  }
  const client = server.waiting.blocked(Number(id));
  if (client === undefined) reply.integer(0);
  else if (withError) reply.flag(server.waiting.unblock(client, (to) => to.error(UNBLOCKED)));
  else reply.flag(server.waiting.timeOut(client));
}
