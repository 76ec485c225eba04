// Configuration lines that concern other parts than the table of settings.
import { ConfigError, type ForeignLine } from '../config/parse.ts';
import type { ServerCore } from './server.ts';

/** The native side looks names up in fields of this size. */
const NAME_BYTES_MAX = 64;
const LONG_NAME = `A command's name has at most ${NAME_BYTES_MAX} characters`;
const NO_MODULES = 'Modules cannot be loaded';
const NO_USERS = 'Users cannot be configured yet, only the password of the default user (requirepass)';

/** What CONFIG REWRITE of the reference says of the one user there is. */
const ALL_RIGHTS = new Set(
  'default on nopass sanitize-payload skip-sanitize-payload ~* &* +@all allkeys allchannels allcommands'.split(
    ' ',
  ),
);

/** Puts such lines into force, before the server starts. Throws ConfigError for what cannot be. */
export function applyForeignLines(server: ServerCore, lines: readonly ForeignLine[]): void {
  for (const line of lines) {
    if (line.name === 'rename-command') rename(server, line);
    else if (line.name === 'loadmodule') throw new ConfigError(NO_MODULES, line.place);
    else if (!line.words.every((word) => ALL_RIGHTS.has(word))) throw new ConfigError(NO_USERS, line.place);
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
