// How much the execution thread has had to do.
import type { ServerCore } from './server.ts';

/** Microseconds that batches of commands and slices of background work have taken since the start. */
export function busyUs({ background, executor }: ServerCore): number {
  return (executor.batchesMs + background.spentMs) * 1000;
}
