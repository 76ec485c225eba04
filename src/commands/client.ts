// CLIENT: what a client says about itself and chooses for itself. Its other subcommands have files of their own.
import {
  NOT_IMPORTING,
  SYNTAX,
  UNPRINTABLE_CLIENT_NAME,
  unprintableAttribute,
  unrecognizedOption,
} from '../resp/errors.ts';
import { REPLY_OFF, REPLY_ON, REPLY_SKIP_NEXT } from '../session/client.ts';
import { CLIENT_INFO, CLIENT_KILL, CLIENT_LIST } from './client_list.ts';
import { CLIENT_PAUSE, CLIENT_UNBLOCK, CLIENT_UNPAUSE } from './client_steer.ts';
import { CLIENT_CACHING, CLIENT_GETREDIR, CLIENT_TRACKING, CLIENT_TRACKINGINFO } from './client_tracking.ts';
import { isPrintable, setClientName } from './connection.ts';
import type { Context } from './context.ts';
import { ADMIN, type CommandSpec, command, container, LOADING, NOSCRIPT, STALE } from './spec.ts';

const CLIENT_ID = command({
  name: 'client|id',
  group: 'connection',
  since: '5.0.0',
  summary: 'Id of the connection',
  complexity: 'O(1)',
  arity: 2,
  flags: NOSCRIPT | LOADING | STALE,
  help: ['ID', '    Id of this connection.'],
  run: runClientId,
});

function runClientId(c: Context): void {
  c.reply.integer(c.server.knownClient()?.id ?? c.server.currentRow().id);
}

const CLIENT_GETNAME = command({
  name: 'client|getname',
  group: 'connection',
  since: '2.6.9',
  summary: 'Name of the connection; null if it has none',
  complexity: 'O(1)',
  arity: 2,
  flags: NOSCRIPT | LOADING | STALE,
  help: ['GETNAME', '    Name of this connection.'],
  run: runClientGetname,
});

function runClientGetname(c: Context): void {
  const name = c.server.knownClient()?.name ?? '';
  if (name === '') c.reply.null();
  else c.reply.bulkText(name);
}

const CLIENT_SETNAME = command({
  name: 'client|setname',
  group: 'connection',
  since: '2.6.9',
  summary: 'Names the connection',
  complexity: 'O(1)',
  arity: 3,
  flags: NOSCRIPT | LOADING | STALE,
  syntax: 'connection-name',
  help: ['SETNAME <name>', '    Name this connection <name>.'],
  run: runClientSetname,
});

function runClientSetname(c: Context): void {
  if (setClientName(c, 2)) c.reply.ok();
  else c.reply.error(UNPRINTABLE_CLIENT_NAME);
}

const CLIENT_SETINFO = command({
  name: 'client|setinfo',
  group: 'connection',
  since: '7.2.0',
  summary: 'Stores name or version of the client library for CLIENT LIST',
  complexity: 'O(1)',
  arity: 4,
  flags: NOSCRIPT | LOADING | STALE,
  tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
  syntax: 'attr=(LIB-NAME libname | LIB-VER libver)',
  help: [
    'SETINFO <option> <value>',
    '    Describe the client library. Options:',
    '    * LIB-NAME: its name',
    '    * LIB-VER: its version',
  ],
  run: runClientSetinfo,
});

function runClientSetinfo(c: Context): void {
  const { args, reply } = c;
  const isName = args.is(2, 'lib-name');
  const text = args.text(3);
  if (!isName && !args.is(2, 'lib-ver')) {
    reply.error(unrecognizedOption(args.text(2)));
  } else if (!isPrintable(text)) {
    reply.error(unprintableAttribute(args.text(2)));
  } else {
    if (isName) c.client.libName = text;
    else c.client.libVersion = text;
    reply.ok();
  }
}

const CLIENT_REPLY = command({
  name: 'client|reply',
  group: 'connection',
  since: '3.2.0',
  summary: 'Turns the replies of the connection on or off, or leaves out the next one',
  complexity: 'O(1)',
  arity: 3,
  flags: NOSCRIPT | LOADING | STALE,
  syntax: '(ON | OFF | SKIP)',
  help: ['REPLY (ON|OFF|SKIP)', '    Whether this connection receives replies.'],
  run: runClientReply,
});

function runClientReply(c: Context): void {
  const { args, client, reply } = c;
  if (args.is(2, 'on')) {
    client.replyMode = REPLY_ON;
    c.server.unmute();
    reply.ok();
  } else if (args.is(2, 'off')) {
    client.replyMode = REPLY_OFF;
  } else if (!args.is(2, 'skip')) {
    reply.error(SYNTAX);
  } else if (client.replyMode !== REPLY_OFF) {
    client.replyMode = REPLY_SKIP_NEXT;
  }
  c.clientChanged();
}

const CLIENT_NO_EVICT = command({
  name: 'client|no-evict',
  group: 'connection',
  since: '7.0.0',
  summary: 'Protects the connection from being closed to free memory',
  complexity: 'O(1)',
  arity: 3,
  flags: ADMIN | NOSCRIPT | LOADING | STALE,
  syntax: 'enabled=(ON | OFF)',
  help: ['NO-EVICT (ON|OFF)', '    Keep this connection when clients are closed to free memory.'],
  run: runClientNoEvict,
});

function runClientNoEvict(c: Context): void {
  const on = switchOr(c);
  if (on === null) return;
  c.client.noEvict = on;
  c.reply.ok();
}

const CLIENT_NO_TOUCH = command({
  name: 'client|no-touch',
  group: 'connection',
  since: '7.2.0',
  summary: 'Keeps the commands of the connection from marking keys as used',
  complexity: 'O(1)',
  arity: 3,
  flags: NOSCRIPT | LOADING | STALE,
  syntax: 'enabled=(ON | OFF)',
  help: ['NO-TOUCH (ON|OFF)', '    Keep the commands of this connection from marking keys as used.'],
  run: runClientNoTouch,
});

function runClientNoTouch(c: Context): void {
  const on = switchOr(c);
  if (on === null) return;
  c.client.noTouch = on;
  c.clientChanged();
  c.reply.ok();
}

const CLIENT_IMPORT_SOURCE = command({
  name: 'client|import-source',
  group: 'connection',
  since: '8.1.0',
  summary: 'Lets the connection feed a server in import mode: keys do not expire for it',
  complexity: 'O(1)',
  arity: 3,
  flags: NOSCRIPT | LOADING | STALE,
  syntax: 'enabled=(ON | OFF)',
  help: [
    'IMPORT-SOURCE (ON|OFF)',
    '    Whether keys do not expire for this connection, which feeds a server in import-mode.',
  ],
  run: runClientImportSource,
});

function runClientImportSource(c: Context): void {
  if (!c.keyspace.importing && !c.args.is(2, 'off')) {
    c.reply.error(NOT_IMPORTING);
    return;
  }
  const on = switchOr(c);
  if (on === null) return;
  c.client.importSource = on;
  c.clientChanged();
  c.reply.ok();
}

const CLIENT_CAPA = command({
  name: 'client|capa',
  group: 'connection',
  since: '8.0.0',
  summary: 'Says what the client is able to do',
  complexity: 'O(1)',
  arity: -3,
  flags: NOSCRIPT | LOADING | STALE,
  syntax: 'capability+',
  help: [
    'CAPA <option> [<option> ...]',
    '    Say what this client is able to do. Options:',
    '    * REDIRECT: it follows when another server has taken over',
  ],
  run: runClientCapa,
});

/** Words of later versions are no mistake. */
function runClientCapa(c: Context): void {
  for (let i = 2; i < c.args.count; i++) if (c.args.is(i, 'redirect')) c.client.followsRedirects = true;
  c.reply.ok();
}

/** Argument 2 as ON or OFF; null after replying with an error. */
function switchOr({ args, reply }: Context): boolean | null {
  if (args.is(2, 'on')) return true;
  if (args.is(2, 'off')) return false;
  reply.error(SYNTAX);
  return null;
}

const CLIENT = container(
  {
    name: 'client',
    group: 'connection',
    since: '2.4.0',
    summary: 'Looks at connections and steers them',
    helpSince: '5.0.0',
  },
  [
    CLIENT_CACHING,
    CLIENT_CAPA,
    CLIENT_GETNAME,
    CLIENT_GETREDIR,
    CLIENT_ID,
    CLIENT_IMPORT_SOURCE,
    CLIENT_INFO,
    CLIENT_KILL,
    CLIENT_LIST,
    CLIENT_NO_EVICT,
    CLIENT_NO_TOUCH,
    CLIENT_PAUSE,
    CLIENT_REPLY,
    CLIENT_SETINFO,
    CLIENT_SETNAME,
    CLIENT_TRACKING,
    CLIENT_TRACKINGINFO,
    CLIENT_UNBLOCK,
    CLIENT_UNPAUSE,
  ],
);

export const CLIENT_COMMANDS: readonly CommandSpec[] = [CLIENT];
