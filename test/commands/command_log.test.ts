import { describe, expect, it } from 'vitest';
import type { Engine } from '../support/engine.ts';
import { engineOf, PROTOCOLS, plain, runLines } from './string_support.ts';

/** The words of the entries, oldest first. */
function logged(engine: Engine): string[] {
  const entries = plain(engine.line('SLOWLOG GET -1')) as unknown[][];
  return entries.map((entry) => (entry[3] as string[]).join(' ')).reverse();
}

describe.each(PROTOCOLS)('%s', (_, resp3) => {
  it('shows what was slow, newest first, to the byte', () => {
    const engine = engineOf(resp3);
    runLines(engine, 'DEBUG SLEEP 0.2', 'CLIENT SETNAME me', 'PING', 'DEBUG SLEEP 0.01');
    const [second, first] = plain(engine.line('SLOWLOG GET')) as unknown[][];
    const time = engine.clock.nowMs() / 1000;
    expect(first).toEqual([
      0,
      Math.floor(time - 0.01),
      200_000,
      ['DEBUG', 'SLEEP', '0.2'],
      '127.0.0.1:40000',
      '',
    ]);
    expect(second?.slice(2)).toEqual([10_000, ['DEBUG', 'SLEEP', '0.01'], '127.0.0.1:40000', 'me']);
    expect(engine.bytes([['SLOWLOG', 'GET', '1']]).toString()).toBe(
      `*1\r\n*6\r\n:1\r\n:${Math.floor(time)}\r\n:10000\r\n*3\r\n$5\r\nDEBUG\r\n$5\r\nSLEEP\r\n$4\r\n0.01\r\n` +
        '$15\r\n127.0.0.1:40000\r\n$2\r\nme\r\n',
    );
  });

  it('counts, empties itself, and checks its arguments', () => {
    const engine = engineOf(resp3, { config: { 'slowlog-log-slower-than': '0' } });
    expect(
      runLines(
        engine,
        'PING',
        'SLOWLOG LEN',
        'SLOWLOG RESET',
        'SLOWLOG LEN',
        'SLOWLOG GET 0',
        'SLOWLOG GET -2',
        'SLOWLOG GET 9223372036854775808',
        'SLOWLOG GET x',
        'SLOWLOG GET 1 2',
        'SLOWLOG LEN x',
        'SLOWLOG NOSUCH',
      ),
    ).toEqual([
      'PONG',
      1,
      'OK',
      1,
      [],
      '-ERR count should be greater than or equal to -1',
      '-ERR count should be greater than or equal to -1',
      '-ERR count should be greater than or equal to -1',
      "-ERR unknown subcommand or wrong number of arguments for 'GET'. Try SLOWLOG HELP.",
      "-ERR wrong number of arguments for 'slowlog|len' command",
      "-ERR unknown subcommand 'NOSUCH'. Try SLOWLOG HELP.",
    ]);
  });
});

describe('at a limit of 0', () => {
  it('notes every command that runs, those of EXEC in its place, and no refused one', () => {
    const engine = engineOf(false);
    runLines(engine, 'CONFIG SET slowlog-log-slower-than 0', 'MULTI', 'SET a b', 'INCR a', 'EXEC');
    runLines(engine, 'NOSUCH', 'GET', 'GET a', 'CONFIG SET slowlog-log-slower-than -1', 'PING');
    expect(logged(engine)).toEqual([
      'CONFIG SET slowlog-log-slower-than 0',
      'MULTI',
      'SET a b',
      'INCR a',
      'GET a',
    ]);
  });

  it('notes fast commands of a batch that came before the limit in the same batch', () => {
    const engine = engineOf(false);
    engine.batch([
      ['PING'],
      ['CONFIG', 'SET', 'slowlog-log-slower-than', '0'],
      ['GET', 'a'],
      ['CONFIG', 'SET', 'slowlog-log-slower-than', '10000'],
      ['GET', 'b'],
    ]);
    expect(logged(engine)).toEqual(['CONFIG SET slowlog-log-slower-than 0', 'GET a']);
  });

  it('hides secrets', () => {
    const engine = engineOf(false, { config: { 'slowlog-log-slower-than': '0' } });
    const lines = [
      'AUTH secret',
      'AUTH user secret',
      'HELLO 2 AUTH default secret SETNAME me',
      'HELLO 2 SETNAME auth AUTH default secret',
      'HELLO x AUTH default public',
      'HELLO 2 AUTH default',
      'AUTH too many words',
      'CONFIG SET maxmemory 0 masterauth secret',
      'CONFIG SET MASTERAUTH secret',
      'CONFIG GET masterauth',
    ];
    runLines(engine, 'SLOWLOG RESET', ...lines);
    expect(logged(engine).slice(1)).toEqual([
      'AUTH (redacted)',
      'AUTH (redacted) (redacted)',
      'HELLO 2 AUTH (redacted) (redacted) SETNAME me',
      'HELLO 2 SETNAME auth AUTH (redacted) (redacted)',
      'HELLO x AUTH default public',
      'HELLO 2 AUTH default',
      'AUTH too many words',
      'CONFIG SET maxmemory 0 masterauth (redacted)',
      'CONFIG SET MASTERAUTH (redacted)',
      'CONFIG GET masterauth',
    ]);
  });

  it('follows its settings', () => {
    const engine = engineOf(false, { config: { 'slowlog-log-slower-than': '0' } });
    runLines(engine, 'PING', 'PING', 'CONFIG SET slowlog-max-len 1');
    expect(logged(engine)).toEqual(['CONFIG SET slowlog-max-len 1']);
    expect((plain(engine.line('SLOWLOG GET 9007199254740993')) as unknown[]).length).toBe(1);
    runLines(engine, 'CONFIG SET slowlog-max-len 10 slowlog-entry-max-argc 3 slowlog-entry-max-string-len 2');
    runLines(engine, 'SLOWLOG RESET', 'MGET abc d e f');
    expect(logged(engine)[1]).toBe('MG... (2 more bytes) ab... (1 more bytes) ... (3 more arguments)');
  });
});

/** Entries of a log, oldest first: value, then the words (long ones cut short). */
function sizes(engine: Engine, type: string): string[] {
  const entries = plain(engine.line(`COMMANDLOG GET -1 ${type}`)) as unknown[][];
  return entries.map((entry) => `${entry[2]} ${(entry[3] as string[]).join(' ').slice(0, 40)}`).reverse();
}

describe.each(PROTOCOLS)('COMMANDLOG over %s', (_, resp3) => {
  it('shows the slow log, too', () => {
    const engine = engineOf(resp3, { config: { 'commandlog-execution-slower-than': '0' } });
    runLines(engine, 'PING');
    const [first] = plain(engine.line('COMMANDLOG GET 1 SLOW')) as unknown[];
    expect((plain(engine.line('SLOWLOG GET 2')) as unknown[])[1]).toEqual(first);
    expect(runLines(engine, 'COMMANDLOG LEN slow', 'COMMANDLOG RESET slow', 'SLOWLOG LEN')).toEqual([
      3,
      'OK',
      1,
    ]);
    expect(runLines(engine, 'CONFIG GET *slower-than').flat()).toContain('slowlog-log-slower-than');
  });

  it('notes sizes to the byte', () => {
    const limits = { 'commandlog-request-larger-than': '0', 'commandlog-reply-larger-than': '0' };
    const engine = engineOf(resp3, { config: limits });
    const big = 'x'.repeat(70_000);
    runLines(engine, 'PING', `SET k ${big}`, 'GET k', 'RPUSH l a bb ccc', 'LRANGE l 0 -1', 'NOSUCH x', 'GET');
    expect(sizes(engine, 'large-request')).toEqual([
      '14 PING',
      `70030 SET k ${big}`.slice(0, 46),
      '20 GET k',
      '46 RPUSH l a bb ccc',
      '38 LRANGE l 0 -1',
    ]);
    expect(sizes(engine, 'large-reply').slice(0, 5)).toEqual([
      '7 PING',
      `5 SET k ${big}`.slice(0, 42),
      '70010 GET k',
      '4 RPUSH l a bb ccc',
      '28 LRANGE l 0 -1',
    ]);
    runLines(
      engine,
      'COMMANDLOG RESET large-request',
      'COMMANDLOG RESET large-reply',
      'MULTI',
      'GET k',
      'DEL l',
    );
    const executed = engine.line('EXEC') as unknown[];
    expect(executed).toHaveLength(2);
    expect(sizes(engine, 'large-reply').filter((line) => /GET k|DEL/.test(line))).toEqual([
      '70010 GET k',
      '4 DEL l',
    ]);
  });

  it('notes what reaches its limits, whatever way a command goes', () => {
    const limits = { 'commandlog-request-larger-than': '1000', 'commandlog-reply-larger-than': '5000' };
    const engine = engineOf(resp3, { config: limits, outBytes: 1 << 16 });
    engine.server.clients.speak(0, 1, resp3);
    for (const size of [900, 968, 969, 5000]) runLines(engine, `SET k${size} ${'v'.repeat(size)}`);
    runLines(engine, 'GET k969', 'GET k5000', 'STRLEN k5000');
    runLines(
      engine,
      `RPUSH l ${Array.from({ length: 200 }, (_, i) => `word${i}`).join(' ')}`,
      'LRANGE l 0 -1',
    );
    for (let i = 0; i < 9; i++) runLines(engine, 'LRANGE l 0 -1', 'LRANGE l 0 9');
    expect(sizes(engine, 'large-request').map((line) => line.slice(0, 12))).toEqual([
      '1000 SET k96',
      '5033 SET k50',
      '2514 RPUSH l',
    ]);
    expect(sizes(engine, 'large-reply').map((line) => line)).toEqual(['5009 GET k5000']);
    runLines(engine, 'CONFIG SET commandlog-reply-larger-than 2000 commandlog-large-reply-max-len 3');
    engine.bytes([['BLPOP', 'none', '0']], 1);
    runLines(engine, `RPUSH none ${'e'.repeat(3000)}`);
    expect(engine.take(1).length).toBeGreaterThan(3000);
    for (let i = 0; i < 9; i++) runLines(engine, 'LRANGE l 0 -1');
    expect(sizes(engine, 'large-reply')).toEqual(Array(3).fill('2496 LRANGE l 0 -1'));
    runLines(engine, 'CONFIG SET commandlog-reply-larger-than -1', 'GET k5000');
    expect(runLines(engine, 'COMMANDLOG LEN large-reply', 'COMMANDLOG RESET large-reply')).toEqual([3, 'OK']);
    expect(runLines(engine, 'COMMANDLOG LEN large-reply')).toEqual([0]);
  });

  it('notes replies that take many frames', () => {
    const engine = engineOf(resp3, {
      config: { 'commandlog-reply-larger-than': '100000' },
      outBytes: 1 << 16,
    });
    runLines(engine, `SET big ${'b'.repeat(200_000)}`, `RPUSH l ${'w '.repeat(300)}${'z'.repeat(120_000)}`);
    engine.batch([['PING'], ['GET', 'big'], ['PING'], ['LRANGE', 'l', '0', '-1'], ['GET', 'big']]);
    expect(sizes(engine, 'large-reply')).toEqual([
      '200011 GET big',
      expect.stringMatching(/^122\d\d\d LRANGE l 0 -1$/),
      '200011 GET big',
    ]);
  });

  it('checks its arguments and hides secrets', () => {
    const engine = engineOf(resp3, { config: { 'commandlog-request-larger-than': '0' } });
    const type = '-ERR type should be one of the following: slow, large-request, large-reply';
    expect(
      runLines(
        engine,
        'COMMANDLOG GET 1 fast',
        'COMMANDLOG LEN x',
        'COMMANDLOG RESET x',
        'COMMANDLOG GET -2 slow',
        'COMMANDLOG GET x slow',
        'COMMANDLOG GET 1',
        'COMMANDLOG NOSUCH',
      ),
    ).toEqual([
      type,
      type,
      type,
      '-ERR count should be greater than or equal to -1',
      '-ERR count should be greater than or equal to -1',
      "-ERR wrong number of arguments for 'commandlog|get' command",
      "-ERR unknown subcommand 'NOSUCH'. Try COMMANDLOG HELP.",
    ]);
    runLines(engine, 'ACL SETUSER u >secret', 'AUTH u secret');
    expect(sizes(engine, 'large-request').join(' ')).not.toContain('secret');
    expect(String(runLines(engine, 'COMMANDLOG HELP'))).toContain('LEN <type>');
  });
});
