import { describe, expect, it } from 'vitest';
import { runLines } from '../commands/string_support.ts';
import { Engine } from '../support/engine.ts';
import { decodeReply, type Reply, replyEnd } from '../support/resp.ts';

const LISTENER = 9;

/** An engine with this setting, and a connection that hears of everything. */
function heard(events: string): Engine {
  const engine = new Engine({ config: { 'notify-keyspace-events': events } });
  engine.line('PSUBSCRIBE *', LISTENER);
  return engine;
}

/** Messages since the last call, as 'space@0:key event' and 'event@0:event key'. */
function messages(engine: Engine, slot = LISTENER): string[] {
  const bytes = engine.take(slot);
  const found: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = replyEnd(bytes, at);
    const reply = decodeReply(bytes.subarray(at, end)) as Reply[];
    at = end;
    if (Array.isArray(reply) && reply[0] === 'pmessage')
      found.push(`${String(reply[2]).replace(/^__key(\w+)@(\d+)__/, '$1@$2')} ${String(reply[3])}`);
  }
  return found;
}

function caused(engine: Engine, ...lines: string[]): string[] {
  runLines(engine, ...lines);
  return messages(engine);
}

it('are two kinds of messages', () => {
  const engine = heard('KEA');
  expect(caused(engine, 'SET foo bar', 'SELECT 3', 'LPUSH l x', 'EXPIRE l 10', 'DEL l nothing')).toEqual([
    'space@0:foo set',
    'event@0:set foo',
    'space@3:l lpush',
    'event@3:lpush l',
    'space@3:l expire',
    'event@3:expire l',
    'space@3:l del',
    'event@3:del l',
  ]);
});

it.each([
  ['Kg', ['space@0:k expire', 'space@0:k del']],
  ['E$', ['event@0:set k']],
  ['Els', ['event@0:lpush l', 'event@0:sadd s']],
  ['Ez', ['event@0:zadd z']],
  ['Eh', ['event@0:hset h']],
  ['Et', ['event@0:xadd x']],
  [
    'En',
    ['event@0:new k', 'event@0:new l', 'event@0:new s', 'event@0:new z', 'event@0:new h', 'event@0:new x'],
  ],
  ['Em', ['event@0:keymiss none']],
  ['A', []],
  ['KE', []],
  ['', []],
])('%s selects classes', (events, expected) => {
  const engine = heard(events);
  const lines = ['SET k v', 'LPUSH l a', 'SADD s a', 'ZADD z 1 a', 'HSET h a b', 'XADD x * a b', 'GET none'];
  expect(caused(engine, ...lines, 'EXPIRE k 10', 'DEL k')).toEqual(expected);
});

it('keep any bytes of keys', () => {
  const engine = new Engine({ config: { 'notify-keyspace-events': 'K$' } });
  const key = Buffer.from([0, 255, 13, 10, 195, 40]);
  engine.run(['SUBSCRIBE', Buffer.concat([Buffer.from('__keyspace@0__:'), key])], LISTENER);
  engine.run(['SET', key, 'v']);
  expect(engine.take(LISTENER).includes(key)).toBe(true);
});

describe('expired', () => {
  it('is announced when a reader finds the key, before the miss', () => {
    const engine = heard('Exm');
    runLines(engine, 'SET k v PX 5');
    engine.clock.advance(6);
    expect(caused(engine, 'GET k', 'GET k')).toEqual([
      'event@0:expired k',
      'event@0:keymiss k',
      'event@0:keymiss k',
    ]);
  });

  it('comes before what a writer does', () => {
    const engine = heard('EA');
    runLines(engine, 'SET k v PX 5');
    engine.clock.advance(6);
    messages(engine);
    expect(caused(engine, 'LPUSH k a')).toEqual(['event@0:expired k', 'event@0:lpush k']);
  });

  it('is announced when nobody touches the key', () => {
    const engine = heard('Ex');
    runLines(engine, 'SET k v PX 5', 'SET l v PX 100000');
    engine.clock.advance(6);
    engine.server.runDueWork();
    expect(messages(engine)).toEqual(['event@0:expired k']);
  });
});

describe('keymiss', () => {
  it('is announced for reads of every kind, once for each time a key is looked up', () => {
    const lines = [
      'MGET a b',
      'EXISTS a',
      'TTL a',
      'TYPE a',
      'GETDEL a',
      'LRANGE a 0 1',
      'SINTER b a',
      'BITCOUNT a',
    ];
    expect(caused(heard('Em'), ...lines)).toEqual([...'abaaaaabaa'].map((key) => `event@0:keymiss ${key}`));
  });

  it('is not for writes and for OBJECT, which counts as a miss all the same', () => {
    const engine = heard('Em');
    expect(caused(engine, 'OBJECT ENCODING a', 'DEL a', 'LPOP a', 'EXPIRE a 1', 'SET a b XX')).toEqual([]);
    expect(String(engine.line('INFO stats'))).toContain('keyspace_misses:1\r\n');
  });

  it('leaves transactions of watching clients alone', () => {
    const engine = heard('KEAm');
    runLines(engine, 'WATCH a', 'GET a', 'MULTI', 'PING');
    expect(runLines(engine, 'EXEC')).toEqual([['PONG']]);
  });
});

describe('overwritten and type_changed', () => {
  it('come before the event of the command that puts another value in the place of one', () => {
    const engine = heard('EAoc');
    expect(caused(engine, 'SET k 1', 'SET k 2', 'SET k 3 EX 10', 'APPEND k x', 'MSET k 1 j 2')).toEqual(
      [
        ...['set k', 'overwritten k', 'set k', 'overwritten k', 'set k', 'expire k', 'append k'],
        ...['overwritten k', 'set k', 'set j'],
      ].map((text) => `event@0:${text}`),
    );
    expect(caused(engine, 'SADD s a', 'SUNIONSTORE k s', 'SET s 1')).toEqual(
      [
        ...['sadd s', 'overwritten k', 'type_changed k', 'sunionstore k'],
        ...['overwritten s', 'type_changed s', 'set s'],
      ].map((text) => `event@0:${text}`),
    );
  });

  it('come last for RENAME and COPY, to which the key is new as well', () => {
    const engine = heard('Egnoc');
    runLines(engine, 'SET a 1', 'SET b 2', 'SADD s x');
    messages(engine);
    expect(caused(engine, 'RENAME a b', 'COPY s b REPLACE')).toEqual(
      [
        ...['new b', 'rename_from a', 'rename_to b', 'overwritten b'],
        ...['new b', 'copy_to b', 'overwritten b', 'type_changed b'],
      ].map((text) => `event@0:${text}`),
    );
    engine.verify();
  });

  it('tell of RESTORE that the key is new, whatever it replaces', () => {
    const engine = heard('Egnoc');
    runLines(engine, 'SET a 1', 'SADD c x');
    messages(engine);
    const dump = engine.bytes([['DUMP', 'a']]);
    const payload = dump.subarray(dump.indexOf('\r\n') + 2, -2);
    engine.run(['RESTORE', 'b', '0', payload]);
    engine.run(['RESTORE', 'b', '0', payload, 'REPLACE']);
    engine.run(['RESTORE', 'c', '0', payload, 'REPLACE']);
    expect(messages(engine)).toEqual(
      [
        ...['new b', 'restore b', 'new b', 'restore b', 'overwritten b'],
        ...['new c', 'restore c', 'overwritten c', 'type_changed c'],
      ].map((text) => `event@0:${text}`),
    );
  });

  it('can be asked for one by one', () => {
    expect(caused(heard('Ec'), 'SET a 1', 'SET a 2', 'SADD s x', 'SUNIONSTORE a s')).toEqual([
      'event@0:type_changed a',
    ]);
    expect(caused(heard('Eo'), 'SADD s x', 'SET s 1')).toEqual(['event@0:overwritten s']);
  });
});

describe('the setting', () => {
  it('can be changed at any time, also where its text stays the same', () => {
    const engine = heard('');
    const set = (events: string) => engine.run(['CONFIG', 'SET', 'notify-keyspace-events', events]);
    expect(caused(engine, 'SET a 1')).toEqual([]);
    set('E$n');
    expect(caused(engine, 'SET b 1')).toEqual(['event@0:new b', 'event@0:set b']);
    set('EAn');
    expect(engine.line('CONFIG GET notify-keyspace-events')).toEqual(['notify-keyspace-events', 'AE']);
    set('EA');
    expect(caused(engine, 'SET c 1')).toEqual(['event@0:set c']);
    set('Eg');
    expect(caused(engine, 'SET d 1', 'DEL d')).toEqual(['event@0:del d']);
    set('');
    expect(caused(engine, 'SET e 1', 'GET none')).toEqual([]);
    expect(engine.server.keyspace).toMatchObject({
      listening: false,
      missListener: null,
      overwriteListener: null,
    });
  });
});

it('leave a reply whole that has begun: they follow it', () => {
  const engine = new Engine({ config: { 'notify-keyspace-events': 'Em' } });
  engine.server.clients.speak(0, 0, true);
  engine.bytes([
    ['SUBSCRIBE', '__keyevent@0__:keymiss'],
    ['SET', 'k', 'v'],
  ]);
  const push = (key: string) => `>3\r\n$7\r\nmessage\r\n$22\r\n__keyevent@0__:keymiss\r\n$1\r\n${key}\r\n`;
  expect(engine.bytes([['MGET', 'k', 'x', 'y']]).toString()).toBe(
    `*3\r\n$1\r\nv\r\n_\r\n_\r\n${push('x')}${push('y')}`,
  );
  expect(engine.bytes([['GET', 'x']]).toString()).toBe(`${push('x')}_\r\n`);
});

it('reach a client that is blocked, in the middle of what unblocks others', () => {
  const engine = new Engine({ config: { 'notify-keyspace-events': 'El' } });
  for (const slot of [1, 2]) {
    engine.server.clients.speak(0, slot, true);
    engine.line('PSUBSCRIBE *', slot);
    expect(engine.bytes([['BLPOP', `list${slot}`, '0']], slot).length).toBe(0);
  }
  runLines(engine, 'RPUSH list1 a');
  expect(messages(engine, 2)).toEqual(['event@0:rpush list1', 'event@0:lpop list1']);
  expect(engine.take(1).toString()).toMatch(
    /rpush\r\n\$5\r\nlist1\r\n[\s\S]*\*2\r\n\$5\r\nlist1\r\n\$1\r\na\r\n/,
  );
});
