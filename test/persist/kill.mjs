// Kills a server again and again while clients write, with `appendfsync always`: whatever was acknowledged must be there after
// the next start, nothing may be there that was never sent, and transactions are there as a whole or not at all.
//
//   node test/persist/kill.mjs [--cycles 10] [--seed 1] [--io-threads 1]
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    cycles: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    'io-threads': { type: 'string', default: '1' },
  },
});
const WRITERS = 8;
const PROGRAM = resolve(import.meta.dirname, '../../dist/millrace.js');
const dir = mkdtempSync(join(tmpdir(), 'millrace-kill-'));
const path = join(dir, 'server.sock');
let state = Number(values.seed);

/** A number below `limit`, the same for the same seed. */
function below(limit) {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  return (state >>> 8) % limit;
}

function start() {
  const settings = { port: 0, unixsocket: path, dir, appendonly: 'yes', appendfsync: 'always', save: '' };
  settings['auto-aof-rewrite-min-size'] = '20kb';
  settings['io-threads'] = values['io-threads'];
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let log = '';
  child.stdout.on('data', (chunk) => {
    log += chunk;
  });
  child.ended = new Promise((done) => child.once('exit', done));
  child.log = () => log;
  return child;
}

function open() {
  return new Promise((found, failed) => {
    const socket = connect(path, () => found(socket));
    socket.setMaxListeners(0);
    socket.once('error', failed);
  });
}

async function opened(server) {
  for (let tries = 0; tries < 500; tries++) {
    try {
      const socket = await open();
      if ((await ask(socket, 'PING')).startsWith('+PONG')) return socket;
      socket.destroy();
    } catch {
      // Not yet.
    }
    if (server.exitCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`the server did not start:\n${server.log()}`);
}

function ask(socket, line) {
  return new Promise((found, failed) => {
    let text = '';
    const collect = (chunk) => {
      text += chunk.toString('latin1');
      if (!isWhole(text)) return;
      socket.off('data', collect);
      found(text);
    };
    socket.on('data', collect);
    socket.once('close', () => failed(new Error('closed')));
    socket.write(`${line}\r\n`);
  });
}

/** Whether an answer of one level is complete. */
function isWhole(text) {
  const end = text.indexOf('\r\n');
  if (end < 0) return false;
  if (text[0] !== '*') return text[0] !== '$' || text === '$-1\r\n' || text.split('\r\n').length > 2;
  return text.split('\r\n').length - 2 >= 2 * Number(text.slice(1, end));
}

/** What each writer has sent, and what of that was acknowledged: numbers from 0 on. */
const sent = new Array(WRITERS).fill(0);
const acknowledged = new Array(WRITERS).fill(0);

/** Each number goes to two lists at once, in a transaction. */
async function write(writer) {
  const socket = await open();
  socket.on('error', () => {});
  try {
    for (;;) {
      const number = sent[writer]++;
      const unit = ['MULTI', `RPUSH a${writer} ${number}`, `SADD b${writer} ${number}`, 'EXEC'].join('\r\n');
      const answer = await exec(socket, unit);
      if (!answer) return;
      acknowledged[writer] = number + 1;
    }
  } finally {
    socket.destroy();
  }
}

/** Sends a transaction of two commands; false if the connection ends before it is acknowledged. */
function exec(socket, unit) {
  return new Promise((done) => {
    let text = '';
    socket.removeAllListeners('data');
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (/\*2\r\n:\d+\r\n:1\r\n$/.test(text)) done(true);
      else if (text.includes('-')) done(false);
    });
    socket.once('close', () => done(false));
    socket.write(`${unit}\r\n`);
  });
}

function numbersOf(answer) {
  return answer
    .split('\r\n')
    .filter((word) => /^\d+$/.test(word))
    .map(Number);
}

async function check(socket) {
  let faults = 0;
  for (let writer = 0; writer < WRITERS; writer++) {
    const list = numbersOf(await ask(socket, `LRANGE a${writer} 0 -1`));
    const set = new Set(numbersOf(await ask(socket, `SMEMBERS b${writer}`)));
    const known = new Set(list);
    for (let number = 0; number < acknowledged[writer]; number++) if (!known.has(number)) faults++;
    if (list.some((number) => number >= sent[writer])) faults++;
    if (known.size !== list.length || set.size !== known.size) faults++;
    // What was sent and not acknowledged is one of both: the next number is a new one.
    await ask(socket, `DEL a${writer}`);
    await ask(socket, `DEL b${writer}`);
    sent[writer] = 0;
    acknowledged[writer] = 0;
  }
  return faults;
}

let failed = 0;
let total = 0;
try {
  for (let cycle = 0; cycle < Number(values.cycles); cycle++) {
    let server = start();
    (await opened(server)).destroy();
    const writers = Array.from({ length: WRITERS }, (_, writer) => write(writer));
    await new Promise((resolve) => setTimeout(resolve, 50 + below(300)));
    server.kill('SIGKILL');
    await server.ended;
    await Promise.all(writers);
    total += acknowledged.reduce((sum, count) => sum + count, 0);
    server = start();
    const socket = await opened(server);
    if ((await check(socket)) > 0) failed++;
    socket.destroy();
    server.kill(below(2) === 0 ? 'SIGTERM' : 'SIGKILL');
    await server.ended;
  }
} finally {
  rmSync(dir, { recursive: true, force: true });
}
console.log(`seed ${values.seed}: ${total} transactions were acknowledged before the kills`);
console.log(`${Number(values.cycles) - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
