// The rules of style that a machine can check, over the project's own files: size, layers, dead files, banned words.
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { importsOf, includesOf, ROOT, type SourceFile, sourceFiles } from './support/source_tree.ts';

const FILE_LINES = 500;
const FUNCTION_LINES = 70;
const NATIVE_COLUMNS = 130;

const files = sourceFiles();
const byPath = new Map(files.map((file) => [file.path, file]));
const isScript = ({ path }: SourceFile): boolean => /\.(ts|mjs|js)$/.test(path);
const isNative = ({ path }: SourceFile): boolean => /\.(cc|h)$/.test(path);
const inFolder =
  (...folders: string[]) =>
  ({ path }: SourceFile): boolean =>
    folders.some((folder) => path.startsWith(`${folder}/`));

/** `path:line` of every line of `among` that `isBad` finds. */
function badLines(
  among: readonly SourceFile[],
  isBad: (line: string, file: SourceFile) => boolean,
): string[] {
  return among.flatMap((file) =>
    file.lines.flatMap((line, i) =>
      isBad(line, file) ? [`${file.path}:${i + 1}: ${line.trim().slice(0, 80)}`] : [],
    ),
  );
}

/** Words that this file must not contain itself are put together from pieces. */
const joined = (...pieces: string[]): string => pieces.join('');

describe('size', () => {
  test(`no file is longer than ${FILE_LINES} lines`, () => {
    expect(files.filter(({ lines }) => lines.length > FILE_LINES).map(({ path }) => path)).toEqual([]);
  });

  test(`no function is longer than ${FUNCTION_LINES} lines`, () => {
    expect(files.flatMap(longFunctions)).toEqual([]);
  });

  test(`no line of C++ is wider than ${NATIVE_COLUMNS} columns`, () => {
    expect(badLines(files.filter(isNative), (line) => line.length > NATIVE_COLUMNS)).toEqual([]);
  });
});

/**
 * Functions over the limit: from a line that ends with `) {`, `=> {` or a return type and `{` to the brace that closes
 * it, which in TypeScript stands at the same indentation and in C++ is found by counting.
 */
function longFunctions(file: SourceFile): string[] {
  const opens = /(\)|=>|\): [^=]+|\) (const|noexcept|override|const noexcept)) \{$/;
  const other = /^\s*(\} )?(if|for|while|switch|catch|else|do|describe|namespace|class|struct|extern)\b/;
  const found: string[] = [];
  for (const [i, line] of file.lines.entries()) {
    if (!opens.test(line) || other.test(line)) continue;
    const count = (isNative(file) ? closingBrace(file.lines, i) : closingIndent(file.lines, i)) - i + 1;
    if (count > FUNCTION_LINES) found.push(`${file.path}:${i + 1}: ${count} lines`);
  }
  return found;
}

function closingIndent(lines: readonly string[], from: number): number {
  const indent = lines[from]!.slice(0, lines[from]!.search(/\S/));
  return lines.findIndex((line, i) => i > from && line.startsWith(`${indent}}`));
}

function closingBrace(lines: readonly string[], from: number): number {
  let depth = 0;
  return lines.findIndex((line, i) => {
    if (i < from) return false;
    for (const brace of withoutText(line).match(/[{}]/g) ?? []) depth += brace === '{' ? 1 : -1;
    return depth <= 0;
  });
}

/** A line of C++ without strings, characters and comments. */
function withoutText(line: string): string {
  return line.replace(/"(\\.|[^"\\])*"|'(\\.|[^'\\])*'|\/\/.*$/g, '');
}

describe('layers', () => {
  const RANKS: Record<string, number> = {
    bin: 9,
    server: 8,
    soak: 8,
    rdb: 8,
    check: 8,
    commands: 7,
    session: 6,
    metrics: 5,
    config: 5,
    bridge: 5,
    persist: 5,
    keyspace: 4,
    types: 3,
    resp: 3,
    structs: 2,
    arena: 1,
    base: 0,
  };
  const BASE_ONLY = ['bridge', 'resp'];
  const layerOf = (path: string): string => (path.split('/').length === 2 ? 'bin' : path.split('/')[1]!);

  test('an import points only down', () => {
    const bad: string[] = [];
    for (const file of files.filter(inFolder('src'))) {
      const from = layerOf(file.path);
      for (const to of importsOf(file).map(layerOf)) {
        const allowed = from === to || (BASE_ONLY.includes(from) ? to === 'base' : RANKS[to]! < RANKS[from]!);
        if (!allowed) bad.push(`${file.path} imports from ${to}`);
      }
    }
    expect(bad).toEqual([]);
  });

  test('an include points only down', () => {
    const ranks: Record<string, number> = { base: 0, ring: 1, resp: 1, memory: 1, net: 2, soak: 3 };
    const bad: string[] = [];
    for (const file of files.filter(inFolder('native'))) {
      if (file.path.split('/').length === 2) continue;
      const from = layerOf(file.path);
      for (const included of includesOf(file)) {
        const to = layerOf(included);
        const allowed = included === 'native/abi.h' || from === to || ranks[to]! < ranks[from]!;
        if (!allowed) bad.push(`${file.path} includes ${included}`);
      }
    }
    expect(bad).toEqual([]);
  });

  test('only the addon itself knows N-API', () => {
    const talkers = files.filter((file) => isNative(file) && /#include <(napi|node_api)/.test(file.text));
    expect(talkers.map(({ path }) => path).filter((path) => !/^native\/addon[._]/.test(path))).toEqual([]);
  });

  // Besides the rings, these share flags and counters between threads: the list is not to grow unnoticed.
  const SHARING =
    /^native\/(ring\/|base\/atomics\.h|memory\/memory\.|net\/(connection|io_loop|io_replies|io_thread)\.)/;

  test('memory order stays in the rings and the few files that share flags and counters', () => {
    const outside = files.filter((file) => inFolder('native')(file) && !SHARING.test(file.path));
    expect(badLines(outside, (line) => /\bmemory_order/.test(line))).toEqual([]);
  });
});

describe('dead files', () => {
  function reachable(entries: readonly string[]): Set<string> {
    const seen = new Set<string>();
    const waiting = [...entries];
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      const file = byPath.get(path);
      if (!file || seen.has(path)) continue;
      seen.add(path);
      waiting.push(...importsOf(file));
    }
    return seen;
  }

  test('the program or the library reaches every file of src', () => {
    const live = reachable(
      ['index', 'bin/millrace', 'bin/soak', 'bin/rdb', 'bin/check_aof', 'bin/check_rdb'].map(
        (name) => `src/${name}.ts`,
      ),
    );
    expect(
      files.filter((file) => inFolder('src')(file) && !live.has(file.path)).map(({ path }) => path),
    ).toEqual([]);
  });

  test('every helper of the tests and the bench is used', () => {
    const scripts = files.filter((file) => isScript(file) && inFolder('test', 'bench')(file));
    const named = files.map(({ text }) => text).join('\n') + readFileSync(join(ROOT, 'package.json'), 'utf8');
    const isEntry = ({ path }: SourceFile): boolean =>
      path.endsWith('.test.ts') ||
      named.includes(`'${path.split('/').at(-1)}'`) ||
      named.includes(path) ||
      /\/(main|run|worker|record)\.(ts|mjs)$/.test(path);
    const live = reachable(scripts.filter(isEntry).map(({ path }) => path));
    expect(scripts.filter(({ path }) => !live.has(path)).map(({ path }) => path)).toEqual([]);
  });

  test('every header is included', () => {
    const included = new Set(files.filter(isNative).flatMap(includesOf));
    const headers = files.filter(({ path }) => path.startsWith('native/') && path.endsWith('.h'));
    expect(headers.map(({ path }) => path).filter((path) => !included.has(path))).toEqual([]);
  });
});

describe('words', () => {
  const here = (file: SourceFile): boolean => file.path !== 'test/tidy.test.ts';

  test('nothing is left to do', () => {
    const words = new RegExp(`\\b(${joined('FIX', 'ME')}|${joined('TO', 'DO')}|${joined('XX', 'X')})\\b`);
    expect(badLines(files, (line) => words.test(line))).toEqual([]);
  });

  test('no name of this machine, of a path on it or of a registry', () => {
    const home = homedir();
    const registry = /^https?:\/\/([^/]+)/.exec(process.env.npm_config_registry ?? '')?.[1];
    const words = [
      ROOT,
      ...(home.split('/').length > 2 ? [home] : []),
      ...(registry && registry !== 'registry.npmjs.org' ? [registry] : []),
      joined('artifact', 'registry'),
      joined('pkg', '.dev'),
    ];
    const lock = readFileSync(join(ROOT, 'package-lock.json'), 'utf8');
    expect(badLines(files.filter(here), (line) => words.some((word) => line.includes(word)))).toEqual([]);
    expect(words.filter((word) => lock.includes(word))).toEqual([]);
  });

  test('no test is left out or alone', () => {
    const left = /\b(test|it|describe)(\.\w+)*\.(only|skip|todo|fails)\b/;
    expect(badLines(files.filter(inFolder('test')), (line, file) => here(file) && left.test(line))).toEqual(
      [],
    );
  });

  test('texts of errors live in src/resp', () => {
    const texts =
      /['"`]-?(ERR|WRONGTYPE|NOAUTH|WRONGPASS|NOPROTO|EXECABORT|OOM|NOPERM|BUSY|LOADING|MISCONF|READONLY) /;
    const others = files.filter(
      (file) => inFolder('src')(file) && !/^src\/resp\/(\w+_)?errors\.ts$/.test(file.path),
    );
    expect(badLines(others, (line) => texts.test(line) && !/^\s*(\*|\/\/)/.test(line))).toEqual([]);
  });
});

describe('form', () => {
  test('every file begins with a comment that says what it is', () => {
    const firstLine = ({ lines }: SourceFile): string => lines[lines[0]!.startsWith('#!') ? 1 : 0]!;
    const headless = files.filter((file) => !/^(\/\/|\/\*|#[^!i])/.test(firstLine(file)));
    // A test is named after what it tests, and a header speaks for its .cc files.
    const spokenFor = (path: string): boolean =>
      path.endsWith('.test.ts') ||
      (path.endsWith('.cc') && byPath.has(path.replace(/(_(linux|darwin))?\.cc$/, '.h')));
    expect(headless.map(({ path }) => path).filter((path) => !spokenFor(path))).toEqual([]);
  });

  test('no state in a module', () => {
    expect(badLines(files.filter(inFolder('src')), (line) => /^(export )?(let|var)\b/.test(line))).toEqual(
      [],
    );
  });

  test('no default export', () => {
    expect(badLines(files.filter(isScript), (line) => /^export default\b/.test(line))).toEqual([]);
  });

  test('no platform is chosen inside a function', () => {
    expect(files.filter(inFolder('native')).flatMap(conditionalsInFunctions)).toEqual([]);
  });
});

/** Preprocessor conditions between the braces of a function; those of namespaces and types do not count. */
function conditionalsInFunctions({ path, lines }: SourceFile): string[] {
  const found: string[] = [];
  const open: boolean[] = [];
  for (const [i, line] of lines.entries()) {
    const code = withoutText(line);
    if (/^\s*#\s*if/.test(code) && open.includes(true)) found.push(`${path}:${i + 1}`);
    if (code.startsWith('#')) continue;
    const holder = /^\s*(inline )?(namespace|class|struct|enum|union|extern)\b/.test(code);
    for (const brace of code.match(/[{}]/g) ?? []) {
      if (brace === '{') open.push(!holder);
      else open.pop();
    }
  }
  return found;
}
