import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/base/clock.ts';
import { Logger, logLevels } from '../../src/base/log.ts';

function capture(): { logger: Logger; lines: string[]; clock: VirtualClock } {
  const lines: string[] = [];
  const clock = new VirtualClock(new Date(2026, 0, 5, 3, 4, 5, 6).getTime());
  const logger = new Logger({ clock, pid: 123, sink: (line) => lines.push(line) });
  return { logger, lines, clock };
}

describe('lines', () => {
  it('have the form that tools expect', () => {
    const { logger, lines, clock } = capture();
    logger.notice('Configuration loaded');
    logger.role = 'M';
    logger.level = 'debug';
    clock.advance(994);
    logger.debug('a');
    logger.verbose('b');
    logger.warning('c');
    expect(lines).toEqual([
      '123:C 05 Jan 2026 03:04:05.006 * Configuration loaded\n',
      '123:M 05 Jan 2026 03:04:06.000 . a\n',
      '123:M 05 Jan 2026 03:04:06.000 - b\n',
      '123:M 05 Jan 2026 03:04:06.000 # c\n',
    ]);
  });

  it('can be JSON or logfmt', () => {
    const { logger, lines } = capture();
    logger.role = 'S';
    logger.timestamps = 'milliseconds';
    logger.format = 'json';
    logger.notice('say "hi"\n');
    logger.format = 'logfmt';
    logger.notice('say "hi"\n');
    const ms = new Date(2026, 0, 5, 3, 4, 5, 6).getTime();
    expect(JSON.parse(lines[0]!)).toEqual({
      pid: 123,
      role: 'replica',
      timestamp: String(ms),
      level: 'notice',
      message: 'say "hi"\n',
    });
    expect(lines[1]).toBe(`pid=123 role=replica timestamp="${ms}" level=notice message="say \\"hi\\"\\n"\n`);
  });

  it('can carry ISO 8601 times', () => {
    const { logger, lines, clock } = capture();
    logger.timestamps = 'iso8601';
    logger.notice('x');
    const stamp = lines[0]!.slice('123:C '.length, -' * x\n'.length);
    expect(stamp).toMatch(/^2026-01-05T03:04:05\.006[+-]\d\d:\d\d$/);
    expect(new Date(stamp).getTime()).toBe(clock.nowMs());
  });
});

describe('levels', () => {
  it.each(logLevels)('%s lets through what is as important or more', (level) => {
    const { logger, lines } = capture();
    logger.level = level;
    for (const name of ['debug', 'verbose', 'notice', 'warning'] as const) logger[name](name);
    expect(lines).toHaveLength(4 - logLevels.indexOf(level));
    expect(logLevels.filter((name) => logger.writes(name))).toHaveLength(lines.length);
  });
});

describe('files', () => {
  it('are opened for every line, so rotation needs no signal', () => {
    const directory = mkdtempSync(join(tmpdir(), 'log-test-'));
    try {
      const { logger, lines } = capture();
      logger.path = join(directory, 'server.log');
      logger.notice('one');
      renameSync(logger.path, join(directory, 'old.log'));
      logger.notice('two');
      logger.notice('three');
      expect(readFileSync(join(directory, 'old.log'), 'utf8')).toMatch(/one\n$/);
      expect(readFileSync(logger.path, 'utf8')).toMatch(/two\n.* three\n$/);
      expect(lines).toEqual([]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('that cannot be written do not stop the server', () => {
    const { logger } = capture();
    logger.path = '/nonexistent-directory/server.log';
    logger.warning('lost');
    expect(existsSync('/nonexistent-directory')).toBe(false);
  });
});
