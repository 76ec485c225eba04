// A server with its native side: memory, sockets, timers. The command line and createServer both start one of these.

import { CHUNKS_MAX } from '../arena/granules.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import { Random } from '../base/random.ts';
import { type Binding, loadBinding, type Memory } from '../bridge/binding.ts';
import { ALL_COMMANDS } from '../commands/all.ts';
import type { Config } from '../config/config.ts';
import { ServerCore } from './server.ts';

export interface HostOptions {
  config: Config;
  clock: Clock;
  log: Logger;
  /** Makes random replies and hashes repeatable. */
  seed?: number;
  /** Redzones around every block, for tests. */
  checked?: boolean;
  /** 'poll' forces the portable poller. */
  poller?: 'default' | 'poll';
}

/** Rings of a lane: together a mebibyte, so that a batch on its way stays in the cache of a core. */
const RINGS = { reqBytes: 256 * 1024, descWords: 64 * 1024, outBytes: 512 * 1024 };
/** Many lanes are there for their descriptors: no core is ever busy with one alone. */
const SMALL_RINGS = { reqBytes: 64 * 1024, descWords: 16 * 1024, outBytes: 128 * 1024 };
const LANES_OF_FULL_SIZE = 8;
/** A gibibyte of addresses. */
const REGION_CHUNKS = 16;

export interface Host {
  readonly core: ServerCore;
  /** What the arena's chunks come from. */
  readonly memory: Memory;
}

/** Builds a server and its native side; nothing listens yet. */
export function buildServer(options: HostOptions): Host {
  const binding: Binding = loadBinding();
  const { config } = options;
  const databases = config.number('databases');
  const ioThreads = config.number('io-threads');
  const memory: Memory = new binding.Memory(CHUNKS_MAX, databases);
  const core = new ServerCore({
    config,
    commands: ALL_COMMANDS,
    clock: options.clock,
    random: new Random(options.seed),
    log: options.log,
    arena: {
      source: memory,
      regionChunks: Math.min(REGION_CHUNKS, memory.maxChunks),
      chunksMax: memory.maxChunks,
      checked: options.checked ?? false,
    },
    hints: new Uint32Array(memory.hints),
    sumUp: binding.crc64,
    reactor: (hash, onReady) =>
      new binding.Reactor(
        {
          ioThreads,
          privateFiles: config.boolean('io-threads-private-descriptors'),
          ...(ioThreads > LANES_OF_FULL_SIZE ? SMALL_RINGS : RINGS),
          hashKey0: hash.key0 >>> 0,
          hashKey1: hash.key1 >>> 0,
          memory,
          poller: options.poller ?? 'default',
        },
        onReady,
      ),
  });
  return { core, memory };
}
