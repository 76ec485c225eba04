// SAVE, BGSAVE and BGREWRITEAOF: snapshots while everybody waits, and while commands go on.
import {
  NO_SAVE_TO_CANCEL,
  OTHER_IN_BACKGROUND,
  REWRITE_FAILED,
  REWRITE_IN_PROGRESS,
  SAVE_FAILED,
  SAVE_IN_PROGRESS,
  SYNTAX,
} from '../resp/errors.ts';
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
  const { saving } = c.server.admin;
  if (saving.inBackground) c.reply.error(SAVE_IN_PROGRESS);
  else if (saving.save()) c.reply.ok();
  else c.reply.error(SAVE_FAILED);
}

const BGSAVE = command({
  name: 'bgsave',
  group: 'server',
  since: '1.0.0',
  summary: 'Begins a snapshot that is taken while commands go on',
  complexity: 'O(1)',
  arity: -1,
  flags: ADMIN | NOSCRIPT | NO_ASYNC_LOADING,
  syntax: '[SCHEDULE]^3.2.2 [CANCEL]^8.1.0',
  history: [
    ['3.2.2', 'Option SCHEDULE.'],
    ['8.1.0', 'Option CANCEL.'],
  ],
  run: runBgsave,
});

function runBgsave(c: Context): void {
  const { args, reply } = c;
  const { saving } = c.server.admin;
  const isScheduled = args.count === 2 && args.is(1, 'schedule');
  if (args.count === 2 && args.is(1, 'cancel')) {
    runCancel(c);
  } else if (args.count > 1 && !isScheduled) {
    reply.error(SYNTAX);
  } else if (saving.inBackground) {
    reply.error(SAVE_IN_PROGRESS);
  } else if (c.inTransaction || (isScheduled && saving.isOtherInBackground)) {
    saving.scheduleSave();
    reply.status('Background saving scheduled');
  } else if (saving.isOtherInBackground) {
    reply.error(OTHER_IN_BACKGROUND);
  } else if (saving.saveInBackground()) {
    reply.status('Background saving started');
  } else {
    reply.error(SAVE_FAILED);
  }
}

/** Ends the save in progress, or else forgets the one that is scheduled. */
function runCancel({ reply, server: { admin } }: Context): void {
  const { saving } = admin;
  if (saving.inBackground) {
    saving.abortSave();
    reply.status('Background saving cancelled');
  } else if (saving.unscheduleSave()) {
    reply.status('Scheduled background saving cancelled');
  } else {
    reply.error(NO_SAVE_TO_CANCEL);
  }
}

const BGREWRITEAOF = command({
  name: 'bgrewriteaof',
  group: 'server',
  since: '1.0.0',
  summary: 'Begins to rewrite the append-only file while commands go on',
  complexity: 'O(1)',
  arity: 1,
  flags: ADMIN | NOSCRIPT | NO_ASYNC_LOADING,
  run: runBgrewriteaof,
});

function runBgrewriteaof(c: Context): void {
  const { reply } = c;
  const { aof, saving } = c.server.admin;
  if (aof.rewrite.isInProgress) {
    reply.error(REWRITE_IN_PROGRESS);
  } else if (saving.inBackground || saving.isOtherInBackground || c.inTransaction) {
    aof.rewrite.schedule();
    reply.status('Background append only file rewriting scheduled');
  } else if (aof.rewrite.begin()) {
    reply.status('Background append only file rewriting started');
  } else {
    reply.error(REWRITE_FAILED);
  }
}

export const SAVE_COMMANDS: readonly CommandSpec[] = [BGREWRITEAOF, BGSAVE, SAVE];
