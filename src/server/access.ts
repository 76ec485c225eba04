// Access control: who a client is, what it may do, and what becomes of clients whose user changes.
//
// A client whose user may do everything never gets here: its mask lets commands run as if there were no users. All others
// take the careful path for every command (ATTENTION in session/state.ts). Clients without an object of their own belong to
// the default user, and share its mark.

import { fromLatin1 } from '../base/bytes.ts';
import { errorText } from '../base/errno.ts';
import { replaceFile } from '../base/files.ts';
import { FRAME_TRUSTED, FRAME_UNTRUSTED } from '../bridge/abi.ts';
import type { AccessPort } from '../commands/access_port.ts';
import type { CommandCatalog } from '../commands/acl_catalog.ts';
import {
  AclCheck,
  ALLOWED,
  mayUseChannel,
  mayUsePattern,
  REFUSED_COMMAND,
  REFUSED_KEY,
  type Verdict,
} from '../commands/acl_check.ts';
import { describeUser } from '../commands/acl_describe.ts';
import { AclRules, hasBlanks, joinSelectors } from '../commands/acl_rules.ts';
import { lineOf, ownView } from '../commands/client_view.ts';
import { ArgsFrom } from '../commands/words.ts';
import {
  badDeclaration,
  badRule,
  disabledUser,
  loadingAborted,
  MAY_NOT_TOUCH_KEYS,
  MAY_NOT_USE_CHANNELS,
  mayNotRun,
  mayNotRunQueued,
  SPACES_IN_NAME,
  SYNTAX,
  unmatchedSelector,
} from '../resp/acl_errors.ts';
import type { AclReason } from '../session/acl_log.ts';
import type { ChannelPattern, User } from '../session/acl_user.ts';
import { isPassword, passwordDigest } from '../session/auth.ts';
import type { Client } from '../session/client.ts';
import type { Subscriptions } from '../session/pubsub.ts';
import { allowAll, type Users } from '../session/users.ts';
import { readAclFile } from './acl_file.ts';
import type { ServerCore } from './server.ts';

const FILE_MODE = 0o600;

/** The ACL file is wrong or cannot be read. `message` is for the log. */
export class AclFileError extends Error {
  override readonly name = 'AclFileError';
}

/** Why a queued command may not run any more. */
const QUEUED_REASONS = {
  command: 'no permission to execute the command or subcommand',
  key: 'no permission to touch the specified keys',
  channel: 'no permission to access one of the channels used as arguments',
} as const;

export class Access implements AccessPort {
  readonly users: Users;
  readonly catalog: CommandCatalog;
  readonly rules: AclRules;
  /** How often what was refused, for INFO. */
  readonly refused: Record<AclReason, number> = { auth: 0, command: 0, key: 0, channel: 0 };
  /** The current client, if it has lost its user: it is to go once its command is done. */
  leaving: Client | null = null;
  readonly #server: ServerCore;
  readonly #check: AclCheck;
  readonly #words: ArgsFrom;

  constructor(server: ServerCore, catalog: CommandCatalog, users: Users) {
    this.#server = server;
    this.users = users;
    this.catalog = catalog;
    this.rules = new AclRules(catalog, () => this.#allowsChannels());
    this.#check = new AclCheck(server.table);
    this.#words = new ArgsFrom(server.context.args, 0);
  }

  // ---- what the gate asks ----

  /** Why a client may not run command `id`, which is in the context's arguments, or ''; a refusal is logged. */
  refusal(id: number, client: Client | undefined): string {
    const reason = this.#refuse(id, client);
    if (reason === null) return '';
    if (reason === 'command') return mayNotRun(this.#server.table.specs[id]!.name);
    return reason === 'key' ? MAY_NOT_TOUCH_KEYS : MAY_NOT_USE_CHANNELS;
  }

  /** The same for a command that could be queued when it came. */
  queuedRefusal(id: number, client: Client | undefined): string {
    const reason = this.#refuse(id, client);
    return reason === null ? '' : mayNotRunQueued(QUEUED_REASONS[reason]);
  }

  #refuse(id: number, client: Client | undefined): Exclude<AclReason, 'auth'> | null {
    const { context, table } = this.#server;
    const user = client?.user ?? this.users.default;
    if (!user.isRestricted) return null;
    const verdict = this.#check.check(user, id, this.#words);
    if (verdict === ALLOWED) return null;
    const reason = reasonOf(verdict);
    context.commandId = id;
    const object = reason === 'command' ? table.specs[id]!.name : this.#words.text(this.#check.refusedAt);
    this.#note(reason, object, user.name);
    return reason;
  }

  #note(reason: AclReason, object: string, username: string): void {
    const { aclLog, config, context } = this.#server;
    const isQueuing = (this.#server.knownClient()?.queue ?? null) !== null;
    this.refused[reason]++;
    aclLog.add(
      { reason, context: isQueuing ? 'multi' : 'toplevel', object, username },
      lineOf(context, ownView(context)),
      context.keyspace.nowMs,
      config.number('acllog-max-len'),
    );
  }

  /** Closes the connection of a client that was the current one, now that its command is done. */
  closeLeaving(client: Client): void {
    this.leaving = null;
    this.#server.closeClient(client, false);
  }

  // ---- what commands ask ----

  login(name: string, password: Uint8Array): boolean {
    const user = this.users.find(name);
    // Also for a user that does not exist, so that the time it takes does not tell.
    const isRight = isPassword(password, user?.passwords ?? []);
    if (user === undefined || !user.enabled || !(user.nopass || isRight)) {
      this.#note('auth', this.#words.text(0), name);
      return false;
    }
    this.#become(user, true);
    return true;
  }

  logout(): void {
    this.#become(this.users.default, !this.#server.clients.authRequired);
  }

  mayReadAll(): boolean {
    const user = this.#server.knownClient()?.user ?? this.users.default;
    if (!user.isRestricted) return true;
    return this.#check.mayReadAll(user, this.#server.context.commandId, this.#words);
  }

  setUser(name: string, words: readonly string[]): string {
    const rules = joinSelectors(words);
    if (!Array.isArray(rules)) return unmatchedSelector(rules.unmatched);
    const known = this.users.find(name);
    const next = this.users.create(name, this.#allowsChannels());
    if (known !== undefined) next.assign(known);
    for (const rule of rules) {
      const reason = this.rules.apply(next, rule);
      if (reason !== '') return badRule(rule, reason);
    }
    this.#put(next);
    return '';
  }

  deleteUser(name: string): boolean {
    const user = this.users.find(name);
    if (user === undefined) return false;
    this.users.remove(user);
    for (const client of this.#server.clients.known()) {
      if (client.user !== user) continue;
      client.user = this.users.default;
      client.authenticated = false;
      this.#close(client);
    }
    return true;
  }

  load(): string {
    const { config } = this.#server;
    const { users, errors } = readAclFile(
      config.string('aclfile'),
      config.file('aclfile'),
      this.rules,
      (name) => this.users.create(name, this.#allowsChannels()),
    );
    if (errors !== '') return errors;
    for (const { name } of this.users.sorted()) {
      if (users.has(name)) continue;
      if (name === this.users.default.name) users.set(name, this.#freshDefault());
      else this.deleteUser(name);
    }
    for (const user of users.values()) this.#put(user);
    return '';
  }

  save(): boolean {
    const { config, files, log } = this.#server;
    const text = this.lines().map((line) => `user ${line}\n`);
    try {
      replaceFile(files, config.file('aclfile'), fromLatin1(text.join('')), FILE_MODE);
      return true;
    } catch (error) {
      log.warning(`Writing ACL file for ACL SAVE: ${errorText(error)}`);
      return false;
    }
  }

  // ---- what others ask ----

  /** Makes a user that a line of redis.conf declares; why that cannot be, or ''. Before the server starts. */
  declare(name: string, words: readonly string[]): string {
    if (hasBlanks(name)) return badDeclaration(name, SPACES_IN_NAME);
    const rules = joinSelectors(words);
    if (!Array.isArray(rules)) return badDeclaration(rules.unmatched, SYNTAX);
    const user = this.users.create(name, this.#allowsChannels());
    if (name === this.users.default.name) this.rules.apply(user, 'reset');
    for (const rule of rules) {
      const reason = this.rules.apply(user, rule);
      if (reason !== '') return badDeclaration(rule, reason);
    }
    if (!user.enabled) this.#server.log.notice(disabledUser(name));
    this.#put(user);
    return '';
  }

  /** Takes the users from the ACL file, if there is one, before the server starts. Throws AclFileError. */
  loadAtStart(): void {
    if (this.#server.config.string('aclfile') === '') return;
    const errors = this.load();
    if (errors !== '') throw new AclFileError(loadingAborted(errors));
  }

  lines(): string[] {
    return this.users.sorted().map((user) => `${user.name} ${describeUser(this.catalog, user)}`);
  }

  /** The password of the default user as `requirepass` has it; '' for none. */
  setDefaultPassword(password: string): void {
    const user = this.users.default;
    user.nopass = password === '';
    user.passwords = password === '' ? [] : [passwordDigest(fromLatin1(password))];
    this.enforceDefault();
  }

  /** Puts in force what the default user says about connections that have not logged in. */
  enforceDefault(): void {
    const { clients, config, reactor } = this.#server;
    const { enabled, isRestricted, nopass } = this.users.default;
    clients.authRequired = !nopass || !enabled;
    clients.guardPlain(isRestricted);
    reactor.configure('auth-required', clients.authRequired ? 1 : 0);
    reactor.configure('protected', config.boolean('protected-mode') && nopass ? 1 : 0);
  }

  resetStatistics(): void {
    for (const reason of Object.keys(this.refused) as AclReason[]) this.refused[reason] = 0;
  }

  #allowsChannels(): boolean {
    return this.#server.config.value('acl-pubsub-default') === 'allchannels';
  }

  #freshDefault(): User {
    const user = this.users.create(this.users.default.name, true);
    allowAll(user);
    return user;
  }

  /** Gives the current client a user. */
  #become(user: User, isAuthenticated: boolean): void {
    const server = this.#server;
    const known = server.knownClient();
    // A connection without an object is the default user's, and has not had to log in.
    if ((known?.user ?? this.users.default) === user && (known?.authenticated ?? true) === isAuthenticated)
      return;
    const client = server.currentClient();
    client.user = user;
    client.authenticated = isAuthenticated;
    server.clientChanged(client);
    server.outbox.control(isAuthenticated ? FRAME_TRUSTED : FRAME_UNTRUSTED, 0);
  }

  /** Adds a user, or gives the one of that name its rules. */
  #put(user: User): void {
    const known = this.users.find(user.name);
    if (known === undefined) this.users.add(user);
    else this.#change(known, user);
  }

  /** Gives a user the rules of another, and puts them in force for its clients. */
  #change(user: User, next: User): void {
    const { clients } = this.#server;
    this.#closeSubscribers(user, next);
    user.assign(next);
    if (user === this.users.default) this.enforceDefault();
    for (const client of clients.known()) if (client.user === user) clients.refresh(client);
    this.#server.refreshState();
  }

  /** Closes the connections of clients that listen to channels which their user may not hear any more. */
  #closeSubscribers(user: User, next: User): void {
    if (next.selectors.some((one) => one.allChannels)) return;
    const allowed = next.selectors.flatMap((one) => one.channels);
    const texts = new Set(allowed.map(({ text }) => text));
    const losesNothing = user.selectors.every(
      (one) => !one.allChannels && one.channels.every(({ text }) => texts.has(text)),
    );
    if (losesNothing) return;
    for (const client of this.#server.clients.known()) {
      if (client.user !== user || client.subscriptions === null) continue;
      if (!mayHear(allowed, client.subscriptions)) this.#close(client);
    }
  }

  /** Closes a connection; that of the current client once it has had its reply. */
  #close(client: Client): void {
    if (client === this.#server.knownClient()) this.leaving = client;
    else this.#server.closeClient(client, true);
  }
}

function reasonOf(verdict: Verdict): Exclude<AclReason, 'auth'> {
  if (verdict === REFUSED_COMMAND) return 'command';
  return verdict === REFUSED_KEY ? 'key' : 'channel';
}

function mayHear(allowed: readonly ChannelPattern[], subscriptions: Subscriptions): boolean {
  const { channels, patterns, shardChannels } = subscriptions;
  for (const pattern of patterns) if (!mayUsePattern(allowed, pattern)) return false;
  for (const channel of [...channels, ...shardChannels]) {
    const bytes = fromLatin1(channel);
    if (!mayUseChannel(allowed, bytes, 0, bytes.length)) return false;
  }
  return true;
}
