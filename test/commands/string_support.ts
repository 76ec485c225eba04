// What the tests of string and bitmap commands share.
import { Engine, type EngineOptions } from '../support/engine.ts';
import { type Reply, ReplyError } from '../support/resp.ts';

export const PROTOCOLS: readonly (readonly [name: string, resp3: boolean])[] = [
  ['RESP2', false],
  ['RESP3', true],
];

export const WRONG_TYPE = 'WRONGTYPE Operation against a key holding the wrong kind of value';
export const NOT_AN_INTEGER = 'ERR value is not an integer or out of range';
export const SYNTAX = 'ERR syntax error';

/** An engine whose connection 0 speaks one of the protocols. */
export function engineOf(resp3: boolean, options: EngineOptions = {}): Engine {
  const engine = new Engine(options);
  engine.server.clients.speak(0, 0, resp3);
  return engine;
}

/** A reply in a form that is quick to compare: errors as their text behind a minus. */
export function plain(reply: Reply): unknown {
  if (reply instanceof ReplyError) return `-${reply.text}`;
  if (Array.isArray(reply)) return reply.map(plain);
  if (reply instanceof Map) return [...reply].flat().map(plain);
  return reply;
}

/** Runs lines, words between blanks ('' stands for the empty word), and returns their plain replies. */
export function runLines(engine: Engine, ...lines: string[]): unknown[] {
  return lines.map((line) => plain(engine.run(line.split(' ').map((word) => (word === "''" ? '' : word)))));
}

/** Makes a key that holds no string. */
export function putList(engine: Engine, key: string): void {
  runLines(engine, `RPUSH ${key} element`);
}

/** Collects what is announced: events with the key ('set:k'), and how many changes were counted. */
export class Announcements {
  readonly #engine: Engine;
  #events: string[] = [];
  #dirty: number;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#dirty = engine.server.keyspace.dirty;
    engine.server.keyspace.subscribe({
      changed: (_db, key, at, bytes, _eventClass, event) => {
        this.#events.push(`${event}:${Buffer.from(key).toString('latin1', at, at + bytes)}`);
      },
      replacing: () => {},
    });
  }

  /** Runs a line; its events, then the number of changes. */
  of(line: string): string {
    runLines(this.#engine, line);
    const { dirty } = this.#engine.server.keyspace;
    const found = [...this.#events, `+${dirty - this.#dirty}`].join(' ');
    this.#events = [];
    this.#dirty = dirty;
    return found;
  }
}
