// One client that left the defaults, or that somebody looked at. Idle plain connections have no such object.
import type { Deadline } from '../base/deadlines.ts';
import type { Reply } from '../resp/reply.ts';
import type { User } from './acl_user.ts';
import type { Fieldsets } from './fieldsets.ts';
import type { Subscriptions } from './pubsub.ts';
import type { Tracking } from './tracking.ts';

/** A command waiting in MULTI, or for a client that may not run yet: its own copy of the arguments. */
export interface QueuedCommand {
  id: number;
  bytes: Uint8Array;
  pairs: Int32Array;
  hash: number;
}

export interface WatchedKey {
  db: number;
  /** One character for each byte. */
  key: string;
  /** The key was past its expiry already when WATCH saw it. */
  wasExpired: boolean;
}

/** A command that waits for something to happen, or for its time to be up. */
export interface Wait {
  /** Writes the answer for when the time is up. */
  readonly timedOut: (reply: Reply) => void;
  /** Called once when the wait is over, however it ended. */
  readonly ended: () => void;
  readonly deadline: Deadline | null;
  /** The command, and the bytes of its arguments, as CLIENT LIST shows them. */
  readonly commandId: number;
  readonly argumentBytes: number;
}

/** What a Client and its place in the table take on the V8 heap, about, and what each of its parts does. */
const OBJECT_BYTES = 400;
const PART_BYTES = 96;

export const REPLY_ON = 0;
export const REPLY_OFF = 1;
/** CLIENT REPLY SKIP was just called: the next command's reply is dropped. */
export const REPLY_SKIP_NEXT = 2;
export const REPLY_SKIP = 3;

export class Client {
  readonly lane: number;
  readonly slot: number;
  readonly generation: number;
  /** CLIENT ID. */
  readonly id: number;
  dbIndex = 0;
  resp3 = false;
  authenticated: boolean;
  user: User;
  name = '';
  libName = '';
  libVersion = '';
  replyMode = REPLY_ON;
  noEvict = false;
  noTouch = false;
  /** It feeds a server in import-mode: keys do not expire for it. */
  importSource = false;
  /** It understands redirections (CLIENT CAPA). */
  followsRedirects = false;
  monitor = false;
  /** Close as soon as the current reply is out; further commands of this client are dropped. */
  closing = false;
  /** Its connection is being closed, whatever it was to be sent. */
  gone = false;
  /** Queue of MULTI, or null outside of one. */
  queue: QueuedCommand[] | null = null;
  queuedBytes = 0;
  /** Flags of all queued commands together. */
  queuedFlags = 0;
  /** A command was refused while queueing: EXEC will abort. */
  queueFailed = false;
  /** A watched key changed: EXEC will answer null. */
  watchFailed = false;
  watched: WatchedKey[] = [];
  /** Channels and patterns; null when there are none. */
  subscriptions: Subscriptions | null = null;
  /** CLIENT TRACKING; null while it is off. */
  tracking: Tracking | null = null;
  /** Others have their invalidations redirected to this client, or had so. */
  isTarget = false;
  /** What HIMPORT prepared; null when it never did. */
  fieldsets: Fieldsets | null = null;
  /** The blocking command in progress. */
  wait: Wait | null = null;
  /** Commands that arrived while the client may not run any (CLIENT PAUSE, blocked); null when it may. */
  held: QueuedCommand[] | null = null;
  heldBytes = 0;
  /** Its socket is not read because too much is held. */
  unread = false;
  /** Called when the connection is gone. */
  onClose: (() => void) | null = null;
  /** Name of the last command, for CLIENT LIST, where the native side cannot know it ('config|get'). */
  lastCommand = '';

  constructor(
    lane: number,
    slot: number,
    generation: number,
    id: number,
    user: User,
    authenticated: boolean,
  ) {
    this.lane = lane;
    this.slot = slot;
    this.generation = generation;
    this.id = id;
    this.user = user;
    this.authenticated = authenticated;
  }

  /** About what it takes in memory besides what the native side holds for it. */
  get memoryBytes(): number {
    let parts = this.watched.length;
    if (this.subscriptions !== null) parts += this.subscriptions.count;
    if (this.tracking !== null) parts += this.tracking.prefixes.size;
    return (
      OBJECT_BYTES + parts * PART_BYTES + this.queuedBytes + this.heldBytes + (this.fieldsets?.bytes ?? 0)
    );
  }

  /** Puts what the client chose for itself back to the defaults, as RESET does; its library keeps its name. */
  resetOptions(): void {
    this.name = '';
    this.replyMode = REPLY_ON;
    this.noEvict = false;
    this.noTouch = false;
    this.fieldsets = null;
  }

  /** Whether every command of this client must take the careful path. */
  get needsAttention(): boolean {
    return (
      this.queue !== null ||
      !this.authenticated ||
      this.user.isRestricted ||
      this.replyMode !== REPLY_ON ||
      this.noTouch ||
      this.importSource ||
      this.subscriptions !== null ||
      this.isTarget ||
      (this.tracking !== null && !this.tracking.bcast) ||
      this.closing ||
      this.held !== null
    );
  }
}
