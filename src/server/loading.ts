// Data on their way from files into memory, at the start: piece by piece, and in between clients are told to wait.
import type { Logger } from '../base/log.ts';
import { DENY_LOADING } from './gate.ts';
import type { ServerCore } from './server.ts';

/** A client that asks meanwhile has to wait for its answer so long. */
const SLICE_MS = 8;
const PROGRESS_MS = 5000;

/** A file that is being loaded. */
export interface LoadingSource {
  readonly totalBytes: number;
  readonly loadedBytes: number;
  /** Loads until `endMs` of the monotonic clock, or until there are so many keys more; false when all is loaded. */
  slice(endMs: number, keysMax: number): boolean;
}

export class Loading {
  /** When it began, in ms since 1970. */
  startedMs = 0;
  #source: LoadingSource | null = null;
  readonly #server: ServerCore;

  constructor(server: ServerCore) {
    this.#server = server;
  }

  get active(): boolean {
    return this.#source !== null;
  }

  get totalBytes(): number {
    return this.#source?.totalBytes ?? 0;
  }

  get loadedBytes(): number {
    return this.#source?.loadedBytes ?? 0;
  }

  /** Seconds that the rest will take, as far as can be said. */
  get secondsLeft(): number {
    const elapsedMs = this.#server.clock.nowMs() - this.startedMs;
    if (this.loadedBytes === 0) return 1;
    return Math.floor((elapsedMs * (this.totalBytes - this.loadedBytes)) / this.loadedBytes / 1000);
  }

  /** Loads everything; commands are run meanwhile, those that need no data. Rejects with what the source throws. */
  async run(source: LoadingSource): Promise<void> {
    const { clock, config, gate, keyspace, log } = this.#server;
    this.#source = source;
    this.startedMs = clock.nowMs();
    gate.deny(DENY_LOADING, true);
    let toldMs = clock.monotonicMs();
    try {
      for (;;) {
        keyspace.tick();
        const delayMs = config.number('key-load-delay') / 1000;
        const nowMs = clock.monotonicMs();
        if (!source.slice(nowMs + SLICE_MS, delayMs > 0 ? 1 : Number.POSITIVE_INFINITY)) return;
        if (nowMs - toldMs >= PROGRESS_MS) {
          toldMs = nowMs;
          tellProgress(log, source);
        }
        await new Promise<void>((resolve) => {
          if (delayMs > 0) setTimeout(resolve, delayMs);
          else setImmediate(resolve);
        });
      }
    } finally {
      this.#source = null;
      gate.deny(DENY_LOADING, false);
    }
  }
}

function tellProgress(log: Logger, { loadedBytes, totalBytes }: LoadingSource): void {
  const percent = ((loadedBytes * 100) / totalBytes).toFixed(1);
  log.notice(`Loading the data: ${percent} % of ${totalBytes} bytes`);
}
