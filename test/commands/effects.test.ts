// What the log of effects holds after commands: times are absolute, choices are made, units are whole.
import { expect, it } from 'vitest';
import { Engine } from '../support/engine.ts';
import { type Argument, encodeCommand } from '../support/resp.ts';
import { seededRandom } from '../support/seed.ts';

/** The commands in a log, their words between blanks. */
function lines(log: Uint8Array): string[] {
  const text = Buffer.from(log).toString('latin1');
  const found: string[] = [];
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\r\n', at);
    if (text[at] === '#') {
      found.push(text.slice(at, end));
      at = end + 2;
      continue;
    }
    expect(text[at]).toBe('*');
    const words: string[] = [];
    let count = Number(text.slice(at + 1, end));
    at = end + 2;
    for (; count > 0; count--) {
      const lengthEnd = text.indexOf('\r\n', at);
      const length = Number(text.slice(at + 1, lengthEnd));
      words.push(text.slice(lengthEnd + 2, lengthEnd + 2 + length));
      at = lengthEnd + 4 + length;
    }
    found.push(words.join(' '));
  }
  return found;
}

class Logged {
  readonly engine = new Engine();

  constructor() {
    this.engine.server.effects.activate(true);
    this.take();
  }

  take(): string[] {
    return lines(this.engine.server.effects.take(new Uint8Array(1024)));
  }

  /** Runs commands of one connection and answers what they left in the log. */
  of(...commands: string[]): string[] {
    for (const command of commands) this.engine.line(command);
    return this.take();
  }

  get nowMs(): number {
    return this.engine.server.keyspace.nowMs;
  }
}

it('logs a write as it came, after selecting the database once', () => {
  const log = new Logged();
  expect(log.of('set a 1')).toEqual(['SELECT 0', 'set a 1']);
  expect(log.of('GET a', 'Append a 2', 'del nothing')).toEqual(['Append a 2']);
  expect(log.of('select 3', 'set b 1', 'select 0', 'incr a')).toEqual([
    'SELECT 3',
    'set b 1',
    'SELECT 0',
    'incr a',
  ]);
  expect(log.of('sadd s x', 'sadd s x', 'flushdb', 'flushall')).toEqual(['sadd s x', 'flushdb', 'flushall']);
});

it('copies bytes as they are, of any length', () => {
  const log = new Logged();
  const value = Buffer.alloc(300_000, 0xfe);
  const command: Argument[] = ['SET', 'k', value];
  log.engine.run(command);
  const taken = log.engine.server.effects.take(new Uint8Array(16));
  const select = encodeCommand(['SELECT', '0']);
  expect(Buffer.compare(taken, Buffer.concat([select, encodeCommand(command)]))).toBe(0);
});

it('makes times absolute', () => {
  const log = new Logged();
  log.of('set a 1');
  const at = log.nowMs;
  expect(log.of('set a 1 ex 10 nx', 'set a 1 ex 10')).toEqual([`SET a 1 PXAT ${at + 10_000}`]);
  expect(log.of('setex a 10 1', 'psetex a 5 1')).toEqual([
    `SET a 1 PXAT ${at + 10_000}`,
    `SET a 1 PXAT ${at + 5}`,
  ]);
  expect(log.of('expire a 7', 'pexpire a 8000 gt', 'expireat a 9999999999')).toEqual([
    `PEXPIREAT a ${at + 7000}`,
    `PEXPIREAT a ${at + 8000} gt`,
    'PEXPIREAT a 9999999999000',
  ]);
  expect(log.of('getex a ex 3', 'getex a persist', 'getex a persist')).toEqual([
    `PEXPIREAT a ${at + 3000}`,
    'PERSIST a',
  ]);
  expect(log.of('set a 1 keepttl get', 'getset a 2', 'getdel a', 'set b 1', 'expire b -1')).toEqual([
    'SET a 1 KEEPTTL',
    'SET a 2',
    'DEL a',
    'set b 1',
    'DEL b',
  ]);
  expect(log.of('msetex 2 a 1 b 2 ex 5')).toEqual([`MSETEX 2 a 1 b 2 PXAT ${at + 5000}`]);
  expect(log.of('hset h f 1 g 2', 'hexpire h 10 fields 2 f nope', 'hexpire h 0 fields 1 g')).toEqual([
    'hset h f 1 g 2',
    `HPEXPIREAT h ${at + 10_000} FIELDS 1 f`,
    'HDEL h g',
  ]);
  expect(
    log.of('hsetex h fnx px 50 fields 1 x 1', 'hgetex h persist fields 2 x y', 'hgetdel h fields 1 x'),
  ).toEqual([`HSETEX h PXAT ${at + 50} FIELDS 1 x 1`, 'HPERSIST h FIELDS 1 x', 'HDEL h x']);
});

it('writes results in the place of inexact sums', () => {
  const log = new Logged();
  log.of('set a 1');
  expect(log.of('incrbyfloat a 0.5', 'hincrbyfloat h f 1.25')).toEqual([
    'SET a 1.5 KEEPTTL',
    'HSET h f 1.25',
  ]);
});

it('says which members were picked', () => {
  const log = new Logged();
  log.of('sadd s a b c d e f g h');
  const [one] = log.of('spop s');
  expect(one).toMatch(/^SREM s [a-h]$/);
  const before = new Set(log.engine.line('smembers s') as string[]);
  const [three] = log.of('spop s 3');
  const popped = three!.split(' ').slice(2);
  expect(popped).toHaveLength(3);
  const after = new Set(log.engine.line('smembers s') as string[]);
  expect([...before].filter((member) => !after.has(member)).sort()).toEqual(popped.sort());
  expect(log.of('spop s 9')).toEqual(['DEL s']);
  log.of('sadd t 1 2 3 4 5 6 7 8 9 10');
  const [most] = log.of('spop t 9');
  expect(most!.split(' ')).toHaveLength(11);
  expect(most).not.toContain(String((log.engine.line('smembers t') as string[])[0]));
});

it('puts the commands of a transaction between MULTI and EXEC if there are several', () => {
  const log = new Logged();
  expect(log.of('multi', 'set a 1', 'get a', 'incr a', 'exec')).toEqual([
    'SELECT 0',
    'MULTI',
    'set a 1',
    'incr a',
    'EXEC',
  ]);
  expect(log.of('multi', 'set a 1', 'get a', 'exec')).toEqual(['set a 1']);
  expect(log.of('multi', 'get a', 'exec', 'multi', 'set a 2', 'discard')).toEqual([]);
  expect(log.of('multi', 'select 2', 'set x 1', 'select 0', 'set y 1', 'exec')).toEqual([
    'SELECT 2',
    'MULTI',
    'set x 1',
    'SELECT 0',
    'set y 1',
    'EXEC',
  ]);
});

it('logs keys that expire, with the command that met them', () => {
  const log = new Logged();
  log.of('set a 1 px 5', 'set b 1 px 5', 'set c 1 px 5');
  log.engine.clock.advance(10);
  expect(log.of('get a')).toEqual(['DEL a']);
  expect(log.of('append b x')).toEqual(['MULTI', 'DEL b', 'append b x', 'EXEC']);
  log.engine.server.keyspace.lazyExpire = true;
  log.engine.server.runDueWork();
  expect(log.take()).toEqual(['UNLINK c']);
});

it('logs fields that expire', () => {
  const log = new Logged();
  log.of('hset h a 1 b 2 c 3', 'hpexpire h 5 fields 2 a b');
  log.engine.clock.advance(10);
  expect(log.of('hincrby h a 1')).toEqual(['MULTI', 'HDEL h a', 'hincrby h a 1', 'EXEC']);
  log.engine.server.runDueWork();
  expect(log.take()).toEqual(['HDEL h b']);
});

it('logs who was served, and with what', () => {
  const log = new Logged();
  log.of('set x 1');
  for (const [slot, command] of [
    'blpop none l 0',
    'brpoplpush l2 l3 0',
    'blmove l3 l4 left right 0',
    'bzpopmax z 0',
    'blmpop 0 1 m left count 5',
  ].entries())
    log.engine.bytes([command.split(' ')], slot + 1);
  expect(log.take()).toEqual([]);
  expect(log.of('rpush l a', 'rpush l2 b', 'zadd z 1 m', 'rpush m 1 2')).toEqual([
    'rpush l a',
    'LPOP l',
    'rpush l2 b',
    'RPOPLPUSH l2 l3',
    'LMOVE l3 l4 left right',
    'zadd z 1 m',
    'ZPOPMAX z',
    'rpush m 1 2',
    'LPOP m 2',
  ]);
});

it('says which ids were made, and how far streams were trimmed', () => {
  const log = new Logged();
  log.of('set x 1');
  const at = log.nowMs;
  expect(log.of('xadd s * a 1', `xadd s ${at}-* a 2`, `xadd s ${at}-9 a 3`)).toEqual([
    `xadd s ${at}-0 a 1`.replace('xadd', 'XADD'),
    `XADD s ${at}-1 a 2`,
    `xadd s ${at}-9 a 3`,
  ]);
  expect(log.of('xadd s maxlen ~ 1 limit 5 * a 4')).toEqual([`XADD s maxlen = 4 ${at}-10 a 4`]);
  expect(log.of('xadd s minid ~ 5 * a 4')).toEqual([`XADD s minid = ${at}-0 ${at}-11 a 4`]);
  log.engine.line('config set stream-node-max-entries 1');
  log.engine.line('del s');
  for (const id of [1, 2, 3, 4]) log.engine.line(`xadd s ${id} a 1`);
  log.take();
  expect(log.of('xtrim s maxlen ~ 2')).toEqual(['XTRIM s maxlen = 2']);
});

it('logs what readers of groups got', () => {
  const log = new Logged();
  log.of('xadd s 1-1 a 1', 'xadd s 2-1 a 1', 'xgroup create s g 0');
  const at = log.nowMs;
  expect(log.of('xreadgroup group g c count 1 streams s >')).toEqual([
    'MULTI',
    `XCLAIM s g c 0 1-1 TIME ${at} RETRYCOUNT 1 FORCE JUSTID LASTID 1-1`,
    'XGROUP SETID s g 1-1 ENTRIESREAD 1',
    'EXEC',
  ]);
  expect(log.of('xreadgroup group g n noack streams s >')).toEqual([
    'MULTI',
    'XGROUP CREATECONSUMER s g n',
    'XGROUP SETID s g 2-1 ENTRIESREAD 2',
    'EXEC',
  ]);
  expect(log.of('xclaim s g d 0 1-1')).toEqual([
    `XCLAIM s g d 0 1-1 TIME ${at} RETRYCOUNT 2 FORCE JUSTID LASTID 2-1`,
  ]);
  log.engine.line('xdel s 1-1');
  log.take();
  expect(log.of('xautoclaim s g e 0 0')).toEqual(['XACK s g 1-1']);
});

it('notes the second of changes if asked to', () => {
  const log = new Logged();
  log.engine.server.effects.stamps = true;
  const second = Math.floor(log.nowMs / 1000);
  expect(log.of('multi', 'set a 1', 'set b 1', 'exec', 'set c 1')).toEqual([
    `#TS:${second}`,
    'SELECT 0',
    'MULTI',
    'set a 1',
    'set b 1',
    'EXEC',
    'set c 1',
  ]);
  log.engine.clock.advance(1000);
  expect(log.of('set a 1')).toEqual([`#TS:${second + 1}`, 'set a 1']);
});

it('gives away whole units only, and leaves nothing of a command that failed in the middle', () => {
  const log = new Logged();
  const { server } = log.engine;
  const { effects, context } = server;
  log.of('set a 1');
  context.inTransaction = true;
  log.engine.line('set b 1');
  context.inTransaction = false;
  expect(log.take()).toEqual([]);
  effects.op(context, 'SET', 3);
  effects.failed(context);
  expect(log.take()).toEqual(['MULTI', 'set b 1', 'EXEC']);
});

/** The log of a request that lies in memory as given, each of its words at its place. */
function logOf(log: Logged, request: string, words: readonly string[], places: readonly number[]): string {
  const { effects, context } = log.engine.server;
  const { args } = context;
  args.bytes = Buffer.from(request, 'latin1');
  args.pairs = Int32Array.from(words.flatMap((word, i) => [places[i]!, word.length]));
  args.first = 0;
  args.count = words.length;
  effects.force();
  effects.ran(context, true);
  return Buffer.from(effects.take(new Uint8Array(1024))).toString('latin1');
}

/** Where each word stands when `before` is what stands before it. */
function placesOf(words: readonly string[], before: (word: string, i: number) => string): [string, number[]] {
  let text = '';
  const places = words.map((word, i) => {
    text += before(word, i);
    const at = text.length;
    text += word;
    return at;
  });
  return [`${text}XY`, places];
}

const LENGTHS = [0, 1, 9, 10, 32, 99, 100, 128, 129, 1000];

it('copies requests to the byte, however they came and however long their words are', () => {
  const random = seededRandom('effects');
  const log = new Logged();
  log.of('set a 1');
  const layouts: ((word: string, i: number) => string)[] = [
    (word, i) => `${i === 0 ? '*2\r\n' : '\r\n'}$${word.length}\r\n`,
    // The parser does not look at the ends of lines.
    (word, i) => `${i === 0 ? '*2\r\n' : '$\n'}$${word.length}\r$`,
    () => '',
    () => ' ',
    // As long as the length of a word would be.
    () => '      ',
    () => '       ',
    () => '  "$5  ',
  ];
  for (let round = 0; round < 300; round++) {
    const words = ['SET'];
    for (let count = random.below(4); count > 0; count--) {
      const length = LENGTHS[random.below(LENGTHS.length)]!;
      words.push(Array.from({ length }, () => String.fromCharCode(random.below(256))).join(''));
    }
    const expected = encodeCommand(words).toString('latin1');
    for (const layout of layouts) {
      const [request, places] = placesOf(words, layout);
      expect(logOf(log, request, words, places)).toBe(expected);
    }
  }
});
