// A grammar that the reference draws itself: the arguments of each command as COMMAND DOCS describes them, with options in
// any order, given twice or left out, and several of those that exclude each other. How replies are compared follows from
// the tips of COMMAND INFO.
import { type Address, type Reply, RespClient } from '../../support/resp.ts';
import type { Check } from '../check.ts';
import * as pieces from '../pieces.ts';
import { type CommandGrammar, type Draw, define, from, integer, one, type Piece } from '../pieces.ts';
import { INTEGERS, type KeyKind } from '../values.ts';
import type { Family } from './index.ts';

interface Argument {
  readonly name: string;
  readonly type: string;
  readonly token?: string;
  readonly flags: readonly string[];
  readonly arguments: readonly Argument[];
}

/** What a command that is being drawn has said already: how many keys follow. */
interface Told {
  keys: number | null;
}

const KINDS: Record<string, KeyKind> = {
  string: 'string',
  list: 'list',
  set: 'set',
  hash: 'hash',
  'sorted-set': 'zset',
  stream: 'stream',
  hyperloglog: 'sketch',
  geo: 'geo',
  bitmap: 'string',
};

/**
 * Left out: what ends or holds a connection, what waits, depends on the clock or on luck (other families have these), and
 * what names every command, user or setting, as there are more of them here. Ranges by members make sense only where all
 * scores are equal.
 */
const LEFT_OUT = new RegExp(
  `^(${[
    'acl.*|asking|auth|bgrewriteaof|bgsave|bl.*|br.*|bz.*|client (kill|list|pause|reply|unblock|tracking|caching|id)',
    'cluster.*|command.*|config.*|debug|eval.*|exec|failover|fcall.*|flush.*|function.*|hello|info|latency.*|lolwut|memory.*',
    'migrate|module.*|monitor|multi|discard|p?sync|psubscribe|punsubscribe|quit|replconf|replicaof|reset|restore.*|role|save',
    'script.*|shutdown|slaveof|slowlog.*|sort|sort_ro|spop|s?subscribe|s?unsubscribe|swapdb|wait|.* help|pfselftest|pfdebug',
    'zrange(store)?|.*bylex|zlexcount|zrank|zrevrank|lastsave|time|scan|.*rand(member|field)|[hsz]scan|readonly|readwrite|select|watch|unwatch|object freq|object idletime',
  ].join('|')})$`,
  'i',
);

const CHECKS: Record<string, Check> = {
  'OBJECT ENCODING': 'encoding',
  RANDOMKEY: 'member',
  HGETALL: 'pairs',
  TTL: 'near',
  PTTL: 'near',
  EXPIRETIME: 'near',
  PEXPIRETIME: 'near',
  'XINFO STREAM': 'type',
  'XINFO CONSUMERS': 'type',
  XPENDING: 'ages',
};

const streamId = one(
  from('1-1', '1-2', '2-1', '2-2', '3-0', '5-5', '9-9', '-', '+', '(1-1', '$', '>'),
  from('1', '2', '5', '0', '0-0', 'x', '', '18446744073709551615-18446744073709551615'),
);
const small = from(0, 1, 1, 2, 2, 3, 5, 10, -1, -2, 100);
const field = from('f', 'g', 'h', 'i', '1', '2', '', 'a', 'b');

/** What stands for an argument, by its name. */
const BY_NAME: Record<string, Piece> = {
  id: streamId,
  start: one(streamId, small),
  end: one(streamId, small),
  lastid: streamId,
  threshold: one(streamId, small),
  'max-deleted-id': streamId,
  group: from('g', 'g', 'h', 'none'),
  groupname: from('g', 'g', 'h', 'none'),
  consumer: from('alice', 'bob', ''),
  field,
  member: field,
  element: field,
  pivot: field,
  member1: from('a', 'b', 'Palermo'),
  member2: from('a', 'b', 'c'),
  min: from('-inf', '0', '1', '(1', '[a', '-', '(a', '2', 'x', ''),
  max: from('+inf', '3', '5', '(5', '[c', '+', '(c', '2', 'x', ''),
  encoding: from('u8', 'i8', 'u1', 'i64', 'u63', 'u64', 'x'),
  bit: from(0, 1, 2),
  seconds: pieces.ttlSeconds,
  milliseconds: pieces.ttlMillis,
  'unix-time-seconds': pieces.atSeconds,
  'unix-time-milliseconds': pieces.atMillis,
  longitude: from('13.361389', '15.087269', 0, '-179.9', '181', 'x'),
  latitude: from('38.115556', '37.502669', 0, '85.05112878', '86', 'x'),
  db: pieces.database,
  'destination-db': pieces.database,
  username: from('default', 'nobody'),
  consumername: from('alice', 'bob', ''),
  stop: one(from('+inf', '3', '5', '(5', '[c', '+', '-1', '1'), small),
  'last-id': streamId,
  max_deleted_entry_id: streamId,
  entries_added: from(0, 5, 100, -1, 'x'),
  entries_read: from(0, 3, -1, 'x'),
  operation: from('AND', 'or', 'XOR', 'NOT', 'x'),
  'min-idle-time': from(0, 0, 1_000_000, -1, 'x'),
  ms: from(0, 1000, -1, 'x'),
};

/** What stands for an argument without such a name. */
const ANY_OF: Record<string, Piece> = { integer, double: pieces.float, pattern: pieces.pattern };

/** Arguments whose value is left to the clock, or that would make a client wait. */
const isAvoided = ({ name, token }: Argument): boolean => name === 'auto_id' || token === 'BLOCK';

class Grammar {
  readonly #kind: KeyKind;
  readonly #arguments: readonly Argument[];

  constructor(group: string, described: readonly Argument[]) {
    this.#kind = KINDS[group] ?? 'shared';
    this.#arguments = described;
  }

  readonly piece: Piece = (draw, out) => this.#series(this.#arguments, draw, out, { keys: null });

  /** Arguments one after the other; options next to each other in any order, seldom one twice. */
  #series(list: readonly Argument[], draw: Draw, out: Buffer[], told: Told): void {
    const { random } = draw;
    for (let at = 0; at < list.length; ) {
      let end = at;
      while (end < list.length && list[end]!.flags.includes('optional')) end++;
      if (end === at) {
        this.#argument(list[at++]!, draw, out, told);
        continue;
      }
      const options = list.slice(at, end).filter(() => random.chance(0.35));
      if (options.length > 0 && random.chance(0.05)) options.push(random.pick(options));
      if (random.chance(0.6)) random.shuffle(options);
      for (const option of options) this.#argument(option, draw, out, told);
      at = end;
    }
  }

  #argument(argument: Argument, draw: Draw, out: Buffer[], told: Told): void {
    if (isAvoided(argument)) {
      streamId(draw, out);
      return;
    }
    const times = this.#times(argument, draw, told);
    for (let i = 0; i < times; i++) {
      const names = argument.type !== 'pure-token' && argument.token !== undefined;
      if (names && (i === 0 || argument.flags.includes('multiple_token')))
        this.#word(argument.token!, draw, out);
      this.#value(argument, draw, out, told);
    }
  }

  #times({ type, name, flags }: Argument, { random }: Draw, told: Told): number {
    if (!flags.includes('multiple')) return 1;
    const counted = told.keys !== null && (type === 'key' || name === 'weight');
    return counted && random.chance(0.92) ? told.keys! : random.between(1, 3);
  }

  #word(token: string, { random }: Draw, out: Buffer[]): void {
    out.push(Buffer.from(random.chance(0.1) ? token.toLowerCase() : token));
  }

  #value(argument: Argument, draw: Draw, out: Buffer[], told: Told): void {
    if (argument.type === 'pure-token') this.#word(argument.token!, draw, out);
    else if (argument.type === 'oneof') this.#choice(argument.arguments, draw, out, told);
    else if (argument.type === 'block') this.#series(argument.arguments, draw, out, told);
    else if (argument.type === 'key') pieces.key(this.#kind)(draw, out);
    else if (argument.name === 'numkeys') this.#keyCount(draw, out, told);
    else this.#plain(argument)(draw, out);
  }

  /** One of several, seldom two of them. */
  #choice(list: readonly Argument[], draw: Draw, out: Buffer[], told: Told): void {
    const { random } = draw;
    for (let left = random.chance(0.05) ? 2 : 1; left > 0; left--) {
      this.#argument(random.pick(list), draw, out, told);
    }
  }

  #keyCount({ random }: Draw, out: Buffer[], told: Told): void {
    told.keys = random.pick([1, 1, 2, 2, 3]);
    out.push(Buffer.from(String(random.chance(0.95) ? told.keys : random.pick(INTEGERS))));
  }

  #plain({ name, type }: Argument): Piece {
    return (draw, out) => {
      const special = draw.random.chance(0.9) ? BY_NAME[name] : undefined;
      const byType = draw.random.chance(0.8) && type !== 'string' ? small : (ANY_OF[type] ?? pieces.value);
      (special ?? byType)(draw, out);
    };
  }
}

type Described = Map<string, Reply>;

function readArguments(reply: Reply | undefined): Argument[] {
  return ((reply ?? []) as Described[]).map((one) => ({
    name: String(one.get('name')),
    type: String(one.get('type')),
    ...(one.has('token') ? { token: String(one.get('token')) } : {}),
    flags: ((one.get('flags') ?? []) as string[]).map(String),
    arguments: readArguments(one.get('arguments')),
  }));
}

function checkOf(name: string, tips: readonly string[]): Check {
  const known = CHECKS[name];
  if (known) return known;
  if (tips.includes('nondeterministic_output')) return 'shape';
  return tips.includes('nondeterministic_output_order') ? 'unordered' : 'exact';
}

/** Every command that the server at `address` documents. */
export async function documentedFamily(address: Address): Promise<Family> {
  const client = await RespClient.connect(address);
  await client.call('HELLO', 3);
  const tips = new Map<string, readonly string[]>();
  const TIPS = 7;
  const SUBCOMMANDS = 9;
  const learn = (info: Reply[]): void => {
    tips.set(String(info[0]), (info[TIPS] as string[]).map(String));
    for (const inner of info[SUBCOMMANDS] as Reply[][]) learn(inner);
  };
  for (const info of (await client.call('COMMAND')) as Reply[][]) learn(info);
  const docs = (await client.call('COMMAND', 'DOCS')) as Described;
  client.close();
  const commands: CommandGrammar[] = [];
  const add = (name: string, described: Described): void => {
    const inner = described.get('subcommands') as Map<string, Described> | undefined;
    if (inner) {
      for (const [sub, description] of inner) add(sub, description);
      return;
    }
    const shown = name.toUpperCase().replace('|', ' ');
    if (LEFT_OUT.test(shown)) return;
    const grammar = new Grammar(String(described.get('group')), readArguments(described.get('arguments')));
    commands.push(define(shown, [grammar.piece], { check: checkOf(shown, tips.get(name) ?? []) }));
  };
  for (const [name, described] of docs) add(String(name), described as Described);
  commands.sort((left, right) => (left.name < right.name ? -1 : 1));
  return { name: 'documented', commands, weight: 12 };
}
