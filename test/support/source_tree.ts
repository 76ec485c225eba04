// The project's own source files, for tests about their form.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');

const FOLDERS = ['src', 'native', 'test', 'bench', '.ci'];
const GENERATED = new Set(['build', 'dist', 'node_modules', 'results']);
const SOURCE = /\.(ts|mjs|js|cc|h|tcl)$/;

export interface SourceFile {
  /** Path from the root, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
}

function walk(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return GENERATED.has(entry.name) ? [] : walk(path);
    return SOURCE.test(entry.name) ? [path] : [];
  });
}

/** Every source file under src, native, test, bench and .ci. */
export function sourceFiles(): SourceFile[] {
  return FOLDERS.flatMap(walk).map((path) => {
    const text = readFileSync(join(ROOT, path), 'utf8');
    return { path, text, lines: text.replace(/\n$/, '').split('\n') };
  });
}

/** Paths of the project's files that a TypeScript or JavaScript file imports, statically or not. */
export function importsOf(file: SourceFile): string[] {
  const specifiers = file.text.matchAll(/(?:\bfrom|\bimport\(?)\s*'(\.{1,2}\/[^']+)'/g);
  return [...specifiers].map(([, specifier]) => normalize(join(dirname(file.path), specifier!)));
}

/** Paths of the project's headers that a C++ file includes. */
export function includesOf(file: SourceFile): string[] {
  return [...file.text.matchAll(/^#include "([^"]+)"/gm)].map(([, name]) =>
    normalize(join(dirname(file.path), name!)),
  );
}
