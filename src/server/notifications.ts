// Keyspace notifications: each event of a key becomes messages to subscribers, as `notify-keyspace-events` says.
//
//   K   __keyspace@<db>__:<key>     message: the event
//   E   __keyevent@<db>__:<event>   message: the key
//
// The other letters are the classes of events that are announced. While no event can be, the keyspace does not call here;
// while nobody has subscribed to anything, no text is made.
import { fromLatin1, toLatin1 } from '../base/bytes.ts';
import { eventBits } from '../config/special_kinds.ts';
import type { Database } from '../keyspace/database.ts';
import type { KeyspaceListener, MissListener, OverwriteListener } from '../keyspace/keyspace.ts';
import type { ServerCore } from './server.ts';

const CHANNELS = eventBits.K | eventBits.E;
/** Classes that are heard in ways of their own, as they are no changes, or not the only announcement of one. */
const MISSES = eventBits.m;
const OVERWRITES = eventBits.o | eventBits.c;

export class Notifications implements KeyspaceListener, MissListener, OverwriteListener {
  readonly #server: ServerCore;
  #mask = 0;
  #isListening = false;

  constructor(server: ServerCore) {
    this.#server = server;
  }

  /** Announces events as these bits say from now on. */
  configure(mask: number): void {
    const { keyspace } = this.#server;
    this.#mask = mask;
    const hasChannels = (mask & CHANNELS) !== 0;
    const listens = hasChannels && (mask & ~CHANNELS & ~MISSES & ~OVERWRITES) !== 0;
    keyspace.missListener = hasChannels && (mask & MISSES) !== 0 ? this : null;
    keyspace.overwriteListener = hasChannels && (mask & OVERWRITES) !== 0 ? this : null;
    if (listens === this.#isListening) return;
    this.#isListening = listens;
    if (listens) keyspace.subscribe(this);
    else keyspace.unsubscribe(this);
  }

  changed(db: Database, key: Uint8Array, at: number, bytes: number, eventClass: string, event: string): void {
    if ((this.#mask & (eventBits[eventClass as keyof typeof eventBits] ?? 0)) === 0) return;
    this.#announce(db, key, at, bytes, event);
  }

  missed(db: Database, key: Uint8Array, at: number, bytes: number): void {
    this.#announce(db, key, at, bytes, 'keymiss');
  }

  overwritten(db: Database, key: Uint8Array, at: number, bytes: number, changedType: boolean): void {
    if ((this.#mask & eventBits.o) !== 0) this.#announce(db, key, at, bytes, 'overwritten');
    if (changedType && (this.#mask & eventBits.c) !== 0) this.#announce(db, key, at, bytes, 'type_changed');
  }

  /** Nothing is announced key by key when all keys of a database go. */
  replacing(): void {}

  #announce(db: Database, key: Uint8Array, at: number, bytes: number, event: string): void {
    const { pubsub, publisher } = this.#server;
    if (!pubsub.isHeard) return;
    if ((this.#mask & eventBits.K) !== 0) {
      const channel = `__keyspace@${db.index}__:${toLatin1(key, at, bytes)}`;
      publisher.publish(channel, fromLatin1(event), 0, event.length);
    }
    if ((this.#mask & eventBits.E) !== 0) {
      publisher.publish(`__keyevent@${db.index}__:${event}`, key, at, bytes);
    }
  }
}
