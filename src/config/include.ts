// Paths with wildcards, as `include conf.d/*.conf` has them: glob(3) of the C library, in byte order.

import { readdirSync } from 'node:fs';
import { pathOf } from '../base/files.ts';
import { globMatchString } from '../base/glob.ts';

export function hasWildcard(path: string): boolean {
  return /[*?[]/.test(path);
}

/** The existing paths that match an absolute pattern, sorted; texts of one character per byte. */
export function expandPath(pattern: string): string[] {
  let found = [''];
  for (const part of pattern.split('/').slice(1)) {
    found = hasWildcard(part)
      ? found.flatMap((path) => matching(path, part).map((name) => `${path}/${name}`))
      : found.map((path) => `${path}/${part}`);
  }
  return found;
}

function matching(directory: string, part: string): string[] {
  // glob(3) negates a set with "!", and wildcards leave out hidden names.
  const pattern = part.replaceAll('[!', '[^');
  return names(directory)
    .filter((name) => (name[0] !== '.' || pattern[0] === '.') && matches(pattern, name))
    .sort();
}

function matches(pattern: string, name: string): boolean {
  return globMatchString(pattern, name, false);
}

function names(directory: string): string[] {
  try {
    return readdirSync(pathOf(`${directory}/`), 'latin1' as BufferEncoding);
  } catch {
    return [];
  }
}
