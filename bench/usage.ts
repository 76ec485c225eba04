// CPU time and memory of a process, and CPU time of the whole machine, as the operating system counts them.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface Usage {
  readonly cpuSeconds: number;
  /** A coarser count, in whole ticks: only good for the share of user time in a difference of two readings. */
  readonly userTicks: number;
  readonly systemTicks: number;
}

interface Platform {
  usage(pid: number): Usage;
  rssBytes(pid: number): number;
  busySeconds(): number | undefined;
  childrenSeconds(): number | undefined;
}

const TICKS_PER_SECOND = 100; // USER_HZ: the unit of /proc/*/stat, the same on every Linux

function afterName(stat: string): number[] {
  return stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
}

/** Nanoseconds on a CPU of all threads; 0 where the kernel does not count them. */
function scheduledNs(pid: number): number {
  let sum = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      sum += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ')[0]);
    } catch {
      // The thread ended between the listing and the reading, or there is no schedstat.
    }
  }
  return sum;
}

const linux: Platform = {
  usage(pid) {
    const fields = afterName(readFileSync(`/proc/${pid}/stat`, 'latin1'));
    const [user, system] = [fields[11]!, fields[12]!];
    const ns = scheduledNs(pid);
    const cpuSeconds = ns > 0 ? ns / 1e9 : (user + system) / TICKS_PER_SECOND;
    return { cpuSeconds, userTicks: user, systemTicks: system };
  },
  // Not VmRSS of /proc/PID/status: the kernel lets that lag behind by some pages a thread.
  rssBytes(pid) {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
    return Number(/^Rss:\s+(\d+) kB/m.exec(rollup)?.[1]) * 1024;
  },
  busySeconds() {
    const [user, nice, system, , , irq, softirq] = readFileSync('/proc/stat', 'latin1')
      .split('\n', 1)[0]!
      .trim()
      .split(/\s+/)
      .slice(1)
      .map(Number);
    return (user! + nice! + system! + irq! + softirq!) / TICKS_PER_SECOND;
  },
  childrenSeconds() {
    const fields = afterName(readFileSync('/proc/self/stat', 'latin1'));
    return (fields[13]! + fields[14]!) / TICKS_PER_SECOND;
  },
};

function ps(pid: number, column: string): string {
  return execFileSync('ps', ['-o', `${column}=`, '-p', String(pid)], { encoding: 'latin1' }).trim();
}

/** "1:02.33" and "1:02:33" in seconds. */
function clockSeconds(text: string): number {
  return text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
}

const others: Platform = {
  usage(pid) {
    const cpuSeconds = clockSeconds(ps(pid, 'time'));
    const userTicks = clockSeconds(ps(pid, 'utime')) * TICKS_PER_SECOND;
    return { cpuSeconds, userTicks, systemTicks: cpuSeconds * TICKS_PER_SECOND - userTicks };
  },
  rssBytes: (pid) => Number(ps(pid, 'rss')) * 1024,
  busySeconds: () => undefined,
  childrenSeconds: () => undefined,
};

const platform = process.platform === 'linux' ? linux : others;

export const usageOf = (pid: number): Usage => platform.usage(pid);
export const rssBytesOf = (pid: number): number => platform.rssBytes(pid);

/** CPU seconds that all processes together have used since the machine started, where that can be known. */
export const busySeconds = (): number | undefined => platform.busySeconds();

/** CPU seconds of all children of this process that have ended, where that can be known. */
export const childrenSeconds = (): number | undefined => platform.childrenSeconds();
