import { describe, expect, it } from 'vitest';
import { CLASS_NORMAL, CLASS_PATIENT, CLASS_PUBSUB, FRAME_CLASS } from '../../src/bridge/abi.ts';
import type { Engine } from '../support/engine.ts';
import { engineOf, PROTOCOLS, plain, runLines } from './string_support.ts';

const OTHER = 1;
const THIRD = 2;

function words(line: string): string[] {
  return line.split(' ').map((word) => (word === "''" ? '' : word));
}

/** What a connection receives for these lines, sent at once, as text. */
function sent(engine: Engine, slot: number, ...lines: string[]): string {
  return engine.bytes(lines.map(words), slot).toString('latin1');
}

/** An array or a push of bulk strings and numbers, in bytes. */
function frame(mark: string, ...parts: readonly (string | number | null)[]): string {
  const shown = parts.map((part) => {
    if (part === null) return mark === '>' ? '_\r\n' : '$-1\r\n';
    return typeof part === 'number' ? `:${part}\r\n` : `$${part.length}\r\n${part}\r\n`;
  });
  return `${mark}${parts.length}\r\n${shown.join('')}`;
}

const refused = (name: string) =>
  `Can't execute '${name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`;

describe.each(PROTOCOLS)('%s', (_, resp3) => {
  const mark = resp3 ? '>' : '*';
  const open = () => engineOf(resp3);

  it('confirms each channel and pattern, counting both together', () => {
    const engine = open();
    expect(sent(engine, 0, "SUBSCRIBE a '' a", 'PSUBSCRIBE p* q')).toBe(
      frame(mark, 'subscribe', 'a', 1) +
        frame(mark, 'subscribe', '', 2) +
        frame(mark, 'subscribe', 'a', 2) +
        frame(mark, 'psubscribe', 'p*', 3) +
        frame(mark, 'psubscribe', 'q', 4),
    );
    expect(sent(engine, 0, 'SSUBSCRIBE a b')).toBe(
      frame(mark, 'ssubscribe', 'a', 1) + frame(mark, 'ssubscribe', 'b', 2),
    );
    expect(sent(engine, 0, 'UNSUBSCRIBE zz', 'UNSUBSCRIBE', 'PUNSUBSCRIBE p*', 'PUNSUBSCRIBE')).toBe(
      frame(mark, 'unsubscribe', 'zz', 4) +
        frame(mark, 'unsubscribe', 'a', 3) +
        frame(mark, 'unsubscribe', '', 2) +
        frame(mark, 'punsubscribe', 'p*', 1) +
        frame(mark, 'punsubscribe', 'q', 0),
    );
    expect(sent(engine, 0, 'SUNSUBSCRIBE a', 'SUNSUBSCRIBE')).toBe(
      frame(mark, 'sunsubscribe', 'a', 1) + frame(mark, 'sunsubscribe', 'b', 0),
    );
  });

  it('confirms also that there was nothing to leave', () => {
    expect(sent(open(), 0, 'UNSUBSCRIBE', 'PUNSUBSCRIBE', 'SUNSUBSCRIBE', 'UNSUBSCRIBE x y')).toBe(
      frame(mark, 'unsubscribe', null, 0) +
        frame(mark, 'punsubscribe', null, 0) +
        frame(mark, 'sunsubscribe', null, 0) +
        frame(mark, 'unsubscribe', 'x', 0) +
        frame(mark, 'unsubscribe', 'y', 0),
    );
  });

  it('delivers to channels first, then to patterns, and counts both', () => {
    const engine = open();
    sent(engine, 0, 'SUBSCRIBE news.a news.b', 'PSUBSCRIBE news.* *.a x*', 'SSUBSCRIBE news.a');
    expect(engine.line('PUBLISH news.a hello', OTHER)).toBe(3);
    expect(engine.take(0).toString()).toBe(
      frame(mark, 'message', 'news.a', 'hello') +
        frame(mark, 'pmessage', 'news.*', 'news.a', 'hello') +
        frame(mark, 'pmessage', '*.a', 'news.a', 'hello'),
    );
    expect(engine.line('SPUBLISH news.a hi', OTHER)).toBe(1);
    expect(engine.take(0).toString()).toBe(frame(mark, 'smessage', 'news.a', 'hi'));
    expect(engine.line('PUBLISH nobody hi', OTHER)).toBe(0);
    expect(engine.take(0).length).toBe(0);
  });

  it('delivers any bytes, of any number', () => {
    const engine = engineOf(resp3, { outBytes: 1 << 14 });
    const channel = Buffer.from([0, 13, 10, 255, 42]);
    engine.bytes([['SUBSCRIBE', channel]]);
    for (const length of [0, 1, 63, 64, 4095, 4096, 9000, 100_000]) {
      const message = Buffer.from(Uint8Array.from({ length }, (_, i) => (i * 7) & 255));
      expect(engine.run(['PUBLISH', channel, message], OTHER)).toBe(1);
      const head = `${mark}3\r\n$7\r\nmessage\r\n$5\r\n`;
      const bytes = [
        Buffer.from(head),
        channel,
        Buffer.from(`\r\n$${length}\r\n`),
        message,
        Buffer.from('\r\n'),
      ];
      expect(engine.take(0).equals(Buffer.concat(bytes))).toBe(true);
    }
  });

  it('shows subscriptions in CLIENT LIST and finds subscribers by type', () => {
    const engine = open();
    sent(engine, 0, 'SUBSCRIBE a b c', 'PSUBSCRIBE x y', 'SSUBSCRIBE s');
    const line = String(engine.line('CLIENT LIST TYPE pubsub', OTHER));
    expect(line).toMatch(/^id=1 .* flags=P db=0 sub=3 psub=2 ssub=1 /);
    expect(line.trimEnd()).not.toContain('\n');
    expect(String(engine.line('CLIENT LIST TYPE normal', OTHER))).toMatch(
      /^id=2 .* flags=N db=0 sub=0 psub=0 ssub=0 /,
    );
    expect(String(engine.line('INFO stats', OTHER))).toMatch(
      /pubsub_channels:3\r\npubsub_patterns:2\r\npubsubshard_channels:1\r\n/,
    );
    expect(String(engine.line('INFO clients', OTHER))).toContain('pubsub_clients:1\r\n');
    expect(engine.line('CLIENT KILL TYPE pubsub', OTHER)).toBe(1);
    expect(engine.reactor.closed.has(0)).toBe(true);
    expect(engine.line('PUBSUB NUMPAT', OTHER)).toBe(0);
  });

  it('sends confirmations and messages although replies are off', () => {
    const engine = open();
    expect(sent(engine, 0, 'CLIENT REPLY OFF', 'ECHO x', 'SUBSCRIBE a', 'ECHO y')).toBe(
      frame(mark, 'subscribe', 'a', 1),
    );
    engine.line('PUBLISH a m', OTHER);
    expect(engine.take(0).toString()).toBe(frame(mark, 'message', 'a', 'm'));
    expect(sent(engine, 0, 'UNSUBSCRIBE', 'ECHO z')).toBe(frame(mark, 'unsubscribe', 'a', 0));
    expect(sent(engine, 0, 'MULTI', 'ECHO a', 'SUBSCRIBE b', 'ECHO c', 'EXEC')).toBe(
      frame(mark, 'subscribe', 'b', 1),
    );
    expect(sent(engine, THIRD, 'CLIENT REPLY SKIP', 'SUBSCRIBE a', 'PING')).toBe(
      frame('*', 'subscribe', 'a', 1) + frame('*', 'pong', ''),
    );
  });

  it('keeps a message that a transaction causes to its own client until EXEC has been answered', () => {
    const engine = open();
    sent(engine, OTHER, 'SUBSCRIBE a');
    const reply = sent(engine, 0, 'MULTI', 'SUBSCRIBE a b', 'PUBLISH a m', 'PUBLISH b n', 'ECHO z', 'EXEC');
    expect(reply).toBe(
      `+OK\r\n${'+QUEUED\r\n'.repeat(4)}*4\r\n` +
        frame(mark, 'subscribe', 'a', 1) +
        frame(mark, 'subscribe', 'b', 2) +
        ':2\r\n:1\r\n$1\r\nz\r\n' +
        frame(mark, 'message', 'a', 'm') +
        frame(mark, 'message', 'b', 'n'),
    );
    expect(engine.take(OTHER).toString()).toBe(frame('*', 'message', 'a', 'm'));
  });

  it('refuses channels of shards inside a transaction', () => {
    const engine = open();
    expect(plain(engine.batch([['MULTI'], ['SSUBSCRIBE', 'a'], ['EXEC']]).at(-1)!)).toEqual([
      "-ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client",
    ]);
    expect(engine.line('PUBSUB SHARDCHANNELS')).toEqual([]);
  });

  it('forgets everything on RESET', () => {
    const engine = open();
    sent(engine, 0, 'SUBSCRIBE a', 'PSUBSCRIBE b', 'SSUBSCRIBE c');
    expect(sent(engine, 0, 'RESET', 'GET a', 'PING')).toBe('+RESET\r\n$-1\r\n+PONG\r\n');
    expect(engine.server.pubsub).toMatchObject({ clientCount: 0, isHeard: false });
    expect(engine.line('PUBSUB SHARDCHANNELS')).toEqual([]);
  });
});

describe('a subscriber with RESP2', () => {
  it('may run few commands', () => {
    const engine = engineOf(false);
    sent(engine, 0, 'SUBSCRIBE a');
    const lines = [
      'GET a',
      'SET a b',
      'MULTI',
      'HELLO 3',
      'CLIENT LIST',
      'CONFIG GET a',
      'PUBLISH a b',
      'EVALSHA',
    ];
    const names = ['get', 'set', 'multi', 'hello', 'client|list', 'config|get', 'publish'];
    expect(runLines(engine, ...lines)).toEqual([
      ...names.map((name) => `-ERR ${refused(name)}`),
      expect.stringContaining('unknown command'),
    ]);
    expect(runLines(engine, 'EXEC')).toEqual([
      `-EXECABORT Transaction discarded because of: ${refused('exec')}`,
    ]);
    expect(runLines(engine, 'PING', 'PING x', 'PING x y')).toEqual([
      ['pong', ''],
      ['pong', 'x'],
      "-ERR wrong number of arguments for 'ping' command",
    ]);
    expect(sent(engine, 0, 'UNSUBSCRIBE', 'GET a')).toBe(`${frame('*', 'unsubscribe', 'a', 0)}$-1\r\n`);
  });

  it.each(['PSUBSCRIBE', 'SSUBSCRIBE'])('is one by %s as well', (name) => {
    const engine = engineOf(false);
    sent(engine, 0, `${name} a`);
    expect(runLines(engine, 'GET a')).toEqual([`-ERR ${refused('get')}`]);
    expect(sent(engine, 0, 'QUIT')).toBe('+OK\r\n');
    engine.reactor.close(0);
    expect(engine.server.pubsub.clientCount).toBe(0);
  });
});

describe('a subscriber with RESP3', () => {
  it('may run all commands, also after HELLO 2 made it a subscriber with RESP2 and back', () => {
    const engine = engineOf(true);
    sent(engine, 0, 'SUBSCRIBE a');
    expect(sent(engine, 0, 'SET k v', 'PING', 'PING x')).toBe('+OK\r\n+PONG\r\n$1\r\nx\r\n');
    sent(engine, 0, 'HELLO 2');
    engine.line('PUBLISH a m', OTHER);
    expect(engine.take(0).toString()).toBe(frame('*', 'message', 'a', 'm'));
    expect(runLines(engine, 'HELLO 3')).toEqual([`-ERR ${refused('hello')}`]);
  });

  it('receives its own message before the reply of PUBLISH', () => {
    const engine = engineOf(true);
    sent(engine, 0, 'SUBSCRIBE a');
    expect(sent(engine, 0, 'PUBLISH a m', 'PING')).toBe(`${frame('>', 'message', 'a', 'm')}:1\r\n+PONG\r\n`);
  });
});

it('mixes protocols among the subscribers of a channel', () => {
  const engine = engineOf(true);
  sent(engine, 0, 'SUBSCRIBE a');
  sent(engine, OTHER, 'SUBSCRIBE a');
  expect(engine.line('PUBLISH a m', THIRD)).toBe(2);
  expect(engine.take(0).toString()).toBe(frame('>', 'message', 'a', 'm'));
  expect(engine.take(OTHER).toString()).toBe(frame('*', 'message', 'a', 'm'));
});

it('keeps what it writes to others out of a reply in progress, whatever the size of the ring', () => {
  const engine = engineOf(false, { outBytes: 1 << 13 });
  for (let slot = 1; slot <= 40; slot++)
    sent(engine, slot, 'SUBSCRIBE a', `PSUBSCRIBE a${slot % 2 === 0 ? '' : '?'}`);
  const lines = Array.from({ length: 30 }, (_, i) => `PUBLISH a ${'m'.repeat(i * 10)}!`);
  expect(sent(engine, 0, ...lines)).toBe(':60\r\n'.repeat(lines.length));
  const messages = lines.map((line) => line.split(' ')[2]!);
  for (let slot = 1; slot <= 40; slot++) {
    const expected = messages.map(
      (message) =>
        frame('*', 'message', 'a', message) +
        (slot % 2 === 0 ? frame('*', 'pmessage', 'a', 'a', message) : ''),
    );
    expect(engine.take(slot).toString()).toBe(expected.join(''));
  }
});

it('forgets a client that goes away', () => {
  const engine = engineOf(false);
  sent(engine, 0, 'SUBSCRIBE a', 'PSUBSCRIBE b', 'SSUBSCRIBE c');
  sent(engine, OTHER, 'SUBSCRIBE a');
  engine.reactor.close(0);
  expect(engine.line('PUBLISH a m', THIRD)).toBe(1);
  expect(engine.line('PUBSUB NUMPAT', THIRD)).toBe(0);
  expect(engine.line('PUBSUB SHARDCHANNELS', THIRD)).toEqual([]);
  engine.reactor.close(OTHER);
  expect(engine.server.pubsub).toMatchObject({ clientCount: 0, isHeard: false });
});

describe('the class of output limits', () => {
  /** Classes that a connection was given. */
  function classes(engine: Engine): number[] {
    const seen: number[] = [];
    engine.reactor.onControl = (kind, slot, value) => {
      if (kind === FRAME_CLASS && slot === 0) seen.push(value);
    };
    return seen;
  }

  it('is that of subscribers as long as there is a subscription', () => {
    const engine = engineOf(false);
    const seen = classes(engine);
    sent(engine, 0, 'SUBSCRIBE a', 'SUBSCRIBE b', 'PSUBSCRIBE c', 'UNSUBSCRIBE', 'PUNSUBSCRIBE', 'PING');
    expect(seen).toEqual([CLASS_PUBSUB, CLASS_NORMAL]);
    sent(engine, 0, 'SSUBSCRIBE a', 'RESET');
    expect(seen.slice(2)).toEqual([CLASS_PUBSUB, CLASS_NORMAL]);
  });

  it('stays while the client is blocked', () => {
    const engine = engineOf(true);
    const seen = classes(engine);
    sent(engine, 0, 'SUBSCRIBE a', 'BLPOP list 0');
    engine.line('PUBLISH a m', OTHER);
    expect(engine.take(0).toString()).toBe(frame('>', 'message', 'a', 'm'));
    engine.line('RPUSH list x', OTHER);
    expect(seen).toEqual([CLASS_PUBSUB, CLASS_PUBSUB | CLASS_PATIENT, CLASS_PUBSUB]);
  });
});

describe('PUBSUB', () => {
  it('lists channels, counts subscribers and patterns', () => {
    const engine = engineOf(false);
    sent(engine, 1, 'SUBSCRIBE chan1 chan2 other', 'PSUBSCRIBE p*', 'SSUBSCRIBE s1 s2');
    sent(engine, 2, 'SUBSCRIBE chan1', 'PSUBSCRIBE p* q*', 'SSUBSCRIBE s1');
    expect(
      runLines(
        engine,
        'PUBSUB CHANNELS',
        'PUBSUB CHANNELS chan*',
        'PUBSUB NUMSUB',
        'PUBSUB NUMSUB chan1 none chan2 chan1',
        'PUBSUB NUMPAT',
        'PUBSUB SHARDCHANNELS',
        'PUBSUB SHARDCHANNELS *2',
        'PUBSUB SHARDNUMSUB s1 s2 chan1',
      ),
    ).toEqual([
      ['chan1', 'chan2', 'other'],
      ['chan1', 'chan2'],
      [],
      ['chan1', 2, 'none', 0, 'chan2', 1, 'chan1', 2],
      2,
      ['s1', 's2'],
      ['s2'],
      ['s1', 2, 's2', 1, 'chan1', 0],
    ]);
  });

  it('refuses what it does not know', () => {
    expect(
      runLines(
        engineOf(false),
        'PUBSUB CHANNELS a b',
        'PUBSUB ShardChannels a b',
        'PUBSUB NUMPAT x',
        'PUBSUB NO',
      ),
    ).toEqual([
      "-ERR unknown subcommand or wrong number of arguments for 'CHANNELS'. Try PUBSUB HELP.",
      "-ERR unknown subcommand or wrong number of arguments for 'ShardChannels'. Try PUBSUB HELP.",
      "-ERR wrong number of arguments for 'pubsub|numpat' command",
      "-ERR unknown subcommand 'NO'. Try PUBSUB HELP.",
    ]);
  });
});
