// Where the project is, and how old its files are.
import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const rootDirectory = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Newest modification among `paths` (relative to the root), with all that directories hold but what builds leave
 * there. A directory's own time counts as well: it is what a deleted file changes.
 */
export function newestMs(paths) {
  return Math.max(...paths.map((path) => newestBelowMs(join(rootDirectory, path))));
}

function newestBelowMs(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return 0;
  if (!stats.isDirectory()) return stats.mtimeMs;
  const names = readdirSync(path).filter((name) => name !== 'build');
  return Math.max(stats.mtimeMs, ...names.map((name) => newestBelowMs(join(path, name))));
}
