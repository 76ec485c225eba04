// Configuration lines that concern other parts than the table of settings.
import { ConfigError, type ForeignLine } from '../config/parse.ts';
import type { ServerCore } from './server.ts';

/** Puts `rename-command` lines into force; before the server starts. */
export function renameCommands(server: ServerCore, lines: readonly ForeignLine[]): void {
  for (const line of lines) {
    if (line.name !== 'rename-command') continue;
    const [from = '', to = ''] = line.words;
    try {
      server.table.rename(from, to);
    } catch (error) {
      throw new ConfigError((error as Error).message, line.place);
    }
  }
  server.reactor.setCommands(server.table.names(), server.table.firstKeys());
}
