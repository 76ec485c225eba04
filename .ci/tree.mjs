// Where the project is, and how old its files are.
import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const rootDirectory = dirname(dirname(fileURLToPath(import.meta.url)));

/** What is below `paths` (relative to the root), but for what builds leave there: number of files, newest change. */
export function survey(paths) {
  const result = { files: 0, newestMs: 0 };
  for (const path of paths) surveyInto(result, join(rootDirectory, path));
  return result;
}

function surveyInto(result, path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory()) {
    for (const name of readdirSync(path)) if (name !== 'build') surveyInto(result, join(path, name));
  } else if (stats) {
    result.files++;
    result.newestMs = Math.max(result.newestMs, stats.mtimeMs);
  }
}
