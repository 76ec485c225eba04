// The server log. Default lines are Redis's, which tools wait for and parse:
//
//   5494:M 22 Nov 2026 18:45:43.995 * Ready to accept connections
//   pid  role  local date and time  |  level mark: . debug, - verbose, * notice, # warning
//
// A log file is opened anew for each line, so that it may be renamed or removed (logrotate) at any moment and
// the next line starts a new one. Writing is synchronous: a line that announces a crash must not wait for an
// event loop. A line that cannot be written is lost; a logger has nobody to complain to.

import { appendFileSync, writeSync } from 'node:fs';
import type { Clock } from './clock.ts';

export const logLevels = ['debug', 'verbose', 'notice', 'warning', 'nothing'] as const;
export type LogLevel = (typeof logLevels)[number];

export const logFormats = ['legacy', 'logfmt', 'json'] as const;
export type LogFormat = (typeof logFormats)[number];

export const logTimestamps = ['legacy', 'iso8601', 'milliseconds'] as const;
export type LogTimestamps = (typeof logTimestamps)[number];

/**
 * Master, replica (slave), child, sentinel ("X"). A server that has not finished starting calls itself a
 * child.
 */
export type LogRole = 'M' | 'S' | 'C' | 'X';

export interface LoggerOptions {
  readonly clock: Clock;
  readonly pid: number;
  /** Receives each finished line when `path` is empty; standard output by default. */
  readonly sink?: (line: string) => void;
}

const levelMarks = '.-*#';
const roleNames = { M: 'primary', S: 'replica', C: 'child', X: 'sentinel' } as const;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export class Logger {
  /** Lines below this level are dropped; "nothing" drops all. */
  level: LogLevel = 'notice';
  format: LogFormat = 'legacy';
  timestamps: LogTimestamps = 'legacy';
  role: LogRole = 'C';
  /** Log file; empty for the sink. */
  path = '';
  readonly #clock: Clock;
  readonly #pid: number;
  readonly #sink: (line: string) => void;

  constructor(options: LoggerOptions) {
    this.#clock = options.clock;
    this.#pid = options.pid;
    this.#sink = options.sink ?? writeToStandardOutput;
  }

  debug(text: string): void {
    this.#log(0, text);
  }

  verbose(text: string): void {
    this.#log(1, text);
  }

  notice(text: string): void {
    this.#log(2, text);
  }

  warning(text: string): void {
    this.#log(3, text);
  }

  /** Whether a line of this level would be written; ask before building an expensive text. */
  writes(level: LogLevel): boolean {
    return level !== 'nothing' && logLevels.indexOf(level) >= logLevels.indexOf(this.level);
  }

  #log(level: number, text: string): void {
    const name = logLevels[level]!;
    if (!this.writes(name)) return;
    const line = this.#line(level, name, text);
    if (this.path === '') this.#sink(line);
    else appendToFile(this.path, line);
  }

  #line(level: number, name: LogLevel, text: string): string {
    const time = formatTime(this.#clock.nowMs(), this.timestamps);
    const pid = this.#pid;
    if (this.format === 'legacy') return `${pid}:${this.role} ${time} ${levelMarks[level]} ${text}\n`;
    const role = roleNames[this.role];
    if (this.format === 'json') {
      return `${JSON.stringify({ pid, role, timestamp: time, level: name, message: text })}\n`;
    }
    return `pid=${pid} role=${role} timestamp="${time}" level=${name} message=${JSON.stringify(text)}\n`;
  }
}

function formatTime(ms: number, timestamps: LogTimestamps): string {
  if (timestamps === 'milliseconds') return String(ms);
  const date = new Date(ms);
  const day = two(date.getDate());
  const fraction = String(ms % 1000).padStart(3, '0');
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${fraction}`;
  if (timestamps === 'legacy') return `${day} ${months[date.getMonth()]} ${date.getFullYear()} ${clock}`;
  const offset = -date.getTimezoneOffset();
  const size = Math.abs(offset);
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${day}T${clock}${zone}`;
}

function two(n: number): string {
  return n < 10 ? `0${n}` : String(n);
}

function writeToStandardOutput(line: string): void {
  try {
    writeSync(1, line);
  } catch {
    // Standard output is closed or full.
  }
}

function appendToFile(path: string, line: string): void {
  try {
    appendFileSync(path, line);
  } catch {
    // The directory is gone or the disk is full; the next line tries again.
  }
}
