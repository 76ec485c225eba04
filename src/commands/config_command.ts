// CONFIG: settings of the running server. What they are and how they are parsed is in src/config; what a change does,
// in src/server/settings.ts.
import { errorText } from '../base/errno.ts';
import { configRewriteFailed, NO_CONFIG_FILE, SYNTAX } from '../resp/errors.ts';
import type { Context } from './context.ts';
import { ADMIN, type CommandSpec, command, container, LOADING, NOSCRIPT, STALE } from './spec.ts';

const CONFIG_GET = command({
  name: 'config|get',
  group: 'server',
  since: '2.0.0',
  summary: 'Parameters whose names match glob patterns, with their values',
  complexity: 'O(N) in the number of parameters',
  arity: -3,
  flags: ADMIN | NOSCRIPT | LOADING | STALE,
  syntax: '(parameter)+',
  history: [['7.0.0', 'Takes several patterns.']],
  help: ['GET <pattern>', '    Parameters whose names match the glob-like <pattern>, with their values.'],
  run: runConfigGet,
});

function runConfigGet(c: Context): void {
  const { args, reply } = c;
  const patterns: string[] = [];
  for (let i = 2; i < args.count; i++) patterns.push(args.text(i));
  const found = c.config.get(patterns);
  reply.map(found.length);
  for (const [name, text] of found) {
    reply.bulkText(name);
    reply.bulkText(text);
  }
}

const CONFIG_SET = command({
  name: 'config|set',
  group: 'server',
  since: '2.0.0',
  summary: 'Changes parameters, all of them or none',
  complexity: 'O(N) in the number of parameters',
  arity: -4,
  flags: ADMIN | NOSCRIPT | LOADING | STALE,
  tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
  syntax: '(parameter value)+',
  history: [['7.0.0', 'Takes several parameters.']],
  help: ['SET <directive> <value>', '    Change the parameter <directive> to <value>.'],
  run: runConfigSet,
});

function runConfigSet(c: Context): void {
  const { args } = c;
  if (args.count % 2 === 1) {
    c.reply.error(SYNTAX);
    return;
  }
  const pairs: [string, string][] = [];
  for (let i = 2; i < args.count; i += 2) pairs.push([args.text(i), args.text(i + 1)]);
  const mayChangeProtected = c.server.admin.mayChangeProtectedSettings();
  const error = c.config.set(pairs, { mayChangeProtected, loading: c.server.admin.isLoading });
  if (error === null) c.reply.ok();
  else c.reply.error(error);
}

const CONFIG_RESETSTAT = command({
  name: 'config|resetstat',
  group: 'server',
  since: '2.0.0',
  summary: 'Puts the counters of INFO back to zero',
  complexity: 'O(1)',
  arity: 2,
  flags: ADMIN | NOSCRIPT | LOADING | STALE,
  help: ['RESETSTAT', '    Put the counters that INFO reports back to zero.'],
  run: (c) => {
    c.server.admin.resetStatistics();
    c.reply.ok();
  },
});

const CONFIG_REWRITE = command({
  name: 'config|rewrite',
  group: 'server',
  since: '2.8.0',
  summary: 'Writes the configuration in force into the configuration file',
  complexity: 'O(1)',
  arity: 2,
  flags: ADMIN | NOSCRIPT | LOADING | STALE,
  help: ['REWRITE', '    Write the configuration in force into its file.'],
  run: runConfigRewrite,
});

function runConfigRewrite(c: Context): void {
  if (c.config.path === null) {
    c.reply.error(NO_CONFIG_FILE);
    return;
  }
  const { admin } = c.server;
  try {
    admin.rewriteConfig(false);
    admin.log.warning('CONFIG REWRITE executed with success.');
    c.reply.ok();
  } catch (error) {
    admin.log.warning(`CONFIG REWRITE failed: ${errorText(error)}`);
    c.reply.error(configRewriteFailed(errorText(error)));
  }
}

const CONFIG = container(
  {
    name: 'config',
    group: 'server',
    since: '2.0.0',
    summary: 'Reads and changes the configuration',
    helpSince: '5.0.0',
  },
  [CONFIG_GET, CONFIG_SET, CONFIG_RESETSTAT, CONFIG_REWRITE],
);

export const CONFIG_COMMANDS: readonly CommandSpec[] = [CONFIG];
