// Reads binding.gyp, so that its list of sources and its compiler flags exist once. node-gyp is what everybody builds
// with; CMake (sanitizers, editors), make (native tests) and Zig (release) ask here. It is in native/ because package
// managers that find one beside package.json want to run node-gyp at every user's.
//
//   node .ci/gyp.mjs sources|core|flags|defines [linux|mac]      prints one per line
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { rootDirectory } from './tree.mjs';

export const gypFile = 'native/binding.gyp';
export const gypDirectory = dirname(gypFile);
export const addonFile = join(gypDirectory, 'build/Release/millrace.node');

/**
 * The one target as it is on `system`, gyp's word for a platform: { sources, core, flags, defines }; paths relative to
 * the project, flags those of the C++ compiler. The core is what needs no Node around it and makes programs in tests.
 */
export function readGyp(system = process.platform === 'darwin' ? 'mac' : process.platform) {
  const target = merged(parse(readFileSync(join(rootDirectory, gypFile), 'utf8')).targets[0], system);
  const sources = target.sources.map((source) => join(gypDirectory, source));
  return {
    sources,
    core: sources.filter((source) => source !== join(gypDirectory, 'addon.cc')),
    flags: target.cflags_cc ?? [],
    defines: target.defines ?? [],
  };
}

/** gyp's language is Python's literals, which are JavaScript's but for the comments. */
function parse(text) {
  const code = text.replace(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|#.*/g, (part) =>
    part[0] === '#' ? '' : part,
  );
  return runInNewContext(`(${code})`);
}

/** Appends to a target's lists what its conditions add on `system`. */
function merged(target, system) {
  const result = { ...target };
  for (const [condition, whenTrue, whenFalse] of target.conditions ?? []) {
    const extra = runInNewContext(condition, { OS: system }) ? whenTrue : whenFalse;
    for (const [name, value] of Object.entries(extra ? merged(extra, system) : {})) {
      if (Array.isArray(value)) result[name] = [...(result[name] ?? []), ...value];
    }
  }
  return result;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [what, system] = process.argv.slice(2);
  console.log(readGyp(system)[what].join('\n'));
}
