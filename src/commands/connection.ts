// The connection itself: who it is, which database and protocol it uses, whether it lives.
import { REDIS_VERSION } from '../base/version.ts';
import {
  HELLO_WITHOUT_AUTH,
  helloOption,
  NO_PASSWORD_SET,
  PROTOCOL_NOT_AN_INTEGER,
  SYNTAX,
  UNKNOWN_PROTOCOL,
  UNPRINTABLE_CLIENT_NAME,
  WRONG_PASSWORD,
  wrongArity,
} from '../resp/errors.ts';
import { DEFAULT_USER } from '../session/auth.ts';
import { REPLY_OFF } from '../session/client.ts';
import { discard } from '../session/transaction.ts';
import type { Context } from './context.ts';
import { databaseOr } from './integers.ts';
import { leaveAll } from './pubsub.ts';
import { ALLOW_BUSY, type CommandSpec, command, FAST, LOADING, NO_AUTH, NOSCRIPT, STALE } from './spec.ts';

const PING = command({
  name: 'ping',
  group: 'connection',
  since: '1.0.0',
  summary: 'Answers PONG, or the argument',
  complexity: 'O(1)',
  arity: -1,
  flags: FAST,
  tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
  syntax: '[message]',
  run: runPing,
});

function runPing(c: Context): void {
  const { args, reply } = c;
  if (args.count <= 2 && !reply.resp3 && isSubscriber(c)) {
    reply.array(2);
    reply.bulkText('pong');
    reply.bulkText(args.count === 1 ? '' : args.text(1));
  } else if (args.count === 1) reply.status('PONG');
  else if (args.count === 2) reply.bulk(args.bytes, args.at(1), args.length(1));
  else reply.error(wrongArity('ping'));
}

function isSubscriber({ server }: Context): boolean {
  return server.pubsub.clientCount > 0 && (server.knownClient()?.subscriptions ?? null) !== null;
}

const ECHO = command({
  name: 'echo',
  group: 'connection',
  since: '1.0.0',
  summary: 'Returns its argument',
  complexity: 'O(1)',
  arity: 2,
  flags: LOADING | STALE | FAST,
  syntax: 'message',
  run: runEcho,
});

function runEcho({ args, reply }: Context): void {
  reply.bulk(args.bytes, args.at(1), args.length(1));
}

const SELECT = command({
  name: 'select',
  group: 'connection',
  since: '1.0.0',
  summary: 'Chooses the database of the connection',
  complexity: 'O(1)',
  arity: 2,
  flags: LOADING | STALE | FAST,
  syntax: 'index:integer',
  run: runSelect,
});

function runSelect(c: Context): void {
  const index = databaseOr(c, 1);
  if (Number.isNaN(index)) return;
  c.server.select(index);
  c.reply.ok();
}

const AUTH = command({
  name: 'auth',
  group: 'connection',
  since: '1.0.0',
  summary: 'Proves who the client is',
  complexity: 'O(N) in the passwords of the user',
  arity: -2,
  flags: NOSCRIPT | LOADING | STALE | FAST | NO_AUTH | ALLOW_BUSY,
  syntax: '[username]^6.0.0 password',
  history: [['6.0.0', 'Takes a username.']],
  run: runAuth,
});

function runAuth(c: Context): void {
  const { args, reply } = c;
  if (args.count > 3) reply.error(SYNTAX);
  else if (args.count === 2 && c.server.access.users.default.nopass) reply.error(NO_PASSWORD_SET);
  else if (authenticate(c, args.count === 2 ? 0 : 1, args.count - 1)) reply.ok();
  else reply.error(WRONG_PASSWORD);
}

/** Logs the client in with user and password from these arguments (user 0: the default one); whether that is right. */
function authenticate(c: Context, userAt: number, passwordAt: number): boolean {
  const { args, server } = c;
  return server.access.login(userAt > 0 ? args.text(userAt) : DEFAULT_USER, args.view(passwordAt));
}

function isAuthenticated({ server }: Context): boolean {
  return server.knownClient()?.authenticated ?? true;
}

const HELLO = command({
  name: 'hello',
  group: 'connection',
  since: '6.0.0',
  summary: 'Chooses the protocol version, logs in if asked, and describes the server',
  complexity: 'O(1)',
  arity: -1,
  flags: NOSCRIPT | LOADING | STALE | FAST | NO_AUTH | ALLOW_BUSY,
  syntax: 'arguments=[protover:integer [AUTH (username password)] [SETNAME clientname]]',
  history: [['6.2.0', 'Works without arguments.']],
  run: runHello,
});

function runHello(c: Context): void {
  const { args, reply, server } = c;
  const version = args.count > 1 ? args.int64(1) : 0n;
  if (version === null) {
    reply.error(PROTOCOL_NOT_AN_INTEGER);
    return;
  }
  if (args.count > 1 && version !== 2n && version !== 3n) {
    reply.error(UNKNOWN_PROTOCOL);
    return;
  }
  const refusal = helloOptions(c);
  if (refusal !== '') {
    reply.error(refusal);
    return;
  }
  if (version !== 0n) server.speak(version === 3n);
  reply.map(7);
  reply.bulkText('server');
  reply.bulkText('redis');
  reply.bulkText('version');
  reply.bulkText(REDIS_VERSION);
  reply.bulkText('proto');
  reply.integer(reply.resp3 ? 3 : 2);
  reply.bulkText('id');
  reply.integer(server.currentRow().id);
  reply.bulkText('mode');
  reply.bulkText('standalone');
  reply.bulkText('role');
  reply.bulkText('master');
  reply.bulkText('modules');
  reply.array(0);
}

/** Does what the options after the version say; the error that ends HELLO, or ''. */
function helloOptions(c: Context): string {
  const { args } = c;
  for (let i = 2; i < args.count; i++) {
    const more = args.count - 1 - i;
    if (args.is(i, 'auth') && more >= 2) {
      if (!authenticate(c, i + 1, i + 2)) return WRONG_PASSWORD;
      i += 2;
    } else if (args.is(i, 'setname') && more >= 1) {
      if (!setClientName(c, i + 1)) return UNPRINTABLE_CLIENT_NAME;
      i++;
    } else {
      return helloOption(args.text(i));
    }
  }
  return isAuthenticated(c) ? '' : HELLO_WITHOUT_AUTH;
}

/** Names the client as argument `i` says, '' takes its name away; false if the name has other than printable characters. */
export function setClientName(c: Context, i: number): boolean {
  const name = c.args.text(i);
  if (!isPrintable(name)) return false;
  c.client.name = name;
  return true;
}

/** Whether a text can stand in a line of CLIENT LIST: no blanks, nothing beyond ASCII. */
export function isPrintable(text: string): boolean {
  return /^[!-~]*$/.test(text);
}

const RESET = command({
  name: 'reset',
  group: 'connection',
  since: '6.2.0',
  summary: 'Puts the connection back to how it started',
  complexity: 'O(1)',
  arity: 1,
  flags: NOSCRIPT | LOADING | STALE | FAST | NO_AUTH | ALLOW_BUSY,
  run: runReset,
});

function runReset(c: Context): void {
  const { server } = c;
  const client = server.knownClient();
  if (client !== undefined) {
    discard(client, server.watches);
    server.monitors.remove(client);
    leaveAll(c, client);
    server.tracking.stop(client);
    if (client.replyMode === REPLY_OFF) server.unmute();
    client.resetOptions();
    server.access.logout();
  }
  server.select(0);
  server.speak(false);
  c.reply.status('RESET');
}

const QUIT = command({
  name: 'quit',
  group: 'connection',
  since: '1.0.0',
  summary: 'Answers OK and closes the connection',
  complexity: 'O(1)',
  arity: -1,
  flags: NOSCRIPT | LOADING | STALE | FAST | NO_AUTH | ALLOW_BUSY,
  run: runQuit,
});

function runQuit(c: Context): void {
  c.reply.ok();
  c.server.closeAfterReply();
}

export const CONNECTION_COMMANDS: readonly CommandSpec[] = [AUTH, ECHO, HELLO, PING, QUIT, RESET, SELECT];
