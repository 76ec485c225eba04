// A whole server without sockets: commands go in as arrays of arguments, replies come out decoded. The arena runs checked and
// time stands still until a test advances it.

import { VirtualClock } from '../../src/base/clock.ts';
import type { Files } from '../../src/base/files.ts';
import { Logger } from '../../src/base/log.ts';
import { Random } from '../../src/base/random.ts';
import { ALL_COMMANDS } from '../../src/commands/all.ts';
import type { CommandSpec } from '../../src/commands/spec.ts';
import { Config } from '../../src/config/config.ts';
import { ServerCore } from '../../src/server/server.ts';
import { HeapChunks } from './arena.ts';
import { FakeReactor } from './fake_reactor.ts';
import { type Argument, decodeReply, type Reply, replyEnd } from './resp.ts';

export interface EngineOptions {
  commands?: readonly CommandSpec[];
  config?: Record<string, string>;
  /** Where files are saved; the default is no directory, so that nothing is. */
  dir?: string;
  /** What files are written and read with. */
  files?: Files;
  seed?: number;
  /** How many chunks of 64 MiB the arena may have. */
  chunks?: number;
  /** Size of the reply ring: a small one makes replies span frames. */
  outBytes?: number;
}

export class Engine {
  readonly clock = new VirtualClock();
  readonly server: ServerCore;
  readonly reactor: FakeReactor;
  readonly log: string[] = [];

  constructor(options: EngineOptions = {}) {
    let reactor: FakeReactor | undefined;
    const config = makeConfig(options.config ?? {}, options.dir ?? '/nonexistent');
    this.server = new ServerCore({
      config,
      commands: options.commands ?? ALL_COMMANDS,
      clock: this.clock,
      random: new Random(options.seed ?? 1),
      log: new Logger({ clock: this.clock, pid: 1, sink: (line) => this.log.push(line) }),
      arena: {
        source: new HeapChunks(),
        checked: true,
        ...(options.chunks === undefined ? {} : { chunksMax: options.chunks }),
      },
      ...(options.files === undefined ? {} : { files: options.files }),
      reactor: (hash, onReady) => {
        reactor = new FakeReactor(hash, onReady, options.outBytes);
        return reactor;
      },
    });
    this.reactor = reactor!;
  }

  /** Runs one command on a connection (0 unless said otherwise) and returns its decoded reply. */
  run(args: readonly Argument[], slot = 0): Reply {
    const replies = this.batch([args], slot);
    if (replies.length !== 1) throw new Error(`${String(args[0])} gave ${replies.length} replies`);
    return replies[0]!;
  }

  /** A command written as words between blanks. */
  line(text: string, slot = 0): Reply {
    return this.run(text.split(' '), slot);
  }

  /** Runs several commands as one batch; all replies in order. */
  batch(commands: readonly (readonly Argument[])[], slot = 0): Reply[] {
    const bytes = this.bytes(commands, slot);
    const replies: Reply[] = [];
    for (let at = 0; at < bytes.length; ) {
      const end = replyEnd(bytes, at);
      if (end < 0) throw new Error(`incomplete reply: ${bytes.toString('latin1', at, at + 100)}`);
      replies.push(decodeReply(bytes.subarray(at, end)));
      at = end;
    }
    return replies;
  }

  /** Runs several commands as one batch; the reply bytes as sent. */
  bytes(commands: readonly (readonly Argument[])[], slot = 0): Buffer {
    this.reactor.run(
      slot,
      commands.map((args) =>
        args.map((arg) => (arg instanceof Uint8Array ? arg : Buffer.from(String(arg), 'latin1'))),
      ),
    );
    return this.take(slot);
  }

  /** What a connection received since it was last asked. */
  take(slot = 0): Buffer {
    const chunks = this.reactor.received.get(slot) ?? [];
    this.reactor.received.set(slot, []);
    return Buffer.concat(chunks);
  }

  /** Checks the arena and every table. */
  verify(): void {
    this.server.arena.verify();
    for (let i = 0; i < this.server.keyspace.databaseCount; i++) this.server.keyspace.db(i).check();
  }
}

function makeConfig(values: Record<string, string>, dir: string): Config {
  const config = new Config(dir);
  const lines: Record<string, string> = { 'enable-debug-command': 'yes', save: '', ...values };
  for (const [name, value] of Object.entries(lines)) {
    const reason = config.applyLine(name, value.split(' '));
    if (reason !== null) throw new Error(`${name}: ${reason}`);
  }
  return config;
}
