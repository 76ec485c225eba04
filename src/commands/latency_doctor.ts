// LATENCY DOCTOR: what the latency monitor noted, in sentences, with advice that follows from it.
import type { AdminPort } from './admin_port.ts';

const US_PER_MS = 1000;

/** The report, in lines. */
export function doctorText({ latencyMonitor, commandLogs }: AdminPort, nowSec: number): string {
  if (!latencyMonitor.enabled) {
    return (
      'The latency monitor is off, so there is nothing to report. Choose from how many milliseconds on a delay counts ' +
      'and turn it on with "CONFIG SET latency-monitor-threshold <milliseconds>".\n'
    );
  }
  const events = [...latencyMonitor.events()].sort(([a], [b]) => (a < b ? -1 : 1));
  if (events.length === 0) {
    return `No delay of ${latencyMonitor.thresholdMs} ms or more has been noted. All is well.\n`;
  }
  const rows = events.map(([name, history], i) => {
    const { meanMs, deviationMs } = history.average;
    return (
      `${i + 1}. ${name}: ${history.samples.length} latency spikes (average ${meanMs}ms, mean deviation ` +
      `${deviationMs}ms, period ${history.periodSec(nowSec).toFixed(2)} sec). ` +
      `Worst all time event ${history.maxMs}ms.`
    );
  });
  const advice = adviceFor(
    new Set(events.map(([name]) => name)),
    latencyMonitor.thresholdMs,
    commandLogs.slow.threshold,
  );
  const lines = ['Delays have been noted:', '', ...rows, ''];
  if (advice.length > 0) lines.push('What may be done:', '', ...advice.map((line) => `- ${line}`), '');
  return lines.join('\n');
}

function adviceFor(names: ReadonlySet<string>, thresholdMs: number, slowUs: number): string[] {
  const advice: string[] = [];
  if (names.has('command')) {
    if (slowUs < 0 || slowUs > thresholdMs * US_PER_MS) {
      const us = thresholdMs * US_PER_MS;
      advice.push(
        slowUs < 0
          ? `The slow log is off. "CONFIG SET slowlog-log-slower-than ${us}" lets it name the commands.`
          : `The slow log begins at ${slowUs} microseconds. "CONFIG SET slowlog-log-slower-than ${us}" lets it name ` +
              'every command that the latency monitor sees.',
      );
    }
    advice.push(
      'SLOWLOG GET shows which commands were slow. Commands that look at every key or every element (KEYS, SMEMBERS, ' +
        'LRANGE 0 -1 and the like) take as long as there are many: use their SCAN forms or ask for less at a time.',
    );
  }
  if (names.has('fast-command')) {
    advice.push(
      'Commands that do little work were slow, so something else held them up: other programs on these processors, ' +
        'swapping, a virtual machine short of time, or garbage collection of the program that embeds this server.',
    );
  }
  if (names.has('expire-cycle')) {
    advice.push(
      'Deleting expired keys took long. Many keys that expire in the same second, or very large values, do that: ' +
        'spread times to live, and split large values.',
    );
  }
  return advice;
}
