// Runs redis-benchmark and reads its CSV.
import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import type { LoadTrial } from './trials.ts';

export interface BenchmarkResult {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly errors: string[];
}

export function hasRedisBenchmark(): boolean {
  try {
    execFileSync('redis-benchmark', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export async function runRedisBenchmark(
  trial: LoadTrial,
  port: number,
  requests: number,
): Promise<BenchmarkResult> {
  const args = [
    ...['-h', '127.0.0.1', '-p', port, '-c', trial.connections, '-P', trial.pipeline],
    ...['-d', trial.valueBytes, '-r', trial.keys, '-n', requests, '--csv', '--precision', 3],
    ...(trial.tls ? ['--tls', '--insecure'] : []),
    ...(trial.command === undefined ? ['-t', trial.load] : trial.command.split(' ')),
  ].map(String);
  const { stdout, stderr } = await promisify(execFile)('redis-benchmark', args, { maxBuffer: 1 << 24 });
  const rows = stdout.split('\n').filter((line) => line.startsWith('"'));
  const names = cells(rows[0] ?? '');
  const values = cells(rows[1] ?? '').map(Number);
  const value = (name: string) => values[names.indexOf(name)] ?? Number.NaN;
  return {
    perSecond: value('rps'),
    p50Ms: value('p50_latency_ms'),
    p99Ms: value('p99_latency_ms'),
    maxMs: value('max_latency_ms'),
    errors: `${stdout}\n${stderr}`.split('\n').filter((line) => /error|WARNING/i.test(line)),
  };
}

function cells(row: string): string[] {
  return row.split(',').map((cell) => cell.replaceAll('"', ''));
}
