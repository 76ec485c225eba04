// Every command of the server, one line a family; ids follow this order.
import { COMMAND } from './command.ts';
import type { CommandSpec } from './spec.ts';

export const ALL_COMMANDS: readonly CommandSpec[] = [COMMAND];
