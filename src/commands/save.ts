// SAVE: a snapshot while everybody waits.
import { SAVE_FAILED } from '../resp/errors.ts';
import type { Context } from './context.ts';
import { ADMIN, type CommandSpec, command, NO_ASYNC_LOADING, NO_MULTI, NOSCRIPT } from './spec.ts';

const SAVE = command({
  name: 'save',
  group: 'server',
  since: '1.0.0',
  summary: 'Takes a snapshot while everybody waits',
  complexity: 'O(N) in the keys of all databases',
  arity: 1,
  flags: ADMIN | NOSCRIPT | NO_ASYNC_LOADING | NO_MULTI,
  run: runSave,
});

function runSave(c: Context): void {
  if (c.server.admin.saving.save()) c.reply.ok();
  else c.reply.error(SAVE_FAILED);
}

export const SAVE_COMMANDS: readonly CommandSpec[] = [SAVE];
