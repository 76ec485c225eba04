// Loads that need a client that reads its answers: handing elements to clients blocked in BLPOP, and consumer groups.
//
// The client is a plain socket that writes the next command when an answer has come. It costs more than the server, so
// the server's CPU for each request tells more than the rate.
import { connect, type Socket } from 'node:net';
import { fillDataset } from '../datasets.ts';
import type { Server } from '../server.ts';
import type { GroupsTrial, HandoverTrial } from '../trials.ts';
import { childrenSeconds } from '../usage.ts';
import { type Outcome, Stretch, type Turn, withServer } from './turn.ts';

/** Elements of the stream that groups read, and how many one XREADGROUP takes. */
const STREAM = 'stream-100k';
const READ_AT_ONCE = 16;

function command(...words: string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket));
    socket.once('error', reject);
  });
}

/** Lets `begin` drive the load for the measured time; it calls `count` for each request that was answered. */
async function drive(
  turn: Turn,
  server: Server,
  sockets: readonly Socket[],
  begin: (count: (requests: number) => void) => void,
): Promise<Outcome> {
  let requests = 0;
  begin((more) => {
    requests += more;
  });
  await pause(turn.warmupSeconds);
  const before = requests;
  const ownBefore = process.cpuUsage();
  const beganMs = performance.now();
  const stretch = new Stretch(server.pid);
  await pause(turn.seconds);
  const done = requests - before;
  const own = process.cpuUsage(ownBefore);
  const figures = stretch.end(
    done,
    childrenSeconds() === undefined ? undefined : (own.user + own.system) / 1e6,
  );
  const seconds = (performance.now() - beganMs) / 1000;
  for (const socket of sockets) socket.destroy();
  return { figures: { perSecond: done / seconds, ...figures }, errors: done === 0 ? ['no answer'] : [] };
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

/** Pairs of clients, one blocked on a list that the other one pushes to. A request is a push and a pop. */
export async function measureHandover(trial: HandoverTrial, turn: Turn): Promise<Outcome> {
  return withServer(turn, 1, async (server) => {
    const sockets = await Promise.all(Array.from({ length: trial.pairs * 2 }, () => open(turn.port)));
    return drive(turn, server, sockets, (count) => {
      for (let pair = 0; pair < trial.pairs; pair++) {
        const [popper, pusher] = [sockets[2 * pair]!, sockets[2 * pair + 1]!];
        const pop = command('BLPOP', `list:${pair}`, '0');
        const push = command('LPUSH', `list:${pair}`, 'element');
        popper.on('data', () => {
          count(1);
          popper.write(pop);
          pusher.write(push);
        });
        pusher.on('data', () => {});
        popper.write(pop);
        pusher.write(push);
      }
    });
  });
}

/** Consumers that read new entries of a group and acknowledge them; a request is an entry read and acknowledged. */
export async function measureGroups(trial: GroupsTrial, turn: Turn): Promise<Outcome> {
  return withServer(turn, 1, async (server) => {
    const errors = await fillDataset(turn.port, STREAM);
    const sockets = await Promise.all(Array.from({ length: trial.connections }, () => open(turn.port)));
    const outcome = await drive(turn, server, sockets, (count) => {
      for (const [i, socket] of sockets.entries()) consume(socket, i, count);
    });
    return { ...outcome, errors: [...errors, ...outcome.errors] };
  });
}

/** One consumer with a group of its own, which begins again when it has read everything. */
function consume(socket: Socket, i: number, count: (requests: number) => void): void {
  const group = `group:${i}`;
  const read = command(
    'XREADGROUP',
    'GROUP',
    group,
    'me',
    'COUNT',
    String(READ_AT_ONCE),
    'STREAMS',
    'mystream',
    '>',
  );
  let text = '';
  let left = 2; // answers to XGROUP, then to XREADGROUP and XACK in turn
  socket.write(command('XGROUP', 'CREATE', 'mystream', group, '0') + read);
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
    if (left === 2 && text.startsWith('+OK\r\n')) {
      text = text.slice(5);
      left = 1;
    }
    if (left === 2) return;
    const ids = text.match(/\d{13}-\d+(?=\r\n)/g) ?? [];
    if (text === '*-1\r\n') {
      text = '';
      socket.write(command('XGROUP', 'SETID', 'mystream', group, '0') + read);
      left = 2;
    } else if (left === 1 && ids.length === READ_AT_ONCE && /v{32}\r\n$/.test(text)) {
      text = '';
      socket.write(command('XACK', 'mystream', group, ...ids) + read);
      left = 0;
      count(ids.length);
    } else if (left === 0 && /^:\d+\r\n/.test(text)) {
      text = text.replace(/^:\d+\r\n/, '');
      left = 1;
      socket.emit('data', Buffer.alloc(0));
    }
  });
}
