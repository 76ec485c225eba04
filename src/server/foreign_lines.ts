// Configuration lines that concern other parts than the table of settings.
import { ConfigError, type ForeignLine } from '../config/parse.ts';
import { badDeclaration, DUPLICATE_USER, USERS_IN_TWO_PLACES } from '../resp/acl_errors.ts';
import type { ServerCore } from './server.ts';

/** The native side looks names up in fields of this size. */
const NAME_BYTES_MAX = 64;
const LONG_NAME = `A command's name has at most ${NAME_BYTES_MAX} characters`;
const NO_MODULES = 'Modules cannot be loaded';

/** Puts such lines into force, before the server starts. Throws ConfigError for what cannot be. */
export function applyForeignLines(server: ServerCore, lines: readonly ForeignLine[]): void {
  for (const line of lines) {
    if (line.name === 'rename-command') rename(server, line);
    else if (line.name === 'loadmodule') throw new ConfigError(NO_MODULES, line.place);
    else declareUser(server, line, lines);
  }
  server.reactor.setCommands(server.table.names(), server.table.firstKeys(), server.table.members());
}

function rename(server: ServerCore, { words, place }: ForeignLine): void {
  const [from = '', to = ''] = words;
  if (to.length > NAME_BYTES_MAX) throw new ConfigError(LONG_NAME, place);
  try {
    server.table.rename(from, to);
  } catch (error) {
    throw new ConfigError((error as Error).message, place);
  }
}

/** Makes the user of a line; `lines` are all there are. */
function declareUser(
  { access, config }: ServerCore,
  { words, place }: ForeignLine,
  lines: readonly ForeignLine[],
): void {
  const [name = '', ...rules] = words;
  if (config.string('aclfile') !== '') throw new ConfigError(USERS_IN_TWO_PLACES, place);
  const first = lines.find((line) => line.name === 'user' && line.words[0] === name);
  const reason = first?.place === place ? access.declare(name, rules) : badDeclaration(name, DUPLICATE_USER);
  if (reason !== '') throw new ConfigError(reason, place);
}
