// Every state of a connection × every way it can die, on real sockets: what dies is gone completely, and nobody else
// notices. `node .ci/native.mjs asan|tsan` runs the same on a sanitized server; MILLRACE_COPIES says how many of each.
import { afterAll, beforeAll, describe, it } from 'vitest';
import { seededRandom } from '../support/seed.ts';
import { chosenStates, Ground, type GroundOptions } from './ground.ts';
import { WAYS } from './ways.ts';

const COPIES = Number(process.env.MILLRACE_COPIES ?? 1);

const grounds: readonly (readonly [string, GroundOptions])[] = [
  ['one I/O thread', { ioThreads: 1, tls: false }],
  ['two I/O threads', { ioThreads: 2, tls: false }],
  ['TLS, one I/O thread', { ioThreads: 1, tls: true }],
  ['TLS, three I/O threads', { ioThreads: 3, tls: true }],
];

describe.each(grounds)('%s', (_, options) => {
  const random = seededRandom('kills');
  let ground: Ground;

  beforeAll(async () => {
    ground = await Ground.open(options, random);
  });

  afterAll(() => ground.close());

  it.each(WAYS)('$name', (way) => ground.kill(way, chosenStates, COPIES));

  it.each(['SIGTERM', 'SHUTDOWN'] as const)('the server goes: %s', async (how) => {
    const last = await Ground.open(options, random);
    await last.shutDown(how, chosenStates, COPIES);
    await last.close();
  });
});
