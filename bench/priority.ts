// Being served before all other processes, where the system permits it: what a shared machine does to a server must
// not be taken for a stall of the server. Linux lets root do so (chrt is of util-linux); elsewhere nothing happens, and the
// figure "the prober itself late" tells how far the machine was to be trusted.
import { execFileSync } from 'node:child_process';

/** Puts a process with all its threads before all ordinary ones; among several, the higher rank (1..99) goes first. */
export function outrankOthers(pid: number, rank: number): void {
  try {
    execFileSync('chrt', ['--all-tasks', '--fifo', '--pid', String(rank), String(pid)], { stdio: 'ignore' });
  } catch {
    // Not permitted, or no such program.
  }
}
