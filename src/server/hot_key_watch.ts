// HOTKEYS: has every command measured while a session goes on, and finds out its keys.
import type { Deadline } from '../base/deadlines.ts';
import type { Context } from '../commands/context.ts';
import { findKeys, wordsOf } from '../commands/find_keys.ts';
import type { Words } from '../commands/key_specs.ts';
import type { HotKeysPort } from '../commands/server_port.ts';
import { HotKeys, type HotKeysOptions } from '../metrics/hot_keys.ts';
import type { ServerCore } from './server.ts';

export class HotKeyWatch implements HotKeysPort {
  /** The session in progress, or the last one. */
  session: HotKeys | null = null;
  readonly #server: ServerCore;
  #deadline: Deadline | null = null;
  #words: Words | null = null;

  constructor(server: ServerCore) {
    this.#server = server;
  }

  get isActive(): boolean {
    return this.session?.isActive ?? false;
  }

  start(options: HotKeysOptions): void {
    const { admin, clock, context, deadlines } = this.#server;
    this.#words ??= wordsOf(context.args);
    this.session = new HotKeys(options, clock.nowMs());
    const { durationMs } = options;
    if (durationMs !== Number.POSITIVE_INFINITY)
      this.#deadline = deadlines.set(clock.monotonicMs() + durationMs, () => this.stop());
    admin.watchChanged();
  }

  stop(): void {
    const { admin, clock, deadlines } = this.#server;
    if (this.#deadline !== null) deadlines.cancel(this.#deadline);
    this.#deadline = null;
    this.session!.stop(clock.nowMs());
    admin.watchChanged();
  }

  reset(): void {
    this.session = null;
  }

  /** A command has run. */
  ran({ args, table }: Context, id: number, elapsedMs: number): void {
    const { executor, random } = this.#server;
    const session = this.session!;
    const keys: string[] = [];
    const isSound = findKeys(table.specs[id]!, this.#words!, (i) => keys.push(args.text(i)));
    if (!isSound || keys.length === 0) return;
    const { sampleRatio } = session.options;
    const isSampled = sampleRatio === 1 || random.unit() * sampleRatio < 1;
    session.ran(keys, elapsedMs * 1000, args.encodedBytes + executor.replyBytes, isSampled);
  }
}
