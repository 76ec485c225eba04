// What a connection may be in the middle of when it dies.
import { encodeCommand } from '../support/resp.ts';
import type { Victim } from './victim.ts';

export interface State {
  readonly name: string;
  enter(victim: Victim): Promise<void> | void;
  /** Whether a command sent now would run now. */
  readonly takesCommands?: true;
  /** Not even logged in: the users' rules do not concern it. */
  readonly stranger?: true;
  /** Never too long idle: it waits for something, or to be told something. */
  readonly patient?: true;
  /** Has so much waiting that maxmemory-clients must hit it. */
  readonly heavy?: true;
  /** It may take messages only: RESP2 and subscribed. */
  readonly listens?: true;
  /** Entered when CLIENT PAUSE holds writes. */
  readonly whilePaused?: true;
  /** Only where TLS is spoken, and then without a handshake. */
  readonly beforeHandshake?: true;
}

export const BIG_BYTES = 4 << 20;

/** The beginning of a ClientHello: a record of 512 bytes is announced. */
const HALF_HELLO = '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03half';

const text = (...words: string[]): string => encodeCommand(words).toString('latin1');

/** Enters by commands that are answered at once. */
function after(...commands: string[][]): (victim: Victim) => Promise<void> {
  return async (victim) => {
    await victim.logIn();
    for (const words of commands) {
      const reply = await victim.client.call(...words.map((word) => word.replace('TAG', victim.tag)));
      if (typeof reply === 'object' && reply !== null && 'text' in reply) throw new Error(reply.text);
    }
  };
}

/** Enters by bytes whose answer does not come, or not yet, or is not read. */
function by(bytes: (victim: Victim) => string, reads = true): (victim: Victim) => Promise<void> {
  return async (victim) => {
    await victim.logIn();
    if (!reads) victim.stopReading();
    victim.send(bytes(victim));
  };
}

function blocked(...words: string[]): State {
  return { name: `blocked: ${words[0]}`, patient: true, enter: by(() => text(...words)) };
}

export const STATES: readonly State[] = [
  { name: 'just accepted', stranger: true, enter: () => {} },
  { name: 'half a TLS handshake', stranger: true, beforeHandshake: true, enter: (v) => v.send(HALF_HELLO) },
  { name: 'silent before a TLS handshake', stranger: true, beforeHandshake: true, enter: () => {} },
  { name: 'idle', takesCommands: true, enter: (victim) => victim.logIn() },
  { name: 'half a line', enter: by(({ tag }) => `SET half:${tag} 1`) },
  {
    name: 'half a command',
    enter: by(({ tag }) => `*3\r\n$3\r\nSET\r\n$${5 + tag.length}\r\nhalf:${tag}\r\n$5\r\nab`),
  },
  {
    name: 'half a bulk',
    heavy: true,
    enter: by(
      ({ tag }) =>
        `*3\r\n$3\r\nSET\r\n$${5 + tag.length}\r\nhalf:${tag}\r\n$900000\r\n${'b'.repeat(400_000)}`,
    ),
  },
  {
    name: 'half a big bulk',
    heavy: true,
    enter: by(
      ({ tag }) =>
        `*3\r\n$3\r\nSET\r\n$${5 + tag.length}\r\nhalf:${tag}\r\n$9000000\r\n${'b'.repeat(3_000_000)}`,
    ),
  },
  {
    name: 'in MULTI',
    takesCommands: true,
    enter: after(['MULTI'], ['SET', 'multi:TAG', 'x'.repeat(10_000)]),
  },
  {
    name: 'in MULTI that must fail',
    takesCommands: true,
    enter: after(['MULTI'], ['SET', 'multi:TAG', 'x']),
  },
  { name: 'watching', takesCommands: true, enter: after(['WATCH', 'watched', 'kill:list', 'other:TAG']) },
  {
    name: 'watching, in MULTI',
    takesCommands: true,
    enter: after(['WATCH', 'w:TAG'], ['MULTI'], ['SET', 'multi:TAG', '1']),
  },
  blocked('BLPOP', 'kill:list', 'kill:list2', '0'),
  blocked('BLMOVE', 'kill:list', 'kill:moved', 'LEFT', 'RIGHT', '0'),
  blocked('BZPOPMIN', 'kill:zset', '0'),
  blocked('XREAD', 'BLOCK', '0', 'STREAMS', 'kill:stream', '$'),
  blocked('XREADGROUP', 'GROUP', 'g', 'c', 'BLOCK', '0', 'STREAMS', 'kill:stream', '>'),
  blocked('WAIT', '1', '0'),
  {
    ...blocked('BLPOP', 'kill:list', '0'),
    name: 'blocked, more behind',
    enter: by(() => text('BLPOP', 'kill:list', '0') + 'PING\r\n'.repeat(50)),
  },
  {
    name: 'blocked, too much behind',
    patient: true,
    enter: by(() => text('BLPOP', 'kill:list', '0') + 'PING\r\n'.repeat(5000)),
  },
  {
    name: 'blocked, nonsense behind',
    patient: true,
    enter: by(() => `${text('BLPOP', 'kill:list', '0')}*1\r\n!\r\n`),
  },
  { name: 'subscribed', patient: true, listens: true, enter: after(['SUBSCRIBE', 'kill:channel']) },
  {
    name: 'subscribed to patterns',
    patient: true,
    listens: true,
    enter: after(['PSUBSCRIBE', 'kill:*', 'nothing:TAG']),
  },
  { name: 'subscribed to a shard', patient: true, listens: true, enter: after(['SSUBSCRIBE', 'kill:shard']) },
  {
    name: 'subscribed, in RESP3',
    patient: true,
    takesCommands: true,
    enter: by((v) => `HELLO 3\r\nSUBSCRIBE kill:channel ${v.tag}\r\n`),
  },
  {
    name: 'subscribed, in MULTI',
    patient: true,
    takesCommands: true,
    enter: by(() => 'HELLO 3\r\nSUBSCRIBE kill:channel\r\nMULTI\r\nGET a\r\n'),
  },
  { name: 'monitor', patient: true, takesCommands: true, enter: after(['MONITOR']) },
  {
    name: 'tracking',
    takesCommands: true,
    enter: by(() => 'HELLO 3\r\nCLIENT TRACKING ON\r\nGET watched\r\nMGET a b c kill:list\r\n'),
  },
  {
    name: 'tracking everything',
    takesCommands: true,
    enter: by(() => 'HELLO 3\r\nCLIENT TRACKING ON BCAST PREFIX kill: PREFIX w\r\n'),
  },
  {
    name: 'another database and name',
    takesCommands: true,
    enter: after(['SELECT', '5'], ['CLIENT', 'SETNAME', 'TAG']),
  },
  {
    name: 'replies off',
    takesCommands: true,
    enter: by(() => `CLIENT REPLY OFF\r\n${'PING\r\n'.repeat(300)}`),
  },
  {
    name: 'output pending',
    takesCommands: true,
    heavy: true,
    enter: by(() => 'GET kill:big\r\n'.repeat(3), false),
  },
  {
    name: 'closing after its reply',
    heavy: true,
    enter: by(() => `${'GET kill:big\r\n'.repeat(3)}QUIT\r\nPING\r\n`, false),
  },
  {
    name: 'closing after a protocol error',
    heavy: true,
    enter: by(() => `${'GET kill:big\r\n'.repeat(3)}*1\r\n!\r\n`, false),
  },
  {
    name: 'a pipeline in flight',
    takesCommands: true,
    enter: by(({ tag }) => `SET kill:pipe ${tag}\r\nECHO ${tag}\r\n`.repeat(500)),
  },
  {
    name: 'waiting for the log',
    patient: true,
    takesCommands: true,
    enter: by(({ tag }) => text('SET', 'kill:log', tag.repeat(500)).repeat(20)),
  },
  {
    name: 'held by CLIENT PAUSE',
    whilePaused: true,
    patient: true,
    enter: by(({ tag }) => `SET paused:${tag} 1\r\nPING\r\n`),
  },
];
