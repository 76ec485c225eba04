// A sequence of steps: what is sent, on which connection, in which batches. Steps are plain data, so that a sequence
// can be replayed, cut down and printed.
import type { Check } from './check.ts';
import type { Family } from './grammar/index.ts';
import { makeMistake } from './mistakes.ts';
import type { CommandGrammar, Draw } from './pieces.ts';
import type { Random } from './random.ts';
import { isRepeatable } from './repeatable.ts';
import { drawKey, type KeyKind, PATTERNS } from './values.ts';

export interface CommandStep {
  readonly kind: 'command';
  /** Name in the grammar, for coverage and reports. */
  readonly name: string;
  readonly args: readonly Buffer[];
  readonly check: Check;
  readonly connection: number;
  /** Sent as a line of text instead of an array of bulk strings. */
  readonly inline: boolean;
  /** This step ends its batch: its reply is awaited before more is sent. */
  readonly flush: boolean;
  /** The batch that this step starts is sent in small pieces. */
  readonly cut: boolean;
  /** Wait after the batch, for a time to live of one millisecond to run out. */
  readonly pauseMs: number;
}

/** A whole iteration with SCAN or its like on a connection of its own; the keys or elements seen are compared. */
export interface ScanStep {
  readonly kind: 'scan';
  readonly database: number;
  /** Which command, and the key whose elements are gone through: none for SCAN. */
  readonly command: readonly Buffer[];
  readonly options: readonly Buffer[];
}

/** A command that may wait for a key, on a connection that does nothing else; left out while that one is blocked. */
export interface BlockStep {
  readonly kind: 'block';
  readonly name: string;
  readonly args: readonly Buffer[];
  readonly check: Check;
  readonly waiter: number;
  /** Sent as the only command of a transaction, where nothing waits. */
  readonly inTransaction: boolean;
}

/** CLIENT UNBLOCK of such a connection. */
export interface UnblockStep {
  readonly kind: 'unblock';
  readonly waiter: number;
  readonly reason: string;
}

export type Step = CommandStep | ScanStep | BlockStep | UnblockStep;

/** What a sequence starts with on both connections. */
export interface Sequence {
  readonly number: number;
  readonly protocols: readonly [2 | 3, 2 | 3];
  readonly exactTimes: boolean;
  readonly steps: readonly Step[];
}

const MISTAKES = 0.1;
const INLINE_BYTES = 200;
/** Connections that wait for keys. */
export const WAITERS = 4;
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

const SCANS: readonly (readonly [name: string, kind: KeyKind | null])[] = [
  ['SCAN', null],
  ['SCAN', null],
  ['HSCAN', 'hash'],
  ['SSCAN', 'set'],
  ['ZSCAN', 'zset'],
];

/** In 7.0 those who wait for an entry are told of none if XADD trims it away at once; later on they wait further. */
function trimsOnAdding(args: readonly Buffer[]): boolean {
  const words = args.map((arg) => arg.toString('latin1').toLowerCase());
  return words[0] === 'xadd' && (words.includes('maxlen') || words.includes('minid'));
}

/** Draws commands so that every one of the grammar comes up before long: a shuffled deck for each family. */
class Decks {
  readonly #random: Random;
  readonly #decks = new Map<Family, CommandGrammar[]>();

  constructor(random: Random) {
    this.#random = random;
  }

  draw(family: Family): CommandGrammar {
    let deck = this.#decks.get(family);
    if (!deck || deck.length === 0) {
      deck = this.#random.shuffle(family.commands.flatMap((command) => Array(command.weight).fill(command)));
      this.#decks.set(family, deck);
    }
    return deck.pop()!;
  }
}

export class Generator {
  readonly #random: Random;
  readonly #decks: Decks;
  readonly #families: readonly Family[];
  readonly #weighted: readonly Family[];
  #number = 0;
  #transactions: [boolean, boolean] = [false, false];
  /** Keys run out in this sequence and are still counted until touched; RANDOMKEY and one SCAN would touch them by luck. */
  #lingering = false;
  /** Clients wait for keys in this sequence; asking which of them are blocked shows in the slow log. */
  #waiting = false;

  constructor(random: Random, families: readonly Family[]) {
    this.#random = random;
    this.#decks = new Decks(random);
    this.#families = families;
    this.#weighted = families.flatMap((family) => Array<Family>(family.weight).fill(family));
  }

  sequence(commands: number): Sequence {
    const random = this.#random;
    const draw: Draw = { random, relativeTimes: random.chance(0.5) };
    this.#lingering = random.chance(0.3);
    this.#waiting = random.chance(0.5);
    const batch = random.pick([1, 4, 20, 100, 1000]);
    const focus = random.chance(0.5) ? random.pick(this.#families) : null;
    const protocol = (): 2 | 3 => (random.chance(0.5) ? 3 : 2);
    const steps: Step[] = [];
    this.#transactions = [false, false];
    let connection = 0;
    while (steps.length < commands) {
      const flush = random.below(batch) === 0;
      const family = focus && random.chance(0.6) ? focus : random.pick(this.#weighted);
      steps.push(this.#step(draw, family, connection, flush));
      if (flush && random.chance(0.4)) connection = 1 - connection;
    }
    return {
      number: this.#number++,
      protocols: [protocol(), protocol()],
      exactTimes: !draw.relativeTimes,
      steps,
    };
  }

  #step(draw: Draw, family: Family, connection: number, flush: boolean): Step {
    const random = this.#random;
    if (this.#transactions[connection] && random.chance(0.15)) {
      this.#transactions[connection] = false;
      const name = random.chance(0.8) ? 'EXEC' : 'DISCARD';
      return this.#command(name, [latin1(name)], name === 'EXEC' ? 'exec' : 'exact', connection, flush);
    }
    if (random.chance(0.008)) return this.#scan();
    if (this.#lingering && random.chance(0.016) && !this.#transactions.includes(true))
      return this.#expireSoon(connection);
    if (family.waits) return this.#waiting ? this.#wait(draw, family) : this.#scan();
    let command = this.#decks.draw(family);
    while (this.#isUnwanted(command)) command = this.#decks.draw(family);
    const args = this.#arguments(command, draw);
    if (command.name === 'MULTI') this.#transactions[connection] = true;
    return this.#command(command.name, args, command.check, connection, flush || command.check === 'member');
  }

  #isUnwanted({ name, check }: CommandGrammar): boolean {
    const touches = check === 'member' || name === 'SCAN';
    // A client that CLIENT PAUSE holds back looks like one that waits for a key. After SWAPDB, Redis serves the keys in the
    // order of a hash table with a random seed.
    const disturbs = name.startsWith('SLOWLOG') || name === 'CLIENT PAUSE' || name === 'SWAPDB';
    return (this.#lingering && touches) || (this.#waiting && disturbs);
  }

  /** Arguments of a command, sometimes wrong, but never such that the reply would depend on luck. */
  #arguments(command: CommandGrammar, draw: Draw): Buffer[] {
    for (;;) {
      const words = command.name.split(' ').map(latin1);
      const args: Buffer[] = [...words];
      for (const piece of command.pieces) piece(draw, args);
      if (!command.verbatim && this.#random.chance(MISTAKES)) makeMistake(this.#random, args, words.length);
      if (this.#random.chance(0.2)) args[0] = this.#anyCase(args[0]!);
      if (this.#waiting && trimsOnAdding(args)) continue;
      if (isRepeatable(args, { ...draw, lingering: this.#lingering })) return args;
    }
  }

  #anyCase(word: Buffer): Buffer {
    const letters = [...word.toString('latin1')];
    return latin1(
      letters.map((c) => (this.#random.chance(0.5) ? c.toLowerCase() : c.toUpperCase())).join(''),
    );
  }

  #command(name: string, args: Buffer[], check: Check, connection: number, flush: boolean): CommandStep {
    const short = args.every((arg) => arg.length < INLINE_BYTES) && args.length < 20;
    const inline = short && this.#random.chance(0.02);
    const cut = this.#random.chance(0.02);
    return { kind: 'command', name, args, check, connection, inline, flush, cut, pauseMs: 0 };
  }

  /** A command that waits, or the end of a wait. */
  #wait(draw: Draw, family: Family): BlockStep | UnblockStep {
    const random = this.#random;
    const waiter = random.below(WAITERS);
    if (random.chance(0.1)) return { kind: 'unblock', waiter, reason: random.pick(['TIMEOUT', 'ERROR']) };
    const { name, check, ...command } = this.#decks.draw(family);
    const args = this.#arguments({ name, check, ...command }, draw);
    return { kind: 'block', name, args, check, waiter, inTransaction: random.chance(0.05) };
  }

  #scan(): ScanStep {
    const random = this.#random;
    const database = random.pick([0, 0, 1, 15]);
    const options: string[] = [];
    const [name, kind] = random.pick(SCANS);
    const command = kind === null ? [latin1(name)] : [latin1(name), drawKey(random, kind)];
    if (random.chance(0.4)) options.push('MATCH', random.pick(PATTERNS.slice(0, 8)));
    if (random.chance(0.6)) options.push('COUNT', String(random.pick([1, 2, 7, 100])));
    if (kind === null && random.chance(0.3))
      options.push('TYPE', random.pick(['string', 'STRING', 'list', 'hash', 'nosuch']));
    return { kind: 'scan', database, command, options: options.map(latin1) };
  }

  /** Lets a key run out: a time to live of 1 ms, and a pause before anything else happens. */
  #expireSoon(connection: number): CommandStep {
    const key = drawKey(this.#random, 'string');
    const forms = [
      ['SET', key, 'v', 'PX', '1'],
      ['PSETEX', key, '1', 'v'],
      ['PEXPIRE', key, '1'],
      ['GETEX', key, 'PX', '1'],
    ];
    const args = this.#random.pick(forms).map((arg) => (typeof arg === 'string' ? latin1(arg) : arg));
    return {
      ...this.#command(args[0]!.toString(), args, 'exact', connection, true),
      inline: false,
      pauseMs: 4,
    };
  }
}
