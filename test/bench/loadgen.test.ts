// The native load generator against a server whose faults are known.
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildGenerator, type GeneratorResult, GeneratorRun } from '../../bench/generator.ts';
import { type RespServerOptions, startRespServer } from './resp_server.ts';

let program = '';

beforeAll(async () => {
  program = await buildGenerator(fileURLToPath(new URL('../..', import.meta.url)));
}, 120_000);

interface Run {
  result: GeneratorResult;
  /** Commands as the server saw them, without the PINGs of the connecting. */
  commands: string[][];
}

async function generate(
  options: Record<string, string | number>,
  server: RespServerOptions = {},
): Promise<Run> {
  await using responder = await startRespServer(server);
  const { port } = responder;
  const run = new GeneratorRun(program, {
    port,
    connections: 3,
    pipeline: 5,
    keys: 40,
    requests: 600,
    ...options,
  });
  const result = await run.result;
  return {
    result,
    commands: responder.commands.filter(([name]) => name !== 'PING').map((words) => [...words]),
  };
}

const EVERYTHING = { mix: 'get,set,incr,mset,ping' };

describe('requests', () => {
  it('sends the wanted number of commands of the mix, in the wanted shares', async () => {
    const { result, commands } = await generate({ mix: 'get:10,set:1', requests: 6600 });
    expect(result).toMatchObject({ requests: 6600, errors: 0 });
    const gets = commands.filter(([name]) => name === 'GET').length;
    expect(gets).toBeGreaterThan(5800);
    expect(gets).toBeLessThan(6200);
    expect(result.hits + result.misses).toBe(gets);
  });

  it('goes through a sequential key space once', async () => {
    const { commands } = await generate({ mix: 'set', distribution: 'sequential', keys: 600 });
    const keys = commands.map(([, key]) => key!).sort();
    expect(new Set(keys).size).toBe(600);
    expect([keys[0], keys[599]]).toEqual(['key:000000000000', 'key:000000000599']);
  });

  it('draws all keys alike when uniform', async () => {
    const { commands } = await generate({ mix: 'get', keys: 10, requests: 10_000 });
    const counts = countKeys(commands);
    expect(counts).toHaveLength(10);
    expect(counts[0]! - counts[9]!).toBeLessThan(250);
  });

  it('draws the most frequent keys as often as the law of Zipf says', async () => {
    const { commands } = await generate({ mix: 'get', distribution: 'zipf', keys: 1000, requests: 20_000 });
    const counts = countKeys(commands);
    const harmonic = Array.from({ length: 1000 }, (_, i) => (i + 1) ** -0.99).reduce((sum, x) => sum + x);
    for (const rank of [1, 2, 3, 10]) {
      const expected = (20_000 * rank ** -0.99) / harmonic;
      expect(Math.abs(counts[rank - 1]! - expected)).toBeLessThan(5 * Math.sqrt(expected));
    }
  });

  it.each([1, 3, 8, 9, 1000])('gives a value of %i bytes that depends on its key', async (bytes) => {
    const { commands } = await generate({ mix: 'set', 'value-bytes': bytes });
    const values = new Map<string, string>();
    for (const [, key, value] of commands) {
      expect(value).toHaveLength(bytes);
      expect(values.get(key!) ?? value).toBe(value);
      values.set(key!, value!);
    }
    if (bytes >= 8) expect(new Set(values.values()).size).toBe(values.size);
  });

  it('sends any command, with random numbers and values in its words', async () => {
    const { result, commands } = await generate(
      { command: 'HSET h:__rand_int__ f:__rand_int__ __value__', keys: 3, 'value-bytes': 5 },
      { any: ':1\r\n' },
    );
    expect(result).toMatchObject({ requests: 600, errors: 0 });
    const seen = new Set(commands.map((words) => words.join(' ')));
    const numbers = ['000000000000', '000000000001', '000000000002'];
    const all = numbers.flatMap((h) => numbers.map((f) => `HSET h:${h} f:${f} vvvvv`));
    expect([...seen].sort()).toEqual(all);
  });

  it('counts only what comes after the warm-up', async () => {
    const { result, commands } = await generate({
      ...EVERYTHING,
      requests: 0,
      seconds: 0.2,
      'warmup-seconds': 0.2,
    });
    expect(result.errors).toBe(0);
    expect(result.requests).toBeGreaterThan(0);
    expect(result.requests).toBeLessThan(commands.length);
  });
});

describe('replies', () => {
  it.each([1, 2, 3, 7, 64])('are understood in pieces of %i bytes', async (pieceBytes) => {
    const { result } = await generate({ ...EVERYTHING, 'value-bytes': 20 }, { pieceBytes });
    expect(result).toMatchObject({ requests: 600, errors: 0, firstError: '' });
    expect(result.hits).toBeGreaterThan(0);
  });

  it('larger than any buffer are understood', async () => {
    const { result } = await generate({ mix: 'get,set', 'value-bytes': 300_000, keys: 3, requests: 60 });
    expect(result).toMatchObject({ requests: 60, errors: 0 });
    expect(result.hits).toBeGreaterThan(0);
  });

  // The first commands are the PINGs of the connecting; at 300 every key has been written.
  const fault = (reply: string) => ({ fault: { at: 300, reply } });

  it.each([
    { name: 'an error', mix: 'set', reply: '-OOM no room\r\n', says: '-OOM no room' },
    { name: 'another status', mix: 'set', reply: '+QUEUED\r\n', says: '+QUEUED' },
    { name: 'an integer for a value', mix: 'get,set:9', reply: ':1\r\n', says: ':1' },
    { name: 'a counter that jumps', mix: 'incr', reply: ':4000000\r\n', says: ':4000000' },
    { name: 'a counter of zero', mix: 'incr', reply: ':0\r\n', says: ':0' },
  ])('$name is found and the run goes on', async ({ mix, reply, says }) => {
    const { result } = await generate({ mix }, fault(reply));
    expect(result).toMatchObject({ requests: 600, errors: 1, firstError: says });
  });

  it.each([
    { name: 'a value of the wrong length', reply: '$3\r\nabc\r\n' },
    { name: 'a wrong value of the right length', reply: `$32\r\n${'x'.repeat(32)}\r\n` },
    { name: 'a value without its line end', reply: `$32\r\n${'x'.repeat(34)}` },
  ])('$name is found', async ({ reply }) => {
    const { result } = await generate({ mix: 'get' }, fault(reply));
    expect(result).toMatchObject({ requests: 600, errors: 1, misses: 599 });
    expect(result.firstError).toMatch(/does not belong to key \d+/);
  });

  const NESTED = '*3\r\n*2\r\n$3\r\na\r\n\r\n:7\r\n*0\r\n+OK\r\n';

  it.each([1, 2, 3, 7, 64, 100_000])(
    'to any command are followed in pieces of %i bytes',
    async (pieceBytes) => {
      const { result } = await generate({ command: 'XREAD' }, { pieceBytes, any: NESTED });
      expect(result).toMatchObject({ requests: 600, errors: 0, misses: 0 });
    },
  );

  it.each([
    { name: 'an error', reply: '-ERR inside\r\n', errors: 1, misses: 0 },
    { name: 'an error inside', reply: '*2\r\n:1\r\n-ERR inside\r\n', errors: 1, misses: 0 },
    { name: 'nothing', reply: '$-1\r\n', errors: 0, misses: 1 },
    { name: 'no array', reply: '*-1\r\n', errors: 0, misses: 1 },
  ])('to any command: $name is noted', async ({ reply, errors, misses }) => {
    const { result } = await generate({ command: 'XREAD' }, { any: NESTED, ...fault(reply) });
    expect(result).toMatchObject({ requests: 600, errors, misses });
    if (errors > 0) expect(result.firstError).toBe('-ERR inside');
  });

  it('to any command that are no replies end the run', async () => {
    const { result } = await generate({ command: 'XREAD' }, { any: NESTED, ...fault('$x\r\n') });
    expect(result.requests).toBeLessThan(600);
    expect(result.errors).toBe(1);
  });

  it('a counter that repeats a number is found at the end', async () => {
    const { result } = await generate({ mix: 'incr', keys: 1 }, fault(':5\r\n'));
    expect(result).toMatchObject({ errors: 1, firstError: 'counters skipped or repeated a number' });
  });

  it('bytes that are no reply end the run', async () => {
    const { result } = await generate({ mix: 'set' }, fault('HTTP/1.1 400\r\n'));
    expect(result.errors).toBe(1);
    expect(result.requests).toBeLessThan(600);
  });

  it('that nobody asked for end the run', async () => {
    await expect(generate({ mix: 'set' }, fault('+OK\r\n+OK\r\n'))).rejects.toThrow('more replies than');
  });
});

describe('other modes', () => {
  it('hold: opens connections, serves one command each when told, and again', async () => {
    await using responder = await startRespServer();
    const run = new GeneratorRun(program, { mode: 'hold', port: responder.port, connections: 20 });
    await run.stage('connected');
    expect(responder.commands).toHaveLength(1);
    run.next();
    await run.stage('served');
    expect(responder.commands).toHaveLength(21);
    run.next();
    expect(await run.result).toMatchObject({ requests: 20, errors: 0 });
  });

  it('steady: keeps its rate until told to stop, and times every answer', async () => {
    await using responder = await startRespServer();
    const run = new GeneratorRun(program, { mode: 'steady', port: responder.port, rate: 500 });
    await run.stage('measuring');
    await new Promise((resolve) => setTimeout(resolve, 300));
    run.finish();
    const result = await run.result;
    expect(result).toMatchObject({ requests: responder.commands.length - 1, errors: 0 });
    expect(result.requests).toBeGreaterThan(10);
    expect(result.maxMs).toBeGreaterThanOrEqual(result.p50Ms);
  });

  it('refuses an option that it does not know', async () => {
    await expect(new GeneratorRun(program, { bogus: 1 }).result).rejects.toThrow('unknown option --bogus');
  });
});

/** How often each key was asked for, the most frequent first. */
function countKeys(commands: readonly string[][]): number[] {
  const counts = new Map<string, number>();
  for (const [, key] of commands) counts.set(key!, (counts.get(key!) ?? 0) + 1);
  return [...counts.values()].sort((a, b) => b - a);
}
