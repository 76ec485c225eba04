// How much of a file was read: a bar on a terminal, nothing elsewhere.
import { setImmediate as turn } from 'node:timers/promises';
import { Presets, SingleBar } from 'cli-progress';

const FORMAT = '{bar} {percentage} % | {mebibytes} of {totalMebibytes} MiB | {eta_formatted} left';
const MEBIBYTE = 1024 * 1024;
/** The bar is drawn again at most so often; in between nobody waits for it. */
const DRAWN_EVERY_MS = 100;

export class Progress {
  readonly #bar: SingleBar | null;
  #drawnMs = 0;
  #isOpen = false;

  constructor(stream: NodeJS.WriteStream) {
    this.#bar = stream.isTTY
      ? new SingleBar(
          { format: FORMAT, stream, barsize: 30, hideCursor: true, clearOnComplete: true },
          Presets.shades_classic,
        )
      : null;
  }

  async show(bytes: number, totalBytes: number): Promise<void> {
    if (this.#bar === null || performance.now() - this.#drawnMs < DRAWN_EVERY_MS) return;
    this.#drawnMs = performance.now();
    const figures = {
      mebibytes: Math.round(bytes / MEBIBYTE),
      totalMebibytes: Math.round(totalBytes / MEBIBYTE),
    };
    if (!this.#isOpen) this.#bar.start(totalBytes, bytes, figures);
    this.#isOpen = true;
    this.#bar.update(bytes, figures);
    await turn();
  }

  stop(): void {
    if (this.#isOpen) this.#bar?.stop();
    this.#isOpen = false;
  }
}
