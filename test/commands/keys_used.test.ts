// The keys that access control checks are the keys that a command uses. Every look at the keyspace and every change is
// observed while a handler runs, and compared with what the key specs of the command say of its words: random commands that
// make sense, and random words for every command there is.
import { expect, it, onTestFinished } from 'vitest';
import { toLatin1 } from '../../src/base/bytes.ts';
import { Random } from '../../src/base/random.ts';
import { findKeys, hasKeys } from '../../src/commands/find_keys.ts';
import { BLOCKING, PUBSUB, TOUCHES_ARBITRARY_KEYS } from '../../src/commands/flags.ts';
import { KEY_DELETE, KEY_INSERT, KEY_UPDATE } from '../../src/commands/key_specs.ts';
import { ArgsFrom } from '../../src/commands/words.ts';
import { Database } from '../../src/keyspace/database.ts';
import { randomCommand } from '../acl/rules.ts';
import { FAMILIES } from '../differential/grammar/index.ts';
import { Random as Draws } from '../differential/random.ts';
import { Generator } from '../differential/steps.ts';
import { Engine } from '../support/engine.ts';
import type { Argument } from '../support/resp.ts';
import { seededRandom } from '../support/seed.ts';

const SEQUENCES = 8;
const STEPS = 300;
const EACH = 8;
const WRITES = KEY_INSERT | KEY_DELETE | KEY_UPDATE;
/** They concern all keys, end the server or the connection, or look at it from outside. */
const ALL_KEYS = new Set([
  ...[
    'keys',
    'scan',
    'randomkey',
    'flushall',
    'flushdb',
    'swapdb',
    'exec',
    'shutdown',
    'quit',
    'monitor',
    'debug',
  ],
  ...[
    'save',
    'bgsave',
    'bgrewriteaof',
    'client|reply',
    'client|kill',
    'client|pause',
    'auth',
    'hello',
    'multi',
  ],
]);

/** They read as far as access control goes, as in the reference, although they change what is not the data itself. */
const READERS = new Set(['pfcount', 'xreadgroup']);

interface Use {
  readonly looked: Set<string>;
  readonly changed: Set<string>;
}

/** An engine whose handlers are watched; what they used without having said so is collected. */
class Watched {
  readonly engine = new Engine();
  readonly wrong: string[] = [];
  /** How many commands used any key. */
  used = 0;
  #use: Use | null = null;

  constructor() {
    const { context, keyspace, table } = this.engine.server;
    this.#watchDatabases();
    keyspace.subscribe({
      changed: (_, key, at, bytes, _class, event) => {
        if (event !== 'expired') this.#use?.changed.add(toLatin1(key, at, bytes));
      },
      replacing: () => {},
    });
    const handlers = table.handlers as ((typeof table.handlers)[number] | undefined)[];
    table.specs.forEach((spec, id) => {
      handlers[id] = (c) => {
        const outer = this.#use;
        const use: Use = { looked: new Set(), changed: new Set() };
        const [reads, writes] = this.#said(id);
        const words = Array.from({ length: context.args.count }, (_, i) => context.args.text(i).slice(0, 40));
        this.#use = use;
        try {
          spec.run(c);
        } finally {
          this.#use = outer;
        }
        const isSort = /^sort/.test(spec.name) && words.some((word) => /^(by|get)$/i.test(word));
        if (ALL_KEYS.has(spec.name) || (spec.flags & TOUCHES_ARBITRARY_KEYS) !== 0 || isSort) return;
        if (use.looked.size > 0) this.used++;
        for (const key of use.looked) if (!reads.has(key)) this.#note(words, 'looked at', key);
        for (const key of use.changed) if (!writes.has(key)) this.#note(words, 'changed', key);
      };
    });
  }

  #note(words: readonly string[], did: string, key: string): void {
    this.wrong.push(`${JSON.stringify(words)} ${did} ${JSON.stringify(key.slice(0, 40))}`);
  }

  /** Watches all databases, also those that FLUSHALL puts in the place of others, until the test is over. */
  #watchDatabases(): void {
    const note = (key: string) => this.#use?.looked.add(key);
    const { find } = Database.prototype;
    Database.prototype.find = function (this: Database, key, at, bytes, hash) {
      note(toLatin1(key, at, bytes));
      return find.call(this, key, at, bytes, hash);
    };
    onTestFinished(() => {
      Database.prototype.find = find;
    });
  }

  /** The keys of the command in the context, and those of them that it says to change. */
  #said(id: number): [keys: Set<string>, changed: Set<string>] {
    const { context, table } = this.engine.server;
    const words = new ArgsFrom(context.args, 0);
    const keys = new Set<string>();
    const changed = new Set<string>();
    const spec = table.specs[id]!;
    if (!hasKeys(spec)) return [keys, changed];
    findKeys(spec, words, (index, flags) => {
      keys.add(words.text(index));
      if ((flags & WRITES) !== 0 || READERS.has(spec.name)) changed.add(words.text(index));
    });
    return [keys, changed];
  }
}

it('are all said by commands that make sense, and by nearly such', () => {
  const seed = seededRandom('keys of sensible commands').below(2 ** 31);
  const watched = new Watched();
  const generator = new Generator(
    new Draws(seed),
    FAMILIES.filter(({ name }) => !['transactions', 'connection', 'server'].includes(name)),
  );
  for (let i = 0; i < SEQUENCES; i++) {
    watched.engine.line('FLUSHALL');
    for (const step of generator.sequence(STEPS).steps) {
      if (step.kind === 'command') runAlone(watched.engine, step.args);
    }
  }
  expect(watched.wrong).toEqual([]);
  expect(watched.used).toBeGreaterThan((SEQUENCES * STEPS) / 3);
});

it('are all said by every command with any words', () => {
  const random = new Random(seededRandom('keys of senseless commands').below(2 ** 31));
  const watched = new Watched();
  const { table } = watched.engine.server;
  const makers = ['SET', 'RPUSH', 'SADD', 'ZADD', 'HSET', 'XADD', 'PFADD', 'DEL'];
  for (const { name, arity, flags } of table.specs) {
    if (ALL_KEYS.has(name) || (flags & PUBSUB) !== 0) continue;
    for (let i = 0; i < EACH; i++) {
      const key = ['a', 'ab', 'b', 'read', 'rw'][random.below(5)]!;
      const maker = makers[random.below(makers.length)]!;
      const more = { ZADD: ['1', 'x'], HSET: ['f', '1'], XADD: ['*', 'f', '1'], DEL: [] }[maker] ?? ['1'];
      runAlone(watched.engine, [maker, key, ...more]);
      runAlone(watched.engine, randomCommand(random, name, arity));
      if ((flags & BLOCKING) !== 0) runAlone(watched.engine, ['CLIENT', 'ID']);
    }
  }
  expect(watched.wrong).toEqual([]);
});

let slot = 1;

/** Runs a command on a connection where nothing is under way: one that it blocks is left behind. */
function runAlone(engine: Engine, words: readonly Argument[]): void {
  if (engine.bytes([words], slot).length === 0) {
    engine.reactor.close(slot);
    slot++;
  }
}
