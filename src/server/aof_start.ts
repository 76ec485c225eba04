// What there is of an append-only file when a server starts: its manifest, the single file of former times, or nothing.
import { dirname } from 'node:path';
import type { AofDirectory } from '../persist/aof_directory.ts';
import {
  type AofFile,
  type AofManifest,
  EMPTY_MANIFEST,
  ManifestError,
  nextBase,
} from '../persist/aof_manifest.ts';
import { writeSnapshot } from '../persist/snapshot_writer.ts';
import { AofError } from './aof_load.ts';
import type { ServerCore } from './server.ts';
import { baseSettings, basesAreRdb } from './snapshots.ts';

/** The manifest, an empty one if there is none. Throws AofError, or the error of the file operation that failed. */
export function readManifest({ log }: ServerCore, directory: AofDirectory): AofManifest {
  try {
    return directory.readManifest() ?? EMPTY_MANIFEST;
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    for (const line of error.report) log.warning(line);
    throw new AofError(error.message);
  }
}

/** Moves the single file that servers before Redis 7.0 wrote into the directory, where it becomes the base. */
export function upgraded(server: ServerCore, directory: AofDirectory, manifest: AofManifest): AofManifest {
  const { config, files, log } = server;
  const old = config.file('appendfilename');
  const name = config.string('appendfilename');
  const { base, increments } = manifest;
  if (files.mode(old) === null) return manifest;
  const isHalfDone = base?.name === name && increments.length === 0 && !directory.has(name);
  if (directory.exists && !isHalfDone && (base !== null || increments.length > 0)) return manifest;
  directory.make();
  const next = { base: { name, sequence: 1 }, increments: [], history: [] };
  directory.writeManifest(next, () => {});
  files.rename(old, directory.file(name));
  directory.sync();
  files.syncDirectory(dirname(old));
  const where = config.string('appenddirname');
  log.notice(
    `Successfully migrated an old-style AOF configuration (${name}) into the AOF directory (${where}).`,
  );
  return next;
}

/** Puts what there is without a log into a base. */
export function createBase(server: ServerCore, directory: AofDirectory): AofFile {
  const { files, keyspace, log } = server;
  const base = nextBase(EMPTY_MANIFEST, directory.prefix, basesAreRdb(server));
  log.notice(`Creating AOF base file ${base.name} on server start`);
  writeSnapshot(keyspace, files, directory.file(base.name), baseSettings(server));
  return base;
}
