// Finds and types the native addon. What it does is explained in native/: here are only shapes, units and errors.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where node-gyp leaves the addon, in the directory of the package. */
const BUILT_HERE = 'native/build/Release/millrace.node';

/** The four buffers of a lane; native/abi.h draws them. */
export interface Lane {
  readonly ctl: ArrayBuffer;
  readonly req: ArrayBuffer;
  readonly desc: ArrayBuffer;
  readonly out: ArrayBuffer;
}

export interface ReactorOptions {
  /** 1: the poller is part of this thread's event loop. More: that many threads of their own, one lane each. */
  readonly ioThreads?: number;
  /** Sizes of a lane's buffers, powers of two: 2 MiB, 512 Ki words and 4 MiB unless stated. */
  readonly reqBytes?: number;
  readonly descWords?: number;
  readonly outBytes?: number;
  /** Halves of the key of the hash of keys, as unsigned 32-bit numbers. */
  readonly hashKey0: number;
  readonly hashKey1: number;
  /** What is read ahead from. */
  readonly memory: Memory;
  /** 'poll' forces poll(2), which also makes ioThreads 1 a thread of its own. */
  readonly poller?: 'default' | 'poll';
  /** Gives each I/O thread a descriptor table of its own, if there is more than one; see hasPrivateFiles. */
  readonly privateFiles?: boolean;
  /** Where the rings' counters begin, rounded down to a multiple of 64; tests begin close to 2^32. */
  readonly ringStart?: number;
}

/** A connection as CLIENT LIST sees it. */
export interface ClientRow {
  readonly id: number;
  readonly lane: number;
  readonly slot: number;
  readonly generation: number;
  readonly fd: number;
  /** "127.0.0.1:1234", "[::1]:1234", or "path:0" for a unix socket. */
  readonly addr: string;
  readonly laddr: string;
  readonly unix: boolean;
  readonly ageSec: number;
  readonly idleSec: number;
  /** Id of the last command, -1 if none or unknown. */
  readonly lastCommand: number;
  readonly database: number;
  /** Authenticated, or connected while no password was set. */
  readonly trusted: boolean;
  /** The execution thread has had a record of it. */
  readonly known: boolean;
  /** The socket is gone, the slot waits for the acknowledgement. */
  readonly closed: boolean;
  readonly queryBytes: number;
  readonly queryFreeBytes: number;
  /** Memory of replies that the socket did not take. */
  readonly outBytes: number;
  /** Blocks that memory consists of. */
  readonly outBlocks: number;
}

/** The tls-… directives, '' where unset. Absolute paths; one character per byte. */
export interface TlsOptions {
  readonly certFile: string;
  readonly keyFile: string;
  readonly keyFilePass: string;
  readonly clientCertFile: string;
  readonly clientKeyFile: string;
  readonly clientKeyFilePass: string;
  readonly caCertFile: string;
  readonly caCertDir: string;
  readonly dhParamsFile: string;
  readonly protocols: string;
  readonly ciphers: string;
  readonly ciphersuites: string;
  /** Whether anybody's certificate will be checked. */
  readonly needsCa: boolean;
  readonly preferServerCiphers: boolean;
  readonly sessionCaching: boolean;
  readonly sessionCacheSize: number;
  readonly sessionCacheSeconds: number;
}

/** What became of TLS handshakes; only so many are remembered, `more` is the number of the others. */
export interface FailedHandshakes {
  readonly failed: readonly { readonly reason: string; readonly addr: string; readonly laddr: string }[];
  readonly more: number;
}

/** Which connections are asked for. */
export interface ClientsWanted {
  readonly ids?: readonly number[];
  readonly addr?: string;
  readonly laddr?: string;
}

/** Settings of Reactor.configure: counts, bytes or seconds as in the option of that name; 0 or 1 for switches. */
export type Setting =
  | 'maxclients'
  | 'max-new-connections-per-cycle'
  | 'tcp-keepalive'
  | 'timeout'
  | 'proto-max-bulk-len'
  | 'client-query-buffer-limit'
  | 'auth-required'
  | 'protected'
  /** 0: no certificate is asked for, 1: one is required, 2: one is asked for */
  | 'tls-auth-clients'
  | 'max-new-tls-connections-per-cycle'
  /** how long a handshake may take; 60 unless set */
  | 'tls-handshake-seconds'
  | `obuf-${'normal' | 'replica' | 'pubsub'}-${'hard' | 'soft' | 'soft-seconds'}`;

/** Indexes of Reactor.counters(). Those marked "now" are states, the others count since the reactor was made. */
export const counter = {
  /** now */
  connected: 0,
  accepted: 1,
  /** refused: too many clients, or protected mode */
  rejected: 2,
  bytesIn: 3,
  bytesOut: 4,
  reads: 5,
  writes: 6,
  commands: 7,
  protocolErrors: 8,
  /** times a listener rested because the system was out of descriptors or memory */
  acceptPauses: 9,
  outputLimitCloses: 10,
  idleCloses: 11,
  /** now: memory of unfinished requests */
  inputHeldBytes: 12,
  /** now: memory of replies that sockets did not take */
  outputHeldBytes: 13,
  /** times a connection was left unread because a request ring was full */
  stalls: 14,
  /** times the execution thread had to be woken */
  executorWakes: 15,
  /** times an I/O thread had to be woken */
  ioWakes: 16,
  /** turns of I/O loops */
  turns: 17,
  acceptErrors: 18,
  /** TLS handshakes that failed */
  handshakeErrors: 19,
} as const;

export const counterCount = 20;

/** Numbers in a row of Reactor.holders(). */
export const holderColumns = 5;

/** Off-heap memory in chunks of 64 MiB. Two of them share nothing. */
export interface Memory {
  /** Chunks it can have at most; fewer than asked for where address space is limited. */
  readonly maxChunks: number;
  /** Uint32 rows of abi.hintWords a database: reference of its directory, depth. */
  readonly hints: ArrayBuffer;
  /**
   * Takes `chunks` chunks from `firstChunk` on as one zeroed buffer; memory is used as it is touched.
   * Throws ENOMEM if one of them is taken or the system refuses.
   */
  map(firstChunk: number, chunks: number): ArrayBuffer;
  /** Detaches the buffer that begins at `firstChunk` and returns its memory. Nothing happens if there is none. */
  unmap(firstChunk: number): void;
  /** Returns the whole pages within a range of one chunk to the system; their contents become zero. */
  decommit(chunk: number, offset: number, bytes: number): void;
  /** Says that a chunk is being filled and that this byte of it comes next: another thread makes pages ready. */
  approach(chunk: number, offset: number): void;
  /**
   * Says that filling has come to rest: pages of the chunk that were made ready from there on, where nothing is yet, go back.
   * False, and nothing has happened, while the other thread is at it.
   */
  rest(chunk: number, offset: number): boolean;
  /** Detaches all buffers and returns their memory. For ever; idempotent. */
  dispose(): void;
}

/** Sockets, threads and rings of one server. */
export interface Reactor {
  readonly lanes: readonly Lane[];
  /** Whether lanes have threads of their own; else flush() is what sends. */
  readonly threaded: boolean;
  /** "epoll", "kqueue" or "poll". */
  readonly poller: string;
  /** Before start(). Names in lower case, of at most 64 bytes, '' for none; their index is their id; firstKeys[id] is 0 for commands without keys, members[id] where no argument names an element of the first key's value. */
  setCommands(names: readonly string[], firstKeys: Int32Array, members: Int32Array): void;
  configure(setting: Setting, value: number): void;
  /** What new TLS connections get from now on. Returns '' or, in words for the log, why not; then nothing has changed. */
  configureTls(options: TlsOptions): string;
  /** Those since the last call; `counter.handshakeErrors` tells when there are some. */
  takeFailedHandshakes(): FailedHandshakes;
  /**
   * Returns the bound port. Throws with `code` EADDRINUSE, EACCES, EADDRNOTAVAIL … "*" and "::*" are all addresses.
   * `secure`: clients are expected to speak TLS; configureTls() comes first.
   */
  listenTcp(address: string, port: number, backlog: number, secure?: boolean): number;
  /** `permissions` 0 leaves them to the umask. Removes a stale socket of that name; stop() removes this one. */
  listenUnix(path: string, permissions: number, backlog: number): void;
  stopListening(): void;
  start(): void;
  /**
   * Sends what is published and sockets take, closes everything, joins the threads. For ever; idempotent. Soon
   * afterwards, never inside onReady, the lanes' buffers are detached and onReady is forgotten: then the promise
   * resolves, unless the environment ends before.
   */
  stop(): Promise<void>;
  /** Frames or freed space were published outside of onReady, or kIoSleeping is 1. */
  flush(lane: number): void;
  /** Returns once `out` has that many free bytes, which may be at most half of it. */
  reserve(lane: number, bytes: number): void;
  /** Threaded: declares this thread asleep for a lane. False: it has new records. Done after onReady anyway. */
  sleep(lane: number): boolean;
  /** Fills at least counterCount numbers, see `counter`. */
  counters(into: Float64Array): void;
  /** Those that agree with everything in `wanted`, by slot. */
  clients(wanted?: ClientsWanted): ClientRow[];
  clientRow(lane: number, slot: number): ClientRow | null;
  /**
   * Fills rows of `holderColumns` numbers: lane, slot, generation, id and bytes of the connections that hold memory for
   * requests or replies, as many as there is room for. Returns how many there are.
   */
  holders(into: Float64Array): number;
  /** The buffer of a big command. Throws if it was taken before, or its record was marked done without taking it. */
  takeBuffer(id: number): ArrayBuffer;
  /** Detaches and frees a taken buffer at once instead of at some garbage collection. */
  freeBuffer(buffer: ArrayBuffer): void;
  /** Whether the reactor keeps an otherwise idle process alive, as it does after start(). */
  ref(): void;
  unref(): void;
}

/** Latencies of exchanges. */
export interface SoakLatency {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
}

/** A load of many connections; soak.ts has its numbers. */
export interface Soak {
  /** Begins one of `soakPhase`. */
  enter(phase: number): void;
  /** Fills at least soakCountCount numbers, see `soakCount`. */
  counts(into: Float64Array): void;
  /** Latencies and faults since the last report, and the latencies of the whole run. */
  report(): { latency: SoakLatency; totalLatency: SoakLatency; faults: string[] };
  /** Closes everything and joins the threads. */
  stop(): void;
}

export interface SoakPlan {
  /** A numeric IPv4 address. */
  readonly host: string;
  readonly port: number;
  readonly password: string;
  /** Begins every tag, key and channel of the run. */
  readonly run: string;
  readonly connections: number;
  readonly threads: number;
  readonly addresses: number;
  readonly active: number;
  readonly subscribers: number;
  readonly pipeline: number;
  /** Shares of single commands, pipelines, messages, and going and coming back. */
  readonly weights: readonly number[];
  readonly privateFiles: boolean;
  readonly seed: number;
}

export interface Binding {
  /** Throws RangeError if the plan is impossible. */
  readonly Soak: new (
    plan: SoakPlan,
  ) => Soak;
  /** `maxChunks` of 64 MiB and rows of hints for that many databases. */
  readonly Memory: new (
    maxChunks: number,
    hintRows: number,
  ) => Memory;
  /** onReady(lane): drain that lane; lane -1: look at all of them. */
  readonly Reactor: new (
    options: ReactorOptions,
    onReady: (lane: number) => void,
  ) => Reactor;
  /** HalfSipHash-1-3 of a part of `bytes`, as an unsigned number. */
  readonly hashBytes: (
    key0: number,
    key1: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
  ) => number;
  /** Takes a part of `bytes` into a checksum (base/crc64.ts), the two words of `sum`, low word first. */
  readonly crc64: (sum: Uint32Array, bytes: Uint8Array, offset: number, length: number) => void;
  /** Sends one datagram to the unix socket of that name ('@' first: in Linux's abstract namespace). Throws with `code`. */
  readonly sendDatagram: (path: string, text: string) => void;
  /** Whether threads may have descriptor tables of their own here. */
  readonly hasPrivateFiles: () => boolean;
  /** Makes the C library's heap, of the whole process, give freed memory back soon. */
  readonly keepHeapSmall: () => void;
}

/** Loads the addon: the one MILLRACE_ADDON names (sanitizers), one built here, else the prebuilt one of this platform. */
export function loadBinding(): Binding {
  const require = createRequire(import.meta.url);
  const root = packageRoot();
  const named = process.env.MILLRACE_ADDON;
  const built = named ?? join(root, BUILT_HERE);
  try {
    if (named !== undefined || existsSync(built)) return require(built) as Binding;
    const nodeGypBuild = require('node-gyp-build') as (directory: string) => Binding;
    return nodeGypBuild(root);
  } catch (cause) {
    throw new Error(explain(root, cause), { cause });
  }
}

/** The directory of this package, be this file src/bridge/binding.ts or part of a bundle in dist/. */
function packageRoot(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const manifest = join(directory, 'package.json');
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === 'millrace')
      return directory;
    const parent = dirname(directory);
    if (parent === directory) throw new Error(`no package.json of millrace above ${import.meta.url}`);
    directory = parent;
  }
}

function explain(root: string, cause: unknown): string {
  const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined;
  const glibc = report?.header?.glibcVersionRuntime;
  const libc = process.platform === 'linux' ? (glibc ? `, glibc ${glibc}` : ', musl') : '';
  return [
    `millrace has no native addon for ${process.platform}-${process.arch}${libc}, Node ${process.versions.node}.`,
    `Looked for ${join(root, BUILT_HERE)} and in ${join(root, 'prebuilds')}.`,
    `To build it (needs Python and a C++20 compiler): cd ${root} && npm run build:native`,
    `Reason: ${cause instanceof Error ? cause.message : String(cause)}`,
  ].join('\n');
}
