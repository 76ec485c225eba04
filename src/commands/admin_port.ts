// What the commands of administrators ask of the server, beyond what all commands may ask.
import type { Logger } from '../base/log.ts';
import type { ActiveExpiry } from '../keyspace/active_expiry.ts';
import type { CommandLogs } from '../metrics/command_log.ts';
import type { Latency } from '../metrics/latency.ts';
import type { LatencyMonitor } from '../metrics/latency_monitor.ts';

/** Bytes in use, by purpose. */
export interface MemoryFigures {
  readonly usedBytes: number;
  readonly peakBytes: number;
  /** What an empty server takes. */
  readonly startupBytes: number;
  readonly clientBytes: number;
  /** Everything that is not data. */
  readonly overheadBytes: number;
  /** Keys and values. */
  readonly datasetBytes: number;
  /** Share of the data in all that was allocated since the start. */
  readonly datasetPercent: number;
  /** Live blocks of the arena, the spans that hold them, and with them the free pages not yet given back. */
  readonly arenaBytes: number;
  readonly activeBytes: number;
  readonly residentBytes: number;
  /** What the process holds of the system. */
  readonly rssBytes: number;
}

export interface ShutdownOptions {
  /** Save even without save points, never save, or do as configured. */
  readonly save: 'yes' | 'no' | 'as-configured';
  /** Do not wait for replicas. */
  readonly now: boolean;
  /** End even if saving fails. */
  readonly force: boolean;
}

export interface ReloadOptions {
  /** Save before, throw away what there is, and let keys of the file replace others. */
  readonly saves: boolean;
  readonly flushes: boolean;
  readonly merges: boolean;
}

/** The file that holds all data. */
export interface SavingPort {
  /** When it was last written, or the server started, in ms since 1970. */
  readonly lastSaveMs: number;
  /** Whether it is being written while commands go on, or something else takes a snapshot for itself. */
  readonly inBackground: boolean;
  readonly isOtherInBackground: boolean;
  /** Writes it; false if that failed, which the log then explains. */
  save(): boolean;
  /** Begins to write it as it would be now, while commands go on; false if that failed. Nothing may be in progress. */
  saveInBackground(): boolean;
  /** Has this begun as soon as possible. */
  scheduleSave(): void;
  /** Forgets that; false if there was nothing to forget. */
  unscheduleSave(): boolean;
  /** Gives up what is being written in the background. */
  abortSave(): void;
  /** All data have been deleted: what is being written in the background is out of date. */
  afterFlush(): void;
  /** Reads it again; false if that failed. */
  reload(options: ReloadOptions): boolean;
}

/** The append-only file. */
export interface AofPort {
  readonly isOn: boolean;
  /** Whether all that was done so far is durable. */
  readonly hasSyncedAll: boolean;
  /** How long each write of the log waits before, in ms (for tests). */
  flushSleepMs: number;
  /** Calls `done` once it is. */
  whenSynced(done: () => void): void;
  /** Throws all data away and loads what the files hold; false if that failed. */
  reload(): boolean;
  readonly rewrite: {
    readonly isInProgress: boolean;
    /** Begins a rewrite; false if that failed. Nothing may be in progress. */
    begin(): boolean;
    /** Has one begun as soon as possible. */
    schedule(): void;
  };
}

export interface AdminPort {
  readonly aof: AofPort;
  readonly saving: SavingPort;
  /** Whether data are being loaded. */
  readonly isLoading: boolean;
  readonly log: Logger;
  readonly latency: Latency;
  readonly latencyMonitor: LatencyMonitor;
  readonly commandLogs: CommandLogs;
  readonly memory: MemoryFigures;
  readonly expiry: ActiveExpiry;
  /** The text of INFO. */
  info(sections: readonly string[]): string;
  /** Whether the current client may change protected settings (enable-protected-configs). */
  mayChangeProtectedSettings(): boolean;
  /** Puts the counters that INFO reports back to zero. */
  resetStatistics(): void;
  /**
   * Writes the configuration file, of which there is one; with `everything` also settings that have their defaults.
   * Throws the error of the file operation that failed.
   */
  rewriteConfig(everything: boolean): void;
  /** Ends the server once the current command is done; the reason why it goes on, or null. */
  shutdown(options: ShutdownOptions): string | null;
  /** Whether a shutdown was in progress and has been called off. */
  abortShutdown(): boolean;
  /** Gives up at once: writes a report into the log and ends the process with an error. */
  crash(reason: string): never;
  /** Stops or resumes the periodic work. */
  pauseCron(isPaused: boolean): void;
  /** Takes new replication ids. */
  changeReplicationId(): void;
}
