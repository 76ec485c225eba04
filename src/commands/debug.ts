// DEBUG: tools for tests. The subcommands check their number of words here, all with one answer, as in the reference.
import { unknownSubcommandOrArity } from '../resp/errors.ts';
import type { Context } from './context.ts';
import { CONTROL_TOOLS } from './debug_control.ts';
import { DIGEST_TOOLS } from './debug_digest.ts';
import { PROTOCOL_TOOL } from './debug_protocol.ts';
import type { Tool } from './debug_tool.ts';
import { VALUE_TOOLS } from './debug_values.ts';
import { ADMIN, type CommandSpec, command, LOADING, NOSCRIPT, PROTECTED, replyHelp, STALE } from './spec.ts';

const DEBUG = command({
  name: 'debug',
  group: 'server',
  since: '1.0.0',
  summary: 'Tools for tests and for finding faults',
  complexity: 'That of the subcommand',
  arity: -2,
  flags: ADMIN | NOSCRIPT | LOADING | STALE | PROTECTED,
  docFlags: ['syscmd'],
  run: runDebug,
});

const HELP: Tool = {
  name: 'help',
  words: [0, 0],
  help: ['HELP', '    Print this text.'],
  run: (c) => replyHelp(c, 'debug', HELP_LINES),
};

const TOOLS: readonly Tool[] = [...CONTROL_TOOLS, ...DIGEST_TOOLS, ...VALUE_TOOLS, PROTOCOL_TOOL, HELP];

const BY_NAME = new Map(TOOLS.map((tool) => [tool.name, tool]));

/** In the order of the alphabet, HELP last. */
const HELP_LINES = [...TOOLS]
  .sort((a, b) => (a === HELP ? 1 : b === HELP ? -1 : a.name < b.name ? -1 : 1))
  .flatMap(({ help }) => help);

function runDebug(c: Context): void {
  const { args } = c;
  const given = args.text(1);
  const tool = BY_NAME.get(given.toLowerCase());
  const words = args.count - 2;
  if (tool === undefined || words < tool.words[0] || words > tool.words[1]) {
    c.reply.error(unknownSubcommandOrArity(given, 'DEBUG'));
  } else {
    tool.run(c);
  }
}

export const DEBUG_COMMANDS: readonly CommandSpec[] = [DEBUG];
