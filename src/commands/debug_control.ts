// DEBUG: what changes how the server runs, or ends it.
import { parseDoubleLoosely } from '../base/double.ts';
import { errorText } from '../base/errno.ts';
import { parseMemory } from '../config/number_kinds.ts';
import {
  CLIENT_EVICTION_DISABLED,
  LOG_RELOAD_FAILED,
  PACKED_THRESHOLD,
  RELOAD_FAILED,
  RELOAD_OPTIONS,
  REWRITE_ALL_FAILED,
  unknownSubcommandOrArity,
} from '../resp/errors.ts';
import type { Context } from './context.ts';
import { looseInt, type Tool } from './debug_tool.ts';
import { int32Or } from './integers.ts';

const PACKED_BYTES_MAX = 2n ** 32n;

function runSleep(c: Context): void {
  const { args } = c;
  const seconds = parseDoubleLoosely(args.bytes, args.at(2), args.length(2));
  if (seconds > 0) {
    c.keyspace.clock.sleep(seconds * 1000);
    c.keyspace.tick();
  }
  c.reply.ok();
}

function runFlushSleep(c: Context): void {
  c.server.admin.aof.flushSleepMs = Math.max(0, looseInt(c, 2) / 1000);
  c.reply.ok();
}

function runSetActiveExpire(c: Context): void {
  c.server.admin.expiry.enabled = looseInt(c, 2) !== 0;
  c.reply.ok();
}

/** With no data there is nothing to save, and nothing to lose. */
function runReload(c: Context): void {
  const options = { saves: true, flushes: true, merges: false };
  for (let i = 2; i < c.args.count; i++) {
    if (c.args.is(i, 'nosave')) options.saves = false;
    else if (c.args.is(i, 'noflush')) options.flushes = false;
    else if (c.args.is(i, 'merge')) options.merges = true;
    else {
      c.reply.error(RELOAD_OPTIONS);
      return;
    }
  }
  if (c.server.admin.saving.reload(options)) c.reply.ok();
  else c.reply.error(RELOAD_FAILED);
}

function runPackedThreshold(c: Context): void {
  const bytes = parseMemory(c.args.text(2));
  if (bytes === null || bytes > PACKED_BYTES_MAX) {
    c.reply.error(PACKED_THRESHOLD);
    return;
  }
  c.keyspace.lists.quicklists.plainBytesMin = Number(bytes);
  c.reply.ok();
}

/** Clients have no reply buffers of their own that could shrink, so there is nothing to set. */
function runReplybuffer(c: Context): void {
  const { args } = c;
  if (args.is(2, 'resizing')) {
    c.reply.ok();
  } else if (!args.is(2, 'peak-reset-time')) {
    c.reply.error(unknownSubcommandOrArity(args.text(1), 'DEBUG'));
  } else if (args.is(3, 'never') || args.is(3, 'reset') || !Number.isNaN(int32Or(c, 3))) {
    c.reply.ok();
  }
}

function runClientEviction({ reply, server }: Context): void {
  const { limitBytes } = server.clientEviction;
  if (limitBytes === 0) {
    reply.error(CLIENT_EVICTION_DISABLED);
    return;
  }
  const buckets = [...server.clientEviction.buckets()].sort(([a], [b]) => b - a);
  const lines = buckets.map(
    ([log2, { clients, bytes }]) => `up to ${2 ** (log2 + 1)}: ${clients} clients, ${bytes} bytes\n`,
  );
  reply.verbatim('txt', lines.join(''));
}

function runRewriteAll(c: Context): void {
  try {
    if (c.config.path === null) throw Object.assign(new Error('no configuration file'), { code: 'EFAULT' });
    c.server.admin.rewriteConfig(true);
    c.reply.ok();
  } catch (error) {
    c.reply.error(REWRITE_ALL_FAILED + errorText(error));
  }
}

/** Ends the process in the way that its name says. */
function crashTool(name: string, help: string, reason: string): Tool {
  return {
    name,
    words: [0, 0],
    help: [name.toUpperCase(), `    ${help}`],
    run: (c) => c.server.admin.crash(reason),
  };
}

export const CONTROL_TOOLS: readonly Tool[] = [
  crashTool('assert', 'Crash as a failed assertion does.', 'assertion failed: asked for by DEBUG ASSERT'),
  {
    name: 'aof-flush-sleep',
    words: [1, 1],
    help: ['AOF-FLUSH-SLEEP <microsec>', '    Wait so long before each write of the append-only file.'],
    run: runFlushSleep,
  },
  {
    name: 'change-repl-id',
    words: [0, 0],
    help: ['CHANGE-REPL-ID', '    Take new replication ids.'],
    run: (c) => {
      c.server.admin.changeReplicationId();
      c.reply.ok();
    },
  },
  {
    name: 'client-eviction',
    words: [0, 0],
    help: [
      'CLIENT-EVICTION',
      '    Clients by the memory they take: maxmemory-clients closes the largest first.',
    ],
    run: runClientEviction,
  },
  {
    name: 'client-enforce-reply-list',
    words: [1, 1],
    help: [
      'CLIENT-ENFORCE-REPLY-LIST <0|1>',
      '    Accepted for tests: no connection has a buffer of its own for replies.',
    ],
    run: ({ reply }) => reply.ok(),
  },
  {
    name: 'config-rewrite-force-all',
    words: [0, 0],
    help: [
      'CONFIG-REWRITE-FORCE-ALL',
      '    CONFIG REWRITE with all settings, also those that have their defaults.',
    ],
    run: runRewriteAll,
  },
  {
    name: 'error',
    words: [1, 1],
    help: ['ERROR <string>', '    Reply with this error.'],
    run: (c) => c.reply.error(c.args.text(2)),
  },
  {
    name: 'leak',
    words: [1, 1],
    help: ['LEAK <string>', '    Allocate as much memory as the string has and never free it.'],
    run: (c) => {
      c.keyspace.arena.alloc(Math.max(1, c.args.length(2)));
      c.reply.ok();
    },
  },
  {
    name: 'loadaof',
    words: [0, 0],
    help: ['LOADAOF', '    Throw all data away and load the append-only file.'],
    run: (c) => {
      if (c.server.admin.aof.reload()) c.reply.ok();
      else c.reply.error(LOG_RELOAD_FAILED);
    },
  },
  {
    name: 'log',
    words: [1, 1],
    help: ['LOG <message>', '    Write <message> into the log.'],
    run: (c) => {
      c.server.admin.log.warning(`DEBUG LOG: ${c.args.text(2)}`);
      c.reply.ok();
    },
  },
  crashTool('oom', 'Crash as if there was no memory.', 'out of memory: asked for by DEBUG OOM'),
  crashTool('panic', 'Crash as for an internal error.', 'panic: asked for by DEBUG PANIC'),
  {
    name: 'pause-cron',
    words: [1, 1],
    help: ['PAUSE-CRON <0|1>', '    Stop (1) or resume (0) the periodic work.'],
    run: (c) => {
      c.server.admin.pauseCron(looseInt(c, 2) !== 0);
      c.reply.ok();
    },
  },
  {
    name: 'quicklist-packed-threshold',
    words: [1, 1],
    help: [
      'QUICKLIST-PACKED-THRESHOLD <size>',
      '    Size from which elements of long lists stand alone. Default (0): the size that a node may have.',
    ],
    run: runPackedThreshold,
  },
  {
    name: 'reload',
    words: [0, Number.POSITIVE_INFINITY],
    help: [
      'RELOAD [MERGE] [NOFLUSH] [NOSAVE]',
      '    Save all data and load them again. NOSAVE: load the file as it is. NOFLUSH: keep what there is.',
      '    MERGE: let keys of the file replace those that are there.',
    ],
    run: runReload,
  },
  {
    name: 'replybuffer',
    words: [2, 2],
    help: [
      'REPLYBUFFER PEAK-RESET-TIME <NEVER|RESET|time>',
      'REPLYBUFFER RESIZING <0|1>',
      '    Accepted for tests.',
    ],
    run: runReplybuffer,
  },
  {
    name: 'reply-copy-avoidance',
    words: [1, 1],
    help: ['REPLY-COPY-AVOIDANCE <0|1>', '    Accepted for tests: replies are written in place as they are.'],
    run: ({ reply }) => reply.ok(),
  },
  crashTool(
    'segfault',
    'Crash as for a bad access to memory.',
    'crashed by signal: SIGSEGV, as asked for by DEBUG SEGFAULT',
  ),
  {
    name: 'set-active-expire',
    words: [1, 1],
    help: [
      'SET-ACTIVE-EXPIRE <0|1>',
      '    0: expired keys stay until somebody asks for them. 1: they go by themselves.',
    ],
    run: runSetActiveExpire,
  },
  {
    name: 'set-skip-checksum-validation',
    words: [1, 1],
    help: ['SET-SKIP-CHECKSUM-VALIDATION <0|1>', '    1: RESTORE takes payloads whatever their checksum.'],
    run: (c) => {
      c.dumper.checksChecksum = looseInt(c, 2) === 0;
      c.reply.ok();
    },
  },
  {
    name: 'sleep',
    words: [1, 1],
    help: ['SLEEP <seconds>', '    Do nothing for <seconds>, which may have decimals.'],
    run: runSleep,
  },
];
