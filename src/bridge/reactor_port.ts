// The native side as the server uses it. binding.ts loads the addon whose Reactor is one; tests bring their own.
import type { LaneBuffers } from './lane.ts';

/** One connection as the native side describes it. */
export interface ConnectionRow {
  id: number;
  lane: number;
  slot: number;
  generation: number;
  fd: number;
  addr: string;
  laddr: string;
  ageSec: number;
  idleSec: number;
  /** Id of its last command in the command table, or -1. */
  lastCommand: number;
  queryBytes: number;
  queryFreeBytes: number;
  outBytes: number;
  outBlocks: number;
}

export interface ReactorPort {
  readonly lanes: LaneBuffers[];
  setCommands(names: readonly string[], firstKeys: Int32Array): void;
  configure(name: string, value: number): void;
  listenTcp(address: string, port: number, backlog: number): number;
  listenUnix(path: string, permissions: number, backlog: number): void;
  stopListening(): void;
  start(): void;
  stop(): void;
  /** Replies were published outside of a batch: send them. */
  flush(lane: number): void;
  /** Returns once `out` of the lane has that many free bytes. */
  reserve(lane: number, bytes: number): void;
  /** Declares the execution thread asleep for a lane; false if there is something to do after all. */
  sleep(lane: number): boolean;
  counters(into: Float64Array): void;
  clients(): ConnectionRow[];
  clientRow(lane: number, slot: number): ConnectionRow | null;
  takeBuffer(id: number): ArrayBuffer;
  freeBuffer(buffer: ArrayBuffer): void;
  ref(): void;
  unref(): void;
}
