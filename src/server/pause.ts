// CLIENT PAUSE: for a while no client may run any command, or none that writes. Who tries waits, and goes on in the order
// of trying. Expired keys stay where they are meanwhile, so that the data do not change.
import { toLatin1 } from '../base/bytes.ts';
import type { Deadline } from '../base/deadlines.ts';
import { findKeys, hasKeys, wordsOf } from '../commands/find_keys.ts';
import { PAUSE_ALL, PAUSE_WRITE, type PausePort } from '../commands/server_port.ts';
import { MAY_REPLICATE, WRITE } from '../commands/spec.ts';
import type { Client, QueuedCommand } from '../session/client.ts';
import { ALWAYS, PAUSES_WITH_WRITES } from './gate.ts';
import type { ServerCore } from './server.ts';

const PAUSE_NONE = 0;

export class Pause implements PausePort {
  readonly #server: ServerCore;
  readonly #held = new Set<Client>();
  #mode = PAUSE_NONE;
  #endMs = 0;
  /** Whether writes wait for the disk. */
  #isBehind = false;
  /** Keys on their way to another server, whatever their database: writes to them wait. */
  readonly #carried = new Set<string>();
  #deadline: Deadline | null = null;

  constructor(server: ServerCore) {
    this.#server = server;
  }

  /** Whether there is a pause that somebody asked for. */
  get isOrdered(): boolean {
    return this.#mode !== PAUSE_NONE;
  }

  /** What waits because somebody ordered it, and for how long yet, as INFO says it. */
  get order(): { actions: 'none' | 'write' | 'all'; leftMs: number } {
    if (this.#mode === PAUSE_NONE) return { actions: 'none', leftMs: 0 };
    const leftMs = Math.max(0, this.#endMs - this.#server.clock.monotonicMs());
    return {
      actions: this.#mode === PAUSE_ALL ? 'all' : 'write',
      leftMs: Math.min(Math.ceil(leftMs), Number.MAX_SAFE_INTEGER),
    };
  }

  /** Begins a pause, or makes the present one longer or stricter: it never gets shorter or milder. */
  begin(mode: number, forMs: number): void {
    const { clock, deadlines } = this.#server;
    const nowMs = clock.monotonicMs();
    this.#endMs = Math.max(this.#endMs, nowMs + forMs);
    if (this.#endMs <= nowMs) return;
    this.#mode = Math.max(this.#mode, mode);
    if (this.#deadline !== null) deadlines.cancel(this.#deadline);
    this.#deadline =
      this.#endMs === Number.POSITIVE_INFINITY ? null : deadlines.set(this.#endMs, () => this.end());
    this.#enforce();
  }

  /** Lets writes wait while the disk is behind, for however long that is. */
  holdWrites(isBehind: boolean): void {
    this.#isBehind = isBehind;
    this.#enforce();
    if (!isBehind && this.#mode === PAUSE_NONE) this.#release();
  }

  /** Lets writes to these keys wait until they are put down (MIGRATE). */
  carry(keys: readonly Uint8Array[]): void {
    for (const key of keys) this.#carried.add(toLatin1(key, 0, key.length));
    this.#enforce();
  }

  putDown(keys: readonly Uint8Array[]): void {
    for (const key of keys) this.#carried.delete(toLatin1(key, 0, key.length));
    this.#enforce();
    if (!this.#isBehind && this.#mode === PAUSE_NONE) this.#release();
  }

  /** Whether the current command, of this id, may change a key that is on its way. */
  touchesCarried(id: number, client: Client | undefined): boolean {
    if (this.#carried.size === 0) return false;
    const { context, table } = this.#server;
    const spec = table.specs[id]!;
    if (spec.name === 'exec') return ((client?.queuedFlags ?? 0) & WRITE) !== 0;
    if ((spec.flags & WRITE) === 0) return false;
    if (!hasKeys(spec)) return true;
    const { args } = context;
    let touches = false;
    findKeys(spec, wordsOf(args), (i) => {
      touches ||= this.#carried.has(args.text(i));
    });
    return touches;
  }

  /** Whether keys are on their way that a command with these flags might change, whoever waits for it to be run again. */
  mayTouchCarried(flags: number): boolean {
    return this.#carried.size > 0 && (flags & WRITE) !== 0;
  }

  end(): void {
    if (this.#deadline !== null) this.#server.deadlines.cancel(this.#deadline);
    this.#deadline = null;
    this.#mode = PAUSE_NONE;
    this.#endMs = 0;
    this.#enforce();
    if (!this.#isBehind) this.#release();
  }

  #release(): void {
    for (const client of this.#held) this.#server.waiting.release(client);
    this.#held.clear();
    this.#server.blocking.resume();
  }

  /** Whether a command with these flags has to wait; `client` is the one that sent it, if it has an object. */
  concerns(name: string, flags: number, client: Client | undefined): boolean {
    if (this.#mode === PAUSE_ALL) return true;
    if (this.#mode === PAUSE_NONE && !this.#isBehind) return false;
    const all = name === 'exec' && client !== undefined ? client.queuedFlags : flags;
    return (all & (WRITE | MAY_REPLICATE)) !== 0;
  }

  /** Makes a client wait with its current command. */
  hold(client: Client, command: QueuedCommand): void {
    this.#held.add(client);
    this.#server.waiting.hold(client, command);
  }

  forget(client: Client): void {
    this.#held.delete(client);
  }

  #enforce(): void {
    const { gate, keyspace } = this.#server;
    const holdsWrites = this.#isBehind || this.#carried.size > 0 || this.#mode === PAUSE_WRITE;
    gate.paused = this.#mode === PAUSE_ALL ? ALWAYS : holdsWrites ? PAUSES_WITH_WRITES : 0;
    keyspace.isPaused = this.#mode !== PAUSE_NONE;
    this.#server.refreshState();
  }
}
