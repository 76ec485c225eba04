// Programs with servers inside, run by embed_process.test.ts: `node --expose-gc embed_child.mjs <scenario>`.
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { createServer } from '../../dist/index.js';

const PAGE_BYTES = 4096;
const VALUE = 'v'.repeat(1_000_000);

/** What this process holds of the system. */
function holdings() {
  globalThis.gc();
  const [size, resident] = readFileSync('/proc/self/statm', 'latin1').split(' ');
  return {
    descriptors: readdirSync('/proc/self/fd').length,
    threads: readdirSync('/proc/self/task').length,
    addressBytes: size * PAGE_BYTES,
    residentBytes: resident * PAGE_BYTES,
    heapBytes: process.memoryUsage().heapUsed,
    bufferBytes: process.memoryUsage().arrayBuffers,
  };
}

/** Sends a request line and resolves with `bytes` bytes of answers. */
async function ask(port, request, bytes) {
  const socket = connect(port, '127.0.0.1');
  socket.write(request);
  let received = 0;
  for await (const chunk of socket) {
    received += chunk.length;
    if (received >= bytes) break;
  }
  socket.destroy();
  return received;
}

/** A server's whole life, with a value of a megabyte in it. */
async function live(options) {
  const server = await createServer(options);
  const request = `*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${VALUE.length}\r\n${VALUE}\r\nGET k\r\n`;
  const answerBytes = '+OK\r\n$1000000\r\n\r\n'.length + VALUE.length;
  if ((await ask(server.port, request, answerBytes)) !== answerBytes) throw new Error('wrong answer');
  await server.close();
}

const scenarios = {
  /** Ends although nobody closes its servers, one of which has a client. */
  async forgetful() {
    const count = () =>
      process.eventNames().map((event) => `${String(event)} ${process.listenerCount(event)}`);
    const before = count().join();
    await createServer({ ioThreads: 2 });
    const server = await createServer();
    await ask(server.port, 'PING\r\n', 7);
    console.log(count().join() === before ? 'no listeners' : count());
  },
  /** Stays until it is killed. */
  async faithful() {
    const { port } = await createServer({ keepAlive: true });
    console.log(port);
  },
  /** Goes on after a client has ended its server. */
  async survivor() {
    const server = await createServer();
    const socket = connect(server.port, '127.0.0.1');
    socket.write('SHUTDOWN\r\n');
    await Promise.all([once(server, 'close'), once(socket.resume(), 'close')]);
    console.log('still here');
  },
  /** Reports what it held after some lives of servers, and after many more. */
  async cycles() {
    const run = async (rounds) => {
      for (let i = 0; i < rounds; i++) await live({ ioThreads: i % 4 === 0 ? 2 : 1 });
    };
    await run(100);
    const before = holdings();
    await run(200);
    console.log(JSON.stringify({ before, after: holdings() }));
  },
  /** Servers in threads, which end in every way there is. */
  async threads() {
    const own = await createServer();
    const ends = ['close', 'exit', 'terminate'];
    for (let round = 0; round < 3; round++) {
      const workers = ends.map(
        (end) => new Worker(fileURLToPath(import.meta.url), { workerData: ['', '', end] }),
      );
      const ports = (await Promise.all(workers.map((worker) => once(worker, 'message')))).flat();
      for (const port of ports) await ask(port, 'SET key value\r\nGET key\r\n', 16);
      const exits = workers.map((worker) => once(worker, 'exit'));
      for (const [i, worker] of workers.entries()) {
        if (ends[i] === 'terminate') worker.terminate();
        else worker.postMessage('end');
      }
      await Promise.all(exits);
    }
    console.log(await ask(own.port, 'EXISTS key\r\n', 4));
  },
  close: () => inThread((server) => server.close()),
  exit: () => inThread(() => process.exit()),
  terminate: () => inThread(() => {}),
};

async function inThread(end) {
  const server = await createServer({ ioThreads: 2 });
  parentPort.once('message', () => end(server));
  parentPort.postMessage(server.port);
}

const [, , scenario] = isMainThread ? process.argv : workerData;
await scenarios[scenario]();
