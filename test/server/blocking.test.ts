import { describe, expect, it } from 'vitest';
import { ALL_COMMANDS } from '../../src/commands/all.ts';
import { blockingMs, blockingTimeoutMs, blockOnKeys } from '../../src/commands/blocking.ts';
import type { Context } from '../../src/commands/context.ts';
import { BLOCKING, type CommandSpec, command, keyRange, WRITE } from '../../src/commands/spec.ts';
import { addOrReplace, replyString } from '../../src/commands/string_store.ts';
import { EVENT_GENERIC, EVENT_LIST } from '../../src/keyspace/keyspace.ts';
import { Engine } from '../support/engine.ts';
import { seededRandom } from '../support/seed.ts';

// Strings that are announced as lists serve as the smallest possible queues: GIVE puts a value under a key, TAKE waits
// for one of its keys to have a value and takes it.

function spec(name: string, flags: number, arity: number, run: (c: Context) => void): CommandSpec {
  const about = { group: 'list', since: '1.0.0', summary: 'for tests', complexity: 'O(1)' } as const;
  return command({ ...about, name, arity, flags, keys: [keyRange('RW UPDATE', 1, 1)], run });
}

const GIVE = spec('give', WRITE, 3, (c) => {
  give(c, 1, c.args.copy(2));
  c.reply.ok();
});

function give(c: Context, k: number, value: Uint8Array): void {
  const { keyspace, args } = c;
  const old = c.lookupWrite(k);
  const [at, length] = [args.at(k), args.length(k)];
  const clock = keyspace.freshClock();
  const next = keyspace.strings.create(args.bytes, at, length, clock, 0, value, 0, value.length);
  addOrReplace(c, k, old, next);
  c.changed(k, EVENT_LIST, 'give');
}

const TAKE = spec('take', WRITE | BLOCKING, -3, (c) => {
  const timeoutMs = blockingTimeoutMs(c, c.args.count - 1);
  if (Number.isNaN(timeoutMs)) return;
  const count = c.args.count - 2;
  for (let i = 1; i <= count; i++) {
    const ref = c.lookupWrite(i);
    if (ref === 0) continue;
    c.reply.array(2);
    c.reply.bulk(c.args.bytes, c.args.at(i), c.args.length(i));
    replyString(c, ref);
    c.db.removeEntry(ref);
    c.changed(i, EVENT_GENERIC, 'del');
    return;
  }
  blockOnKeys(c, { first: 1, count }, timeoutMs, (reply) => reply.nullArray());
});

/** Waits for any change of its key, tells what it finds there, and fails or throws for some values. */
const HEED = spec('heed', WRITE | BLOCKING, -3, (c) => {
  const ref = c.lookupWrite(1);
  if (c.resumed && ref === 0) {
    c.reply.error('NOGROUP it is gone');
  } else if (c.resumed) {
    const value = Buffer.from(c.keyspace.strings.view(ref)).toString();
    if (value === 'worse') throw new Error('on purpose');
    if (value === 'bad') c.reply.error('WRONGTYPE bad');
    else c.reply.bulkText(value);
  } else {
    const timeoutMs = blockingMs(c, 2);
    if (Number.isNaN(timeoutMs)) return;
    blockOnKeys(c, { first: 1, count: 1 }, timeoutMs, (reply) => reply.null(), { always: true });
  }
});

/** Waits for a value and gives it on to another key. */
const RELAY = spec('relay', WRITE | BLOCKING, 4, (c) => {
  const ref = c.lookupWrite(1);
  if (ref === 0) {
    blockOnKeys(c, { first: 1, count: 1 }, blockingTimeoutMs(c, 3), (reply) => reply.null());
    return;
  }
  const value = Uint8Array.from(c.keyspace.strings.view(ref));
  c.db.removeEntry(ref);
  c.changed(1, EVENT_GENERIC, 'del');
  give(c, 2, value);
  c.reply.bulk(value, 0, value.length);
});

/** Waits for a value that is its own name; members of a team ('x' or 'y', by argument 2) wait for the same. */
const MEMBER = spec('member', WRITE | BLOCKING, 3, (c) => {
  const ref = c.lookupWrite(1);
  const team = c.args.text(2);
  tries.push(team);
  if (ref !== 0 && Buffer.from(c.keyspace.strings.view(ref)).toString() === team) {
    c.reply.bulkText(team);
    c.db.removeEntry(ref);
    c.changed(1, EVENT_GENERIC, 'del');
  } else {
    blockOnKeys(c, { first: 1, count: 1 }, Number.POSITIVE_INFINITY, (reply) => reply.null(), { team });
  }
});

/** Blocks with other arguments than it came with. */
const LATER = spec('later', WRITE | BLOCKING, 3, (c) => {
  if (c.resumed) c.reply.bulkText(c.args.text(2));
  else {
    const args = ['later', c.args.text(1), 'from now on'].map((word) => Buffer.from(word));
    blockOnKeys(c, { first: 1, count: 1 }, 1000, (reply) => reply.null(), { args });
  }
});

const tries: string[] = [];
const commands = [...ALL_COMMANDS, GIVE, TAKE, HEED, RELAY, MEMBER, LATER];

const taken = (key: string, value: string) =>
  `*2\r\n$${key.length}\r\n${key}\r\n$${value.length}\r\n${value}\r\n`;

class Bench {
  readonly engine = new Engine({ commands });

  /** Sends lines on a connection as one batch; the bytes that come back at once. */
  send(slot: number, ...lines: string[]): string {
    const words = lines.map((line) => line.split(' '));
    return this.engine.bytes(words, slot).toString('latin1');
  }

  /** What a connection was sent meanwhile. */
  got(slot: number): string {
    return this.engine.take(slot).toString('latin1');
  }

  advance(ms: number): void {
    this.engine.clock.advance(ms);
    this.engine.server.runDueWork();
  }

  info(field: string): string {
    const text = String(this.engine.line('INFO everything', 9));
    return new RegExp(`^${field}:(.*)\r$`, 'm').exec(text)?.[1] ?? '';
  }
}

describe('clients blocked on keys', () => {
  it('are served first come first served, each for one value', () => {
    const bench = new Bench();
    for (const slot of [1, 2, 3]) expect(bench.send(slot, 'TAKE a 0')).toBe('');
    expect(bench.send(0, 'GIVE a 1', 'GET a', 'GIVE a 2')).toBe('+OK\r\n$-1\r\n+OK\r\n');
    expect([1, 2, 3].map((slot) => bench.got(slot))).toEqual([taken('a', '1'), taken('a', '2'), '']);
    expect(bench.send(0, 'GIVE a 3', 'GIVE a 4', 'GET a')).toBe('+OK\r\n+OK\r\n$1\r\n4\r\n');
    expect(bench.got(3)).toBe(taken('a', '3'));
    expect(bench.engine.server.waiting.count).toBe(0);
    expect(bench.engine.server.keyspace.listening).toBe(false);
  });

  it('wait for several keys, and for one that is named twice, at once', () => {
    const bench = new Bench();
    bench.send(1, 'TAKE a b a c 0');
    bench.send(2, 'TAKE b a 0');
    expect([bench.info('blocked_clients'), bench.info('total_blocking_keys')]).toEqual(['2', '3']);
    bench.send(0, 'GIVE b 1');
    expect([bench.got(1), bench.got(2)]).toEqual([taken('b', '1'), '']);
    expect(bench.info('total_blocking_keys')).toBe('2');
    bench.send(0, 'GIVE c 2', 'GIVE a 3');
    expect([bench.got(1), bench.got(2)]).toEqual(['', taken('a', '3')]);
    expect(bench.send(0, 'GET c')).toBe('$1\r\n2\r\n');
  });

  it('are served when a transaction has ended, by what it leaves', () => {
    const bench = new Bench();
    bench.send(1, 'TAKE a 0');
    bench.send(2, 'TAKE b 0');
    bench.send(0, 'MULTI', 'GIVE a 1', 'GET a', 'DEL a', 'GIVE a 2', 'GIVE b 3', 'DEL b');
    expect(bench.send(0, 'EXEC')).toBe('*6\r\n+OK\r\n$1\r\n1\r\n:1\r\n+OK\r\n+OK\r\n:1\r\n');
    expect([bench.got(1), bench.got(2)]).toEqual([taken('a', '2'), '']);
  });

  it('do not block inside a transaction', () => {
    const bench = new Bench();
    expect(bench.send(1, 'MULTI', 'TAKE a 0', 'HEED a 0', 'EXEC')).toBe(
      '+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n*-1\r\n$-1\r\n',
    );
  });

  it('go on with what they sent meanwhile', () => {
    const bench = new Bench();
    expect(bench.send(1, 'TAKE a 0', 'SET x 1', 'TAKE b 0', 'GET x')).toBe('');
    bench.send(0, 'GIVE a 1');
    expect(bench.got(1)).toBe(`${taken('a', '1')}+OK\r\n`);
    bench.send(0, 'SET x 2', 'GIVE b 2');
    expect(bench.got(1)).toBe(`${taken('b', '2')}$1\r\n2\r\n`);
  });

  it('serve each other in chains and rings', () => {
    const bench = new Bench();
    bench.send(1, 'RELAY a b 0');
    bench.send(2, 'RELAY b c 0');
    bench.send(3, 'RELAY c a 0');
    bench.send(4, 'TAKE c 0');
    bench.send(5, 'TAKE a 0');
    expect(bench.send(0, 'GIVE a 7', 'GET a')).toBe('+OK\r\n$-1\r\n');
    expect([1, 2, 3, 4, 5].map((slot) => bench.got(slot))).toEqual([
      '$1\r\n7\r\n',
      '$1\r\n7\r\n',
      '$1\r\n7\r\n',
      '',
      taken('a', '7'),
    ]);
    bench.send(0, 'GIVE c 8');
    expect(bench.got(4)).toBe(taken('c', '8'));
  });

  it('answer in their own protocol and for their own database', () => {
    const bench = new Bench();
    bench.send(1, 'HELLO 3', 'SELECT 3', 'HEED a 0');
    bench.send(2, 'SELECT 3', 'TAKE b 100');
    bench.got(1);
    bench.got(2);
    bench.send(0, 'GIVE a x', 'GIVE b x');
    expect([bench.got(1), bench.got(2)]).toEqual(['', '']);
    expect(bench.send(0, 'SELECT 3', 'GIVE b y', 'SELECT 0', 'GET b')).toBe(
      '+OK\r\n+OK\r\n+OK\r\n$1\r\nx\r\n',
    );
    expect(bench.got(2)).toBe(taken('b', 'y'));
    bench.advance(99);
    expect(bench.got(1)).toBe('');
    expect(bench.send(9, 'CLIENT UNBLOCK 2')).toBe(':1\r\n');
    expect(bench.got(1)).toBe('_\r\n');
  });

  it('that find nothing keep their place and their deadline', () => {
    const bench = new Bench();
    bench.send(1, 'MEMBER a x');
    bench.send(2, 'MEMBER a y');
    bench.send(3, 'MEMBER a x');
    bench.send(0, 'GIVE a y');
    expect([bench.got(1), bench.got(2), bench.got(3)]).toEqual(['', '$1\r\ny\r\n', '']);
    bench.send(0, 'GIVE a x');
    expect([bench.got(1), bench.got(3)]).toEqual(['$1\r\nx\r\n', '']);
    bench.send(4, 'RELAY b c 0.010');
    bench.advance(9);
    bench.send(5, 'TAKE b 0');
    bench.advance(1);
    expect(bench.got(4)).toBe('$-1\r\n');
  });

  it('of one team are not all tried when one finds nothing', () => {
    const bench = new Bench();
    for (let slot = 1; slot <= 50; slot++) bench.send(slot, `MEMBER a ${slot === 20 ? 'y' : 'x'}`);
    tries.length = 0;
    bench.send(0, 'GIVE a z');
    expect(tries.sort()).toEqual(['x', 'y']);
    tries.length = 0;
    bench.send(0, 'GIVE a x');
    expect(tries).toEqual(['x']);
    expect(bench.got(1)).toBe('$1\r\nx\r\n');
  });

  it('run again with the arguments that they blocked with', () => {
    const bench = new Bench();
    bench.send(1, 'LATER a now');
    bench.send(0, 'GIVE a 1');
    expect(bench.got(1)).toBe('$11\r\nfrom now on\r\n');
  });

  it('time out to the millisecond', () => {
    const bench = new Bench();
    bench.send(1, 'TAKE a 0.0101');
    bench.send(2, 'TAKE a 1');
    bench.send(3, 'HEED a 25');
    expect(bench.info('clients_in_timeout_table')).toBe('3');
    bench.advance(10);
    expect(bench.got(1)).toBe('');
    bench.advance(1);
    expect(bench.got(1)).toBe('*-1\r\n');
    bench.advance(14);
    expect(bench.got(3)).toBe('$-1\r\n');
    bench.advance(974);
    expect(bench.got(2)).toBe('');
    bench.advance(1);
    expect(bench.got(2)).toBe('*-1\r\n');
    expect([bench.engine.server.keyspace.listening, bench.engine.server.deadlines.count]).toEqual([false, 0]);
  });
});

describe('what ends a wait', () => {
  it('CLIENT UNBLOCK, and nothing is left of it', () => {
    const bench = new Bench();
    bench.send(1, 'TAKE a b 10', 'PING');
    expect(bench.send(0, 'CLIENT UNBLOCK 2 TIMEOUT', 'GIVE a 1', 'GET a')).toBe(':1\r\n+OK\r\n$1\r\n1\r\n');
    expect(bench.got(1)).toBe('*-1\r\n+PONG\r\n');
    bench.send(1, 'TAKE b 10');
    bench.send(0, 'CONFIG RESETSTAT', 'CLIENT UNBLOCK 2 ERROR');
    expect(bench.got(1)).toBe('-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n');
    expect(bench.info('cmdstat_take')).toMatch(/failed_calls=1$/);
    expect(bench.info('cmdstat_client\\|unblock')).toMatch(/failed_calls=0$/);
    expect(bench.info('errorstat_UNBLOCKED')).toBe('count=1');
    expect(bench.engine.server.deadlines.count).toBe(0);
  });

  it('the end of the connection, also by CLIENT KILL', () => {
    const bench = new Bench();
    bench.send(1, 'TAKE a 10');
    bench.send(2, 'TAKE a 10');
    bench.send(3, 'TAKE a 10');
    bench.engine.reactor.close(1);
    expect(bench.send(0, 'CLIENT KILL ID 3', 'GIVE a 1')).toBe(':1\r\n+OK\r\n');
    expect([bench.got(1), bench.got(2), bench.got(3)]).toEqual(['', '', taken('a', '1')]);
    expect([bench.engine.server.deadlines.count, bench.info('total_blocking_keys')]).toEqual([0, '0']);
  });

  it('a key that is deleted, expires, or is flushed, for those who want to hear of it', () => {
    const bench = new Bench();
    const gone = '-NOGROUP it is gone\r\n';
    const scenes: [before: string[], after: string[], ms?: number][] = [
      [['GIVE a 1'], ['DEL a']],
      [['GIVE a 1'], ['FLUSHALL']],
      [['GIVE a 1'], ['FLUSHDB']],
      [['GIVE a 1'], ['SWAPDB 0 1']],
      [['GIVE a 1'], ['MOVE a 1']],
      [['GIVE a 1'], ['RENAME a b']],
      [['GIVE a 1', 'PEXPIRE a 10'], ['GET a'], 11],
      [['GIVE a 1', 'PEXPIRE a 10'], [], 11],
    ];
    for (const [before, after, ms = 0] of scenes) {
      bench.send(0, 'FLUSHALL', ...before);
      bench.send(1, 'HEED a 0');
      bench.send(2, 'TAKE c 0');
      expect(bench.info('total_blocking_keys_on_nokey')).toBe('1');
      bench.engine.clock.advance(ms);
      if (after.length > 0) bench.send(0, ...after);
      bench.engine.server.runDueWork();
      expect([after, bench.got(1)]).toEqual([after, gone]);
      bench.send(0, 'GIVE c 1');
      expect(bench.got(2)).toBe(taken('c', '1'));
    }
    bench.send(1, 'HEED a 0');
    bench.send(0, 'SET a string');
    expect(bench.got(1)).toBe('$6\r\nstring\r\n');
  });

  it('a key that comes from elsewhere', () => {
    const bench = new Bench();
    const scenes = [
      ['SELECT 1', 'GIVE a 1', 'SWAPDB 0 1'],
      ['SELECT 1', 'GIVE a 1', 'SWAPDB 1 0'],
      ['SELECT 1', 'GIVE a 1', 'MOVE a 0'],
      ['GIVE b 1', 'RENAME b a'],
      ['GIVE b 1', 'RENAMENX b a'],
      ['GIVE b 1', 'COPY b a'],
      ['SELECT 1', 'GIVE b 1', 'COPY b a DB 0'],
    ];
    for (const lines of scenes) {
      bench.send(0, 'SELECT 0', 'FLUSHALL');
      bench.send(1, 'TAKE a 0');
      bench.send(0, ...lines);
      expect([lines, bench.got(1)]).toEqual([lines, taken('a', '1')]);
    }
  });

  it('an error, or a handler that throws', () => {
    const bench = new Bench();
    bench.send(1, 'HEED a 0', 'PING');
    bench.send(2, 'HEED a 0', 'PING');
    expect(bench.send(0, 'GIVE a bad', 'PING')).toBe('+OK\r\n+PONG\r\n');
    const wrong = '-WRONGTYPE bad\r\n+PONG\r\n';
    expect([bench.got(1), bench.got(2)]).toEqual([wrong, wrong]);
    expect(bench.info('cmdstat_heed')).toMatch(/^calls=2,.*failed_calls=2$/);
    bench.send(1, 'HEED a 0', 'PING');
    expect(bench.send(0, 'GIVE a worse', 'PING')).toBe('+OK\r\n+PONG\r\n');
    expect(bench.got(1)).toMatch(/^-ERR [^\r]*\r\n\+PONG\r\n$/);
    expect(bench.engine.log.join('\n')).toContain('on purpose');
    expect(bench.engine.server.waiting.count).toBe(0);
  });
});

describe('blocked clients and the rest of the server', () => {
  it('counts a call when it comes and its time when it is served', () => {
    const bench = new Bench();
    bench.send(1, 'TAKE a 0');
    expect(bench.info('cmdstat_take')).toMatch(/^calls=1,usec=0,/);
    bench.send(0, 'GIVE a 1');
    expect(bench.info('cmdstat_take')).toMatch(/^calls=1,.*failed_calls=0$/);
  });

  it('shows a command to MONITOR once', () => {
    const bench = new Bench();
    bench.send(5, 'MONITOR');
    bench.send(1, 'TAKE a 0');
    bench.send(0, 'GIVE a 1');
    const seen = bench.got(5);
    expect(seen.match(/"TAKE"/g)).toHaveLength(1);
    expect(seen.match(/"GIVE"/g)).toHaveLength(1);
  });

  it('leaves out the reply of a client that wants none', () => {
    const bench = new Bench();
    bench.send(1, 'CLIENT REPLY OFF', 'TAKE a 0');
    bench.send(2, 'CLIENT REPLY SKIP', 'TAKE a 0', 'PING');
    bench.send(0, 'GIVE a 1', 'GIVE a 2');
    expect([bench.got(1), bench.got(2)]).toEqual(['', '+PONG\r\n']);
    expect(bench.send(1, 'CLIENT REPLY ON')).toBe('+OK\r\n');
  });

  it('waits for the end of CLIENT PAUSE', () => {
    const bench = new Bench();
    bench.send(1, 'TAKE a 0');
    bench.send(2, 'TAKE a 0');
    bench.send(3, 'TAKE b 0.05');
    bench.send(0, 'MULTI', 'CLIENT PAUSE 100 WRITE', 'GIVE a 1', 'EXEC');
    expect([bench.got(1), bench.got(2)]).toEqual(['', '']);
    bench.advance(50);
    expect(bench.got(3)).toBe('*-1\r\n');
    bench.advance(50);
    expect([bench.got(1), bench.got(2)]).toEqual([taken('a', '1'), '']);
    bench.send(0, 'MULTI', 'CLIENT PAUSE 100', 'GIVE a 2', 'EXEC');
    bench.engine.reactor.close(2);
    bench.advance(100);
    expect(bench.send(0, 'GET a')).toBe('$1\r\n2\r\n');
  });

  it('shows them in CLIENT LIST', () => {
    const bench = new Bench();
    bench.send(1, 'SELECT 4', 'TAKE a 0');
    expect(bench.engine.line('CLIENT LIST')).toMatch(/^id=2 .* flags=b db=4 .* cmd=take /m);
  });

  it('refuses wrong timeouts', () => {
    const bench = new Bench();
    const answers = (form: string, texts: string[]) =>
      texts.map((text) => bench.send(1, form.replace('#', text)).trim().replace('-ERR timeout ', ''));
    const notAFloat = 'is not a float or out of range';
    expect(answers('TAKE a #', ['x', '', '1x', 'nan', '-1', '-0.5', '1e30', 'inf', '-inf'])).toEqual(
      [notAFloat, notAFloat, notAFloat, notAFloat].concat([
        'is negative',
        'is negative',
        'is out of range',
        'is out of range',
        'is negative',
      ]),
    );
    expect(answers('HEED a #', ['x', '1.5', '-1', '9223372036854775807', '9223372036854775808'])).toEqual([
      'is not an integer or out of range',
      'is not an integer or out of range',
      'is negative',
      'is out of range',
      'is not an integer or out of range',
    ]);
    // Rounded up to zero from below is no wait that ends.
    expect(bench.send(1, 'TAKE a -0.0001')).toBe('');
    expect(bench.engine.server.deadlines.count).toBe(0);
  });

  it('finds the right queues among many', () => {
    const random = seededRandom('queues');
    const bench = new Bench();
    const waiting = new Map<string, number[]>();
    const keys = Array.from({ length: 400 }, (_, i) => `${'k'.repeat(i % 17)}${i}`);
    for (let step = 0; step < 4000; step++) {
      const key = keys[random.below(keys.length)]!;
      const queue = waiting.get(key) ?? [];
      waiting.set(key, queue);
      const slot = 10 + random.below(600);
      const busy = [...waiting].find(([, slots]) => slots.includes(slot));
      if (random.below(2) === 0 && busy === undefined) {
        bench.send(slot, `TAKE ${key} 0`);
        queue.push(slot);
      } else if (random.below(4) === 0 && busy !== undefined) {
        bench.engine.reactor.close(slot);
        bench.engine.reactor.closed.delete(slot);
        busy[1].splice(busy[1].indexOf(slot), 1);
      } else {
        bench.send(0, `GIVE ${key} ${step}`, `DEL ${key}`);
        const served = queue.shift();
        if (served !== undefined) expect(bench.got(served)).toBe(taken(key, String(step)));
      }
    }
    const left = [...waiting.values()].filter((slots) => slots.length > 0);
    expect(bench.info('total_blocking_keys')).toBe(String(left.length));
    bench.engine.verify();
  });

  it('keeps the order of thousands on one key', () => {
    const bench = new Bench();
    const step = 2000;
    for (let slot = 10; slot < 10 + step; slot++) bench.send(slot, `TAKE shared own:${slot} 0`);
    bench.send(0, ...Array.from({ length: 500 }, (_, i) => `SET other:${i} x`));
    bench.send(0, ...Array.from({ length: 100 }, (_, i) => `GIVE shared ${i}`));
    for (let i = 0; i < 100; i++) expect(bench.got(10 + i)).toBe(taken('shared', String(i)));
    expect(bench.info('total_blocking_keys')).toBe(String(1 + step - 100));
  });
});
