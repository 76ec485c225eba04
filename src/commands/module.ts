// MODULE: there are no loadable modules, so the list is empty and loading fails as it does for a bad file.
import { MODULE_NOT_LOADED, NO_SUCH_MODULE } from '../resp/errors.ts';
import type { Context } from './context.ts';
import {
  ADMIN,
  type CommandSpec,
  command,
  container,
  NO_ASYNC_LOADING,
  NOSCRIPT,
  PROTECTED,
} from './spec.ts';

const MODULE_LIST = command({
  name: 'module|list',
  group: 'server',
  since: '4.0.0',
  summary: 'Modules that are loaded',
  complexity: 'O(N) in the number of modules',
  arity: 2,
  flags: ADMIN | NOSCRIPT,
  tips: ['nondeterministic_output_order'],
  help: ['LIST', '    Modules that are loaded.'],
  run: (c) => c.reply.array(0),
});

const MODULE_LOAD = command({
  name: 'module|load',
  group: 'server',
  since: '4.0.0',
  summary: 'Loads a module',
  complexity: 'O(1)',
  arity: -3,
  flags: ADMIN | NOSCRIPT | NO_ASYNC_LOADING | PROTECTED,
  syntax: 'path [arg+]',
  help: ['LOAD <path> [<arg> ...]', '    Load the module library at <path> with the arguments given.'],
  run: refuseToLoad,
});

const MODULE_LOADEX = command({
  name: 'module|loadex',
  group: 'server',
  since: '7.0.0',
  summary: 'Loads a module with configuration',
  complexity: 'O(1)',
  arity: -3,
  flags: ADMIN | NOSCRIPT | NO_ASYNC_LOADING | PROTECTED,
  syntax: 'path [configs=CONFIG (name value)++] [args=ARGS (arg)+]',
  help: [
    'LOADEX <path> [[CONFIG NAME VALUE] [CONFIG NAME VALUE]] [ARGS ...]',
    '    Load the module library at <path> with configuration and arguments.',
  ],
  run: refuseToLoad,
});

function refuseToLoad(c: Context): void {
  c.server.admin.log.warning(
    `Module ${c.args.text(2)} failed to load: modules for Redis are programs for another server and cannot run here`,
  );
  c.reply.error(MODULE_NOT_LOADED);
}

const MODULE_UNLOAD = command({
  name: 'module|unload',
  group: 'server',
  since: '4.0.0',
  summary: 'Unloads a module',
  complexity: 'O(1)',
  arity: 3,
  flags: ADMIN | NOSCRIPT | NO_ASYNC_LOADING | PROTECTED,
  syntax: 'name',
  help: ['UNLOAD <name>', '    Unload the module <name>.'],
  run: (c) => c.reply.error(NO_SUCH_MODULE),
});

const MODULE = container(
  {
    name: 'module',
    group: 'server',
    since: '4.0.0',
    summary: 'Loadable modules: there are none',
    helpSince: '5.0.0',
  },
  [MODULE_LIST, MODULE_LOAD, MODULE_LOADEX, MODULE_UNLOAD],
);

export const MODULE_COMMANDS: readonly CommandSpec[] = [MODULE];
