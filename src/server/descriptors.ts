// How many files and sockets the process may have open, and what follows for maxclients.
import { readFileSync } from 'node:fs';
import type { Logger } from '../base/log.ts';
import type { Config } from '../config/config.ts';

/** Descriptors that are not for clients: files, listeners, the program around the server. */
const SPARE_DESCRIPTORS = 32;
/** What the I/O thread that accepts, with a table of its own, needs of each other to hand connections over. */
const DESCRIPTORS_PER_THREAD = 3;

/** Infinity where there is no limit or the system does not tell. */
export function descriptorsMax(): number {
  try {
    const limit = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1];
    return limit === undefined ? Number.POSITIVE_INFINITY : Number(limit);
  } catch {
    return reportedMax();
  }
}

/** Where there is no /proc: slower, because Node reports everything about the process. */
function reportedMax(): number {
  const report = process.report?.getReport() as
    | { userLimits?: { open_files?: { soft: number | string } } }
    | undefined;
  const soft = report?.userLimits?.open_files?.soft;
  return typeof soft === 'number' ? soft : Number.POSITIVE_INFINITY;
}

/** How many clients there is room for. */
export function clientsMax(config: Config): number {
  const limit = descriptorsMax() - SPARE_DESCRIPTORS;
  if (!config.boolean('io-threads-private-descriptors')) return limit;
  const threads = config.number('io-threads');
  return threads * (limit - DESCRIPTORS_PER_THREAD * threads);
}

/** Turns descriptor tables of I/O threads off where there cannot be any; `allowed` says whether the system has them. */
export function checkPrivateDescriptors(config: Config, log: Logger, allowed: () => boolean): void {
  if (!config.boolean('io-threads-private-descriptors')) return;
  const why =
    config.number('io-threads') === 1
      ? 'there are no I/O threads'
      : allowed()
        ? ''
        : 'the system refuses them';
  if (why === '') return;
  log.warning(`io-threads-private-descriptors has no effect: ${why}.`);
  config.assign('io-threads-private-descriptors', false);
}

/** Lowers maxclients at the start to what the process can have. */
export function fitClients(config: Config, log: Logger): void {
  const wanted = config.number('maxclients');
  const possible = Math.max(1, clientsMax(config));
  if (wanted <= possible) return;
  log.warning(
    `maxclients ${wanted} takes ${wanted + SPARE_DESCRIPTORS} open files, but this process may have ${descriptorsMax()}: ` +
      `maxclients has been reduced to ${possible}. 'ulimit -n' raises the limit, io-threads-private-descriptors multiplies it.`,
  );
  config.assign('maxclients', possible);
}
