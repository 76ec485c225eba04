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
