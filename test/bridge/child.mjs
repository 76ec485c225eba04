// Scenarios that need a process of their own, run by process.test.ts: `node child.mjs <addon> <scenario> [I/O threads]`.

import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const [, , addonFile, scenario, ioThreads = '1'] = isMainThread ? process.argv : workerData;
const addon = createRequire(import.meta.url)(addonFile);

/** A reactor that marks every record as done and answers nothing. */
function startReactor() {
  const reactor = new addon.Reactor(
    { ioThreads: Number(ioThreads), hashKey0: 1, hashKey1: 2, memory: new addon.Memory(1, 1) },
    () => reactor.lanes.forEach(discardRecords),
  );
  reactor.setCommands([], new Int32Array(0), new Int32Array(0));
  const port = reactor.listenTcp('127.0.0.1', 0, 511);
  reactor.start();
  return { reactor, port };
}

function discardRecords(lane) {
  const ctl = new Int32Array(lane.ctl);
  const desc = new Int32Array(lane.desc);
  const head = Atomics.load(ctl, 0);
  let reqTail = ctl[32];
  let tail = ctl[16];
  while (tail !== head) {
    const at = (tail >>> 0) & (desc.length - 1);
    if (desc[at] >>> 24 !== 0) reqTail = desc[at + 6];
    tail = (tail + (desc[at] & 0xffffff)) | 0;
  }
  Atomics.store(ctl, 32, reqTail);
  Atomics.store(ctl, 16, tail);
}

function flood(port) {
  const socket = connect(port, '127.0.0.1');
  const line = 'nothing\r\n'.repeat(10_000);
  const write = () => {
    while (!socket.destroyed && socket.write(line));
  };
  socket
    .on('drain', write)
    .on('error', () => {})
    .on('connect', write);
  return socket;
}

const once = (emitter, event) => new Promise((resolve) => emitter.once(event, resolve));

const scenarios = {
  /** Ends by itself although nobody stops the reactor. */
  unref() {
    startReactor().reactor.unref();
  },
  /** Ends once the reactor is stopped. */
  async stop() {
    const { reactor, port } = startReactor();
    const socket = flood(port);
    await once(socket, 'drain');
    reactor.stop();
  },
  /** Leaves in the middle of everything. */
  async exit() {
    const { port } = startReactor();
    await once(flood(port), 'drain');
    process.exit(0);
  },
  /** Reactors in threads that are terminated while they are flooded. */
  async workers() {
    for (let round = 0; round < 8; round++) {
      const worker = new Worker(fileURLToPath(import.meta.url), {
        workerData: ['', '', addonFile, 'worker', ioThreads],
      });
      const port = await once(worker, 'message');
      const sockets = [flood(port), flood(port)];
      await Promise.all(sockets.map((socket) => once(socket, 'drain')));
      await worker.terminate();
      for (const socket of sockets) socket.destroy();
    }
  },
  worker() {
    parentPort.postMessage(startReactor().port);
  },
  /** Threads that end while their reactors are being stopped. */
  async stopping() {
    for (let round = 0; round < 8; round++) {
      const worker = new Worker(fileURLToPath(import.meta.url), {
        workerData: ['', '', addonFile, 'stoppingWorker', ioThreads],
      });
      await once(worker, 'exit');
    }
  },
  stoppingWorker() {
    startReactor().reactor.stop();
    process.exit();
  },
  /** Many, forgotten without being stopped or even started. */
  async garbage() {
    for (let round = 0; round < 50; round++) {
      const { reactor } = startReactor();
      reactor.stop();
      new addon.Reactor({ hashKey0: 1, hashKey1: 2, memory: new addon.Memory(1, 1) }, () => {});
      await new Promise((resolve) => setImmediate(resolve));
      globalThis.gc();
    }
  },
  /** Serves until its standard input ends; prints its counters and the CPU time it used. */
  async serve() {
    const { reactor, port } = startReactor();
    console.log(port);
    const before = process.cpuUsage();
    process.stdin.resume();
    await once(process.stdin, 'end');
    const counters = new Float64Array(32);
    reactor.counters(counters);
    const { user, system } = process.cpuUsage(before);
    console.log(JSON.stringify({ counters: [...counters], cpuMs: (user + system) / 1000 }));
    reactor.stop();
  },
};

await scenarios[scenario]();
