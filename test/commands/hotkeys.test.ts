import { describe, expect, it } from 'vitest';
import { Engine } from '../support/engine.ts';
import { plain, runLines } from './string_support.ts';

const START = 'HOTKEYS START METRICS';

/** The answer of HOTKEYS GET by fields. */
function found(engine: Engine): Record<string, unknown> {
  const [fields] = plain(engine.line('HOTKEYS GET')) as [unknown[]];
  return Object.fromEntries(
    Array.from({ length: fields.length / 2 }, (_, i) => [fields[2 * i] as string, fields[2 * i + 1]]),
  );
}

function pairs(list: unknown): [string, number][] {
  const words = list as (string | number)[];
  return Array.from({ length: words.length / 2 }, (_, i) => [
    words[2 * i] as string,
    words[2 * i + 1] as number,
  ]);
}

describe('HOTKEYS', () => {
  it('takes one session at a time, and forgets none that goes on', () => {
    const engine = new Engine();
    expect(
      runLines(
        engine,
        ...['HOTKEYS GET', 'HOTKEYS STOP', 'HOTKEYS RESET', `${START} 1 CPU`, `${START} 1 NET`],
        ...['HOTKEYS RESET', 'HOTKEYS STOP', 'HOTKEYS STOP', 'HOTKEYS RESET', 'HOTKEYS GET'],
      ),
    ).toEqual([
      ...[null, null, 'OK', 'OK', '-ERR hotkey tracking session already in progress'],
      ...['-ERR hotkey tracking session in progress, stop tracking first', 'OK', null, 'OK', null],
    ]);
  });

  it.each([
    ['HOTKEYS START', 'METRICS parameter is required'],
    ['HOTKEYS START COUNT 3 METRICS 1 CPU', 'METRICS parameter is required'],
    [`${START} 0`, 'METRICS count must be > 0 and <= 2'],
    [`${START} x CPU`, 'METRICS count must be > 0 and <= 2'],
    [`${START} 3 CPU NET GPU`, 'METRICS count must be > 0 and <= 2'],
    [`${START} 2 CPU`, 'METRICS count does not match number of metric types provided'],
    [`${START} 1 CPU NET`, 'syntax error'],
    [`${START} 2 GPU x`, 'METRICS no valid metrics passed. Supported: CPU|NET'],
    [`${START} 2 cpu CPU`, 'METRICS CPU defined more than once!'],
    [`${START} 2 net NET`, 'METRICS NET defined more than once!'],
    [`${START} 1 CPU COUNT 0`, 'COUNT must be between 1 and 64'],
    [`${START} 1 CPU COUNT 65`, 'COUNT must be between 1 and 64'],
    [`${START} 1 CPU DURATION 0`, 'DURATION must be between 1 and 1000000'],
    [`${START} 1 CPU SAMPLE 0`, 'SAMPLE ratio must be positive'],
    [`${START} 1 CPU SAMPLE`, 'syntax error'],
    [`${START} 1 CPU SLOTS 2 0 5`, 'SLOTS parameter cannot be used in non-cluster mode'],
  ])('refuses %s', (line, text) => {
    expect(runLines(new Engine(), line, 'HOTKEYS GET')).toEqual([`-ERR ${text}`, null]);
  });

  it('takes metrics that it does not know beside one that it knows', () => {
    expect(runLines(new Engine(), `${START} 2 GPU cpu COUNT 64 SAMPLE 2147483647`)).toEqual(['OK']);
  });

  it('shows the fields of what it was asked for', () => {
    const engine = new Engine();
    const common = ['tracking-active', 'sample-ratio', 'selected-slots', 'all-commands-all-slots-us'];
    common.push(
      'net-bytes-all-commands-all-slots',
      'collection-start-time-unix-ms',
      'collection-duration-ms',
    );
    const cpu = ['total-cpu-time-user-ms', 'total-cpu-time-sys-ms'];
    for (const [metrics, more] of [
      ['1 CPU', [...cpu, 'by-cpu-time-us']],
      ['1 NET', ['total-net-bytes', 'by-net-bytes']],
      ['2 NET CPU', [...cpu, 'total-net-bytes', 'by-cpu-time-us', 'by-net-bytes']],
    ] as const) {
      runLines(engine, `${START} ${metrics} SAMPLE 3`, 'SET k v', 'HOTKEYS STOP');
      const fields = found(engine);
      expect(Object.keys(fields)).toEqual([...common, ...more]);
      expect(fields).toMatchObject({
        'tracking-active': 0,
        'sample-ratio': 3,
        'selected-slots': [[0, 16383]],
      });
    }
    engine.line('HELLO 3');
    expect(plain(engine.line('HOTKEYS GET'))).toHaveLength(1);
  });

  it('counts requests and replies of each key to the byte', () => {
    const engine = new Engine();
    engine.line(`${START} 1 NET COUNT 3`);
    const set = '*3\r\n$3\r\nSET\r\n$1\r\na\r\n$4\r\nfour\r\n+OK\r\n'.length;
    const mget = '*3\r\n$4\r\nMGET\r\n$1\r\na\r\n$1\r\nb\r\n*2\r\n$4\r\nfour\r\n$-1\r\n'.length;
    const get = '*2\r\n$3\r\nGET\r\n$1\r\nb\r\n$-1\r\n'.length;
    runLines(engine, 'SET a four', 'PING', 'MGET a b', 'DBSIZE');
    engine.batch([['MULTI'], ['GET', 'b'], ['EXEC']]);
    expect(pairs(found(engine)['by-net-bytes'])).toEqual([
      ['a', Math.floor(set + mget / 2)],
      ['b', Math.floor(get + mget / 2)],
    ]);
    expect(found(engine)['total-net-bytes']).toBe(set + mget + get);
    expect(found(engine)['net-bytes-all-commands-all-slots']).toBe(set + mget + get);
  });

  it('finds the keys that are used most among many', () => {
    const engine = new Engine();
    engine.line(`${START} 2 CPU NET COUNT 5`);
    for (let i = 0; i < 4000; i++) engine.line(`SET ${i % 2 === 0 ? `hot${i % 10}` : `cold${i}`} v`);
    const fields = found(engine);
    const names = pairs(fields['by-net-bytes']).map(([name]) => name);
    expect(names.sort()).toEqual(['hot0', 'hot2', 'hot4', 'hot6', 'hot8']);
    // Time stands still in this test.
    expect(fields['by-cpu-time-us']).toEqual([]);
  });

  it('looks at one command in so many', () => {
    const engine = new Engine({ seed: 5 });
    engine.line(`${START} 1 NET SAMPLE 10`);
    for (let i = 0; i < 2000; i++) engine.line('GET k');
    const fields = found(engine) as Record<string, number>;
    const share = fields['total-net-bytes']! / fields['net-bytes-all-commands-all-slots']!;
    expect(share).toBeGreaterThan(0.05);
    expect(share).toBeLessThan(0.15);
  });

  it('ends by itself, and commands are not looked at any more', () => {
    const engine = new Engine();
    runLines(engine, `${START} 1 NET DURATION 2`, 'GET k');
    engine.clock.advance(1500);
    engine.server.runDueWork();
    expect(found(engine)).toMatchObject({ 'tracking-active': 1, 'collection-duration-ms': 1500 });
    engine.clock.advance(5000);
    engine.server.runDueWork();
    engine.line('GET k');
    expect(found(engine)).toMatchObject({ 'tracking-active': 0, 'collection-duration-ms': 2000 });
    expect(found(engine)['net-bytes-all-commands-all-slots']).toBe(
      '*2\r\n$3\r\nGET\r\n$1\r\nk\r\n$-1\r\n'.length,
    );
    expect(runLines(engine, 'HOTKEYS RESET', 'HOTKEYS GET')).toEqual(['OK', null]);
  });
});
