// Every command of the server, one line a family; ids follow this order.
import { COMMAND } from './command.ts';
import { DATABASE_COMMANDS } from './database.ts';
import { EXPIRE_COMMANDS } from './expire.ts';
import { KEY_COMMANDS } from './keys.ts';
import { OBJECT_COMMANDS } from './object.ts';
import { SCAN_COMMANDS } from './scan.ts';
import type { CommandSpec } from './spec.ts';

export const ALL_COMMANDS: readonly CommandSpec[] = [
  COMMAND,
  ...KEY_COMMANDS,
  ...OBJECT_COMMANDS,
  ...SCAN_COMMANDS,
  ...EXPIRE_COMMANDS,
  ...DATABASE_COMMANDS,
];
