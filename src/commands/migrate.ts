// MIGRATE: moves keys to another server. Here is what the command asks for; server/migration.ts does it.
import { NOT_AN_INTEGER, NOT_IN_TRANSACTION, SYNTAX } from '../resp/errors.ts';
import { KEY_MUST_BE_EMPTY } from '../resp/migrate_errors.ts';
import { AT_DANGEROUS, AT_KEYSPACE } from './categories.ts';
import type { Context } from './context.ts';
import { migrateKeys } from './find_keys.ts';
import type { Login } from './server_port.ts';
import { type CommandSpec, command, key, keyAfter, WRITE } from './spec.ts';

const PATIENCE_MS = 1000;

const MIGRATE = command({
  name: 'migrate',
  group: 'generic',
  since: '2.6.0',
  summary: 'Moves keys to another server',
  complexity: 'O(N) in the bytes moved, besides DUMP, RESTORE and DEL',
  arity: -6,
  flags: WRITE,
  categories: AT_KEYSPACE | AT_DANGEROUS,
  keys: [key('RW ACCESS DELETE', 3), keyAfter('RW ACCESS DELETE INCOMPLETE', 'KEYS', -2, -1)],
  tips: ['nondeterministic_output'],
  syntax: `host port:integer key_or_empty_string=(key | empty_string="") destination-db:integer
    timeout:integer [COPY]^3.0.0 [REPLACE]^3.0.0
    authentication=[[AUTH password]^4.0.7 | [AUTH2 (username password)]^6.0.0] [KEYS key+]^3.0.6`,
  history: [
    ['3.0.0', 'Options COPY and REPLACE.'],
    ['3.0.6', 'Option KEYS.'],
    ['4.0.7', 'Option AUTH.'],
    ['6.0.0', 'Option AUTH2.'],
  ],
  getKeys: migrateKeys,
  run: runMigrate,
});

interface Options {
  copies: boolean;
  replaces: boolean;
  login: Login | null;
  /** Where the keys are among the arguments, one behind the other. */
  firstKey: number;
  keyCount: number;
}

function runMigrate(c: Context): void {
  const { args, reply } = c;
  const options = optionsOf(c);
  const timeoutMs = args.int64(5);
  const database = args.int64(4);
  if (typeof options === 'string') {
    reply.error(options);
  } else if (timeoutMs === null || database === null) {
    reply.error(NOT_AN_INTEGER);
  } else {
    const keys = presentKeys(c, options);
    if (keys.length === 0) reply.status('NOKEY');
    // Whoever executes a transaction has everybody wait, which must not depend on another machine.
    else if (!c.mayBlock) reply.error(NOT_IN_TRANSACTION);
    else
      c.server.migration.begin({
        host: args.text(1),
        port: Number.parseInt(args.text(2), 10) || 0,
        database: database.toString(),
        timeoutMs: timeoutMs <= 0n ? PATIENCE_MS : Number(timeoutMs),
        copies: options.copies,
        replaces: options.replaces,
        login: options.login,
        keys,
      });
  }
}

/** The options behind the timeout, or the error to reply. */
function optionsOf({ args }: Context): Options | string {
  const options: Options = { copies: false, replaces: false, login: null, firstKey: 3, keyCount: 1 };
  for (let i = 6; i < args.count; i++) {
    const more = args.count - 1 - i;
    if (args.is(i, 'copy')) options.copies = true;
    else if (args.is(i, 'replace')) options.replaces = true;
    else if (args.is(i, 'auth') && more >= 1) {
      options.login = { user: null, password: args.copy(++i) };
    } else if (args.is(i, 'auth2') && more >= 2) {
      options.login = { user: args.copy(i + 1), password: args.copy(i + 2) };
      i += 2;
    } else if (args.is(i, 'keys')) {
      if (args.length(3) > 0) return KEY_MUST_BE_EMPTY;
      return { ...options, firstKey: i + 1, keyCount: more };
    } else {
      return SYNTAX;
    }
  }
  return options;
}

/** Copies of the names of those keys that are there. */
function presentKeys(c: Context, { firstKey, keyCount }: Options): Uint8Array[] {
  const keys: Uint8Array[] = [];
  for (let i = firstKey; i < firstKey + keyCount; i++) if (c.lookup(i) !== 0) keys.push(c.args.copy(i));
  return keys;
}

export const MIGRATE_COMMANDS: readonly CommandSpec[] = [MIGRATE];
