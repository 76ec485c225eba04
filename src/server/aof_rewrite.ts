// Rewriting of the append-only file: a base of all data as they are now, and an increment for what comes after it, take the
// place of all there was. Also how the log begins, and how it begins anew after an error of the disk.
//
//   rewrite     a new increment follows the old ones at once, named by the manifest; the base is written meanwhile; then the
//               manifest names the base and the new increment, and what came before becomes history, to be removed
//   fresh start the same, but what there was cannot be gone on with: the manifest names nothing new until all is complete
//
// Nothing is written to a new increment before the old one is complete on disk and the manifest that names the new one is, so
// that a crash never leaves a hole. Numbers of files are never used twice, be it after a failure.
import { errorText } from '../base/errno.ts';
import type { AofDirectory } from '../persist/aof_directory.ts';
import { type AofFile, type AofManifest, nextBase, nextIncrement } from '../persist/aof_manifest.ts';
import type { LogFile } from '../persist/log_file.ts';
import { SnapshotAborted } from '../persist/snapshot.ts';
import type { Aof } from './aof.ts';
import type { ServerCore } from './server.ts';
import { basesAreRdb } from './snapshots.ts';

/** A log that is unusable, or wanted and not there, is tried to be begun so often. */
const RETRY_MS = 1000;
/** After failures in a row automatic rewriting waits for a minute, then twice as long each time, up to an hour. */
const FREE_FAILURES = 3;
const MINUTE_MS = 60_000;
const WAIT_MINUTES_MAX = 60;

/** A rewrite in progress. */
interface Run {
  readonly isFresh: boolean;
  readonly directory: AofDirectory;
  readonly base: AofFile;
  /** Null while the log is off: then a base is all that is made. */
  readonly increment: AofFile | null;
  readonly startedMs: number;
  /** Resolves when the increment is written to. */
  switching: Promise<void>;
}

export class AofRewrite {
  isScheduled = false;
  isLastGood = true;
  /** How long the last one took; -1 before the first. */
  lastDurationMs = -1;
  /** How many have ended well, and how many have failed since. */
  count = 0;
  failures = 0;
  #run: Run | null = null;
  #lastTryMs = Number.NEGATIVE_INFINITY;
  readonly #server: ServerCore;
  readonly #aof: Aof;

  constructor(server: ServerCore, aof: Aof) {
    this.#server = server;
    this.#aof = aof;
  }

  get isInProgress(): boolean {
    return this.#run !== null;
  }

  /** How long the one in progress takes so far; -1 when there is none. */
  get currentDurationMs(): number {
    return this.#run === null ? -1 : this.#server.clock.monotonicMs() - this.#run.startedMs;
  }

  /** Begins one now, or has it begun when no other snapshot is in progress; false if it failed. */
  beginWhenPossible(): boolean {
    if (this.#server.snapshots.owner === null) return this.begin();
    this.schedule();
    return true;
  }

  schedule(): void {
    this.isScheduled = true;
    this.failures = 0;
    // The log may be off: then nothing else has time pass for it.
    this.#aof.startTimer();
  }

  /** Begins a rewrite of now. False if that failed, which the log then explains. */
  begin(): boolean {
    const { clock, log, snapshots } = this.#server;
    const aof = this.#aof;
    const isFresh = aof.file === null || aof.isBroken;
    const directory = aof.directory();
    this.isScheduled = false;
    this.#lastTryMs = clock.monotonicMs();
    let file: LogFile | null = null;
    try {
      directory.make();
      const base = nextBase(
        { ...aof.manifest, base: { name: '', sequence: aof.lastBase } },
        directory.prefix,
        basesAreRdb(this.#server),
      );
      const increment = aof.isOn ? nextIncrement(aof.lastIncrement, directory.prefix) : null;
      aof.lastBase = base.sequence;
      if (increment !== null) {
        aof.lastIncrement = increment.sequence;
        file = directory.createIncrement(increment);
        log.notice(`Creating AOF incr file ${increment.name} on background rewrite`);
      }
      const startedMs = clock.monotonicMs();
      const run: Run = { isFresh, directory, base, increment, startedMs, switching: Promise.resolve() };
      snapshots.start('log', directory.file(base.name), (error) => void this.#end(run, error));
      this.#run = run;
    } catch (error) {
      log.warning(`Can't rewrite append only file in background: ${errorText(error)}`);
      if (file !== null) this.#drop(file);
      this.#failed();
      return false;
    }
    log.notice(`Background append only file rewriting started by pid ${process.pid}`);
    if (file !== null) this.#goOver(this.#run, file);
    return true;
  }

  /** What comes now goes to a new increment. */
  #goOver(run: Run, file: LogFile): void {
    const aof = this.#aof;
    const { effects } = this.#server;
    const previous = aof.file;
    if (run.isFresh || previous === null) {
      void previous?.close();
      aof.switchTo(file, null);
      if (!effects.active) effects.activate(true);
      return;
    }
    aof.collectInto(previous);
    aof.switchTo(file, previous);
    if (!aof.isSynchronous) {
      run.switching = this.#switchLater(run, previous);
      return;
    }
    const { manifest } = aof;
    try {
      this.switchNow();
    } catch (error) {
      if (aof.manifest === manifest) this.#goBack(error);
      else aof.broken(error);
    }
  }

  /** Makes the switch to the new increment complete. Throws the error of the file operation that failed. */
  switchNow(): void {
    const aof = this.#aof;
    const { directory, increment } = this.#run!;
    aof.previous!.writeNow();
    aof.previous!.syncNow();
    directory.sync();
    const manifest = withIncrement(aof.manifest, increment!);
    directory.writeManifest(manifest, () => (aof.manifest = manifest));
    aof.switched();
  }

  /** The same without holding anybody up. */
  async #switchLater(run: Run, previous: LogFile): Promise<void> {
    const aof = this.#aof;
    const { directory } = run;
    const isOurs = () => this.#run === run && aof.previous === previous;
    await previous.finish();
    if (!isOurs()) return;
    if (previous.error !== null) {
      aof.broken(previous.error);
      return;
    }
    const manifest = withIncrement(aof.manifest, run.increment!);
    try {
      await directory.syncLater();
      if (isOurs()) await directory.writeManifestLater(manifest, isOurs, () => (aof.manifest = manifest));
    } catch (error) {
      if (!isOurs()) return;
      if (aof.manifest === manifest) aof.broken(error);
      else this.#goBack(error);
      return;
    }
    if (isOurs()) aof.switched();
  }

  /** The new increment cannot be used, but the old one can. */
  #goBack(error: unknown): void {
    const aof = this.#aof;
    const { log } = this.#server;
    const file = aof.file!;
    if (aof.previous!.error !== null) {
      aof.broken(aof.previous!.error);
      return;
    }
    log.warning(`Can't begin another increment of the append only file: ${errorText(error)}`);
    aof.switchTo(aof.previous!, null);
    this.#drop(file);
    this.abort();
    this.#failed();
  }

  /** Gives the one in progress up. */
  abort(): void {
    const run = this.#run;
    this.isScheduled = false;
    if (run === null) return;
    const aof = this.#aof;
    this.#run = null;
    if (aof.previous !== null && aof.previous.error === null && !aof.isBroken) this.#endSwitch(run);
    this.#server.snapshots.abort();
  }

  /** The old increment stays the one that is written to, unless the manifest in place already names the new one. */
  #endSwitch(run: Run): void {
    const aof = this.#aof;
    if (aof.manifest.increments.at(-1)?.name === run.increment!.name) {
      try {
        run.directory.sync();
        aof.switched();
      } catch (error) {
        aof.broken(error);
      }
      return;
    }
    const file = aof.file!;
    aof.switchTo(aof.previous!, null);
    this.#drop(file);
  }

  /** The snapshot is complete, or has failed. */
  async #end(run: Run, error: unknown): Promise<void> {
    const { clock, log, snapshots } = this.#server;
    const isOurs = () => this.#run === run;
    try {
      // Also after a failure: nothing is written until the log has gone over to the new increment.
      await run.switching;
      if (error !== null) throw error;
      if (isOurs()) await this.#complete(run, isOurs);
      if (isOurs()) {
        this.#succeeded(run);
        this.lastDurationMs = clock.monotonicMs() - run.startedMs;
        await this.removeHistory();
      }
    } catch (failure) {
      if (isOurs() && !(failure instanceof SnapshotAborted)) {
        log.warning(`Background AOF rewrite failed: ${errorText(failure)}`);
        this.lastDurationMs = clock.monotonicMs() - run.startedMs;
        this.#failed();
      }
    }
    if (isOurs()) this.#run = null;
    snapshots.release();
  }

  /** Puts base and increment in the place of what there was. */
  async #complete(run: Run, isOurs: () => boolean): Promise<void> {
    const aof = this.#aof;
    const { directory, base, increment, isFresh } = run;
    const { manifest } = aof;
    await directory.syncLater();
    if (!isOurs()) return;
    if (isFresh && aof.file !== null) {
      await aof.file.finish();
      if (!isOurs()) return;
      if (aof.file.error !== null) throw aof.file.error;
    }
    const kept = increment === null ? [] : [increment];
    const next: AofManifest = {
      base,
      increments: kept,
      history: [
        ...manifest.history,
        ...(manifest.base === null ? [] : [manifest.base]),
        ...manifest.increments.filter(({ sequence }) => sequence !== increment?.sequence),
      ],
    };
    await directory.writeManifestLater(next, isOurs, () => (aof.manifest = next));
  }

  #succeeded({ directory, base }: Run): void {
    const aof = this.#aof;
    aof.otherBytes = directory.size(base.name);
    aof.baseBytes = aof.currentBytes;
    this.count++;
    this.failures = 0;
    this.isLastGood = true;
    this.#server.log.notice('Background AOF rewrite finished successfully');
    aof.healed();
  }

  #failed(): void {
    this.isLastGood = false;
    this.failures++;
    if (this.failures < FREE_FAILURES) return;
    const minutes = this.#waitMs / MINUTE_MS;
    this.#server.log.warning(
      `Background AOF rewrite has repeatedly failed and triggered the limit, will retry in ${minutes} minutes`,
    );
  }

  #drop(file: LogFile): void {
    void file.close();
    try {
      this.#server.files.remove(file.path);
    } catch {
      // No manifest names it.
    }
  }

  /** Removes the files that are not needed any more, and forgets them then. */
  async removeHistory(): Promise<void> {
    const aof = this.#aof;
    const { config, log } = this.#server;
    const { manifest } = aof;
    if (manifest.history.length === 0 || config.boolean('aof-disable-auto-gc')) return;
    const run = this.#run;
    const isOurs = () => aof.manifest === manifest && this.#run === run;
    const directory = aof.directory();
    try {
      // The manifest that says so must be durable: the one before needs them.
      await directory.syncLater();
      for (const { name } of manifest.history) {
        log.notice(`Removing the history file ${name} in the background`);
        await directory.removeLater(name);
      }
      const next = { ...manifest, history: [] };
      if (isOurs()) await directory.writeManifestLater(next, isOurs, () => (aof.manifest = next));
    } catch (error) {
      log.warning(`Can't remove history of the append only file: ${errorText(error)}`);
    }
  }

  /** Begins what is due. */
  tick(): void {
    const aof = this.#aof;
    const { clock, snapshots } = this.#server;
    if (snapshots.owner !== null) return;
    const sinceMs = clock.monotonicMs() - this.#lastTryMs;
    if (aof.isOn && (aof.file === null || aof.isBroken || !aof.isComplete)) {
      if (sinceMs >= RETRY_MS) this.begin();
    } else if (this.isScheduled) {
      this.begin();
    } else if (aof.isOn && sinceMs >= this.#waitMs) {
      this.#beginIfGrown();
    }
  }

  /** How long to wait after the last one failed. */
  get #waitMs(): number {
    if (this.failures < FREE_FAILURES) return 0;
    return Math.min(2 ** (this.failures - FREE_FAILURES), WAIT_MINUTES_MAX) * MINUTE_MS;
  }

  #beginIfGrown(): void {
    const { config, log } = this.#server;
    const { baseBytes, currentBytes } = this.#aof;
    const percentage = config.number('auto-aof-rewrite-percentage');
    if (percentage === 0 || currentBytes <= config.number('auto-aof-rewrite-min-size')) return;
    const growth = Math.floor((currentBytes * 100) / Math.max(baseBytes, 1)) - 100;
    if (growth < percentage) return;
    log.notice(`Starting automatic rewriting of AOF on ${growth}% growth`);
    this.begin();
  }
}

function withIncrement(manifest: AofManifest, increment: AofFile): AofManifest {
  return { ...manifest, increments: [...manifest.increments, increment] };
}
