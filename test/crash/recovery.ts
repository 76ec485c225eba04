// Starts from what a disk holds, again and again, with the code of a real start but one engine for all of them: to make one
// costs more than to load a small log.
import { Aof } from '../../src/server/aof.ts';
import { LogRunner, RAN } from '../../src/server/log_runner.ts';
import { Engine } from '../support/engine.ts';
import type { Reply } from '../support/resp.ts';
import { type DiskState, SimulatedDisk } from '../support/simulated_disk.ts';
import { fingerprint } from './fingerprint.ts';

export const DIRECTORY_PATH = '/d';
export const CONFIG = { appendonly: 'yes', save: '' };
export const EMPTY: DiskState = { files: new Map(), directories: new Set(['/', DIRECTORY_PATH]) };

/** A state that a log leads to, and where in the log it is complete. */
export interface LogState {
  readonly at: number;
  readonly print: number;
}

/** Starts happen when everything that lives for a while should have expired. */
const LATER_MS = 86_400_000;

export class Recovery {
  readonly #engine = new Engine({ dir: DIRECTORY_PATH, config: { ...CONFIG, appendfsync: 'always' } });
  #disk = new SimulatedDisk(EMPTY);

  constructor() {
    this.#engine.clock.advance(LATER_MS);
    this.#engine.server.keyspace.tick();
  }

  /** Lines that the last start logged. */
  get log(): readonly string[] {
    return this.#engine.log;
  }

  /** What the last start has started from, as it is now. */
  get disk(): SimulatedDisk {
    return this.#disk;
  }

  /** Runs commands after a start; the fingerprint after them. */
  write(commands: readonly (readonly string[])[]): number {
    this.#engine.bytes(commands);
    return fingerprint(this.#engine);
  }

  /** What a command answers after a start from `state`. */
  async ask(state: DiskState, lines: readonly string[]): Promise<Reply[]> {
    await this.#load(state);
    return lines.map((line) => this.#engine.line(line));
  }

  /** Fingerprint of what a server that starts from `state` has. Rejects when it refuses to start. */
  async start(state: DiskState): Promise<number> {
    await this.#load(state);
    return fingerprint(this.#engine);
  }

  /** Whether all invariants of what was loaded hold. Throws if not. */
  verify(): void {
    this.#engine.verify();
  }

  async #load(state: DiskState): Promise<void> {
    const { keyspace } = this.#engine.server;
    this.#engine.server.aof.stop();
    this.#engine.log.length = 0;
    for (let index = 0; index < keyspace.databaseCount; index++) keyspace.flush(index, false);
    this.#disk = new SimulatedDisk(state);
    const server = Object.assign(this.#engine.server, { files: this.#disk });
    const { aof } = Object.assign(server, { aof: new Aof(server) });
    aof.configure();
    await aof.load();
  }

  /** The states that `log` leads to from `state`, after each of its units, the first one before them. */
  async statesOf(state: DiskState, log: Uint8Array): Promise<LogState[]> {
    await this.#load(state);
    const { effects, keyspace } = this.#engine.server;
    const runner = new LogRunner(this.#engine.server);
    const found: LogState[] = [{ at: 0, print: fingerprint(this.#engine) }];
    let isOpen = false;
    runner.reset();
    effects.activate(false);
    keyspace.stopExpiry(true);
    for (const { pairs, name, end } of commandsOf(log)) {
      if (name === 'MULTI' || name === 'EXEC') isOpen = name === 'MULTI';
      else if (runner.run(log, pairs, pairs.length / 2) !== RAN) throw new Error(`${name} was not run`);
      if (!isOpen) found.push({ at: end, print: fingerprint(this.#engine) });
      keyspace.stopExpiry(true);
    }
    keyspace.stopExpiry(false);
    return found;
  }
}

/** The commands of a log: positions and lengths of their words. What stands behind the last whole one is passed over. */
export function* commandsOf(log: Uint8Array): Generator<{ pairs: Int32Array; name: string; end: number }> {
  const text = Buffer.from(log.buffer, log.byteOffset, log.length).toString('latin1');
  for (let at = 0; at < text.length; ) {
    const lineEnd = text.indexOf('\r\n', at);
    if (lineEnd < 0) return;
    if (text[at] === '#') {
      at = lineEnd + 2;
      continue;
    }
    const pairs = new Int32Array(2 * Number(text.slice(at + 1, lineEnd)));
    at = lineEnd + 2;
    for (let i = 0; i < pairs.length; i += 2) {
      const end = text.indexOf('\r\n', at);
      pairs[i] = end + 2;
      pairs[i + 1] = Number(text.slice(at + 1, end));
      at = end + 2 + pairs[i + 1]! + 2;
      if (end < 0 || at > text.length) return;
    }
    const name = text.slice(pairs[0], pairs[0]! + pairs[1]!).toUpperCase();
    yield { pairs, name, end: at };
  }
}
