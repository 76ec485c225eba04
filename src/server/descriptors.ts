// How many files and sockets the process may have open, and what follows for maxclients.
import { readFileSync } from 'node:fs';
import type { Logger } from '../base/log.ts';
import type { Config } from '../config/config.ts';

/** Descriptors that are not for clients: files, listeners, the program around the server. */
export const SPARE_DESCRIPTORS = 32;

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

/** Lowers maxclients at the start to what the process can have. */
export function fitClients(config: Config, log: Logger): void {
  const wanted = config.number('maxclients');
  const limit = descriptorsMax();
  if (wanted + SPARE_DESCRIPTORS <= limit) return;
  const possible = Math.max(1, limit - SPARE_DESCRIPTORS);
  log.warning(
    `maxclients ${wanted} takes ${wanted + SPARE_DESCRIPTORS} open files, but this process may have ${limit}: ` +
      `maxclients has been reduced to ${possible}. 'ulimit -n' raises the limit.`,
  );
  config.assign('maxclients', possible);
}
