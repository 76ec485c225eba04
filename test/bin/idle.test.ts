// Many connections that do nothing: each answers, and costs next to nothing.
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { descriptorsMax } from '../../src/server/descriptors.ts';
import { RespClient } from '../support/resp.ts';
import { freePort } from '../support/server.ts';
import { Program } from './process.ts';

const COUNT = Math.min(15_000, descriptorsMax() - 500);
const BATCH = 500;
const BYTES_EACH_MAX = 512;

/** Resident bytes of another process. */
function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))![1]) * 1024;
}

function open(port: number, localAddress: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, localAddress });
    socket.once('error', reject).once('connect', () => resolve(socket));
  });
}

function ping(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.once('data', (reply: Buffer) => resolve(String(reply)));
    socket.write('PING\r\n');
  });
}

it.runIf(process.platform === 'linux')(
  `serves ${COUNT} idle connections`,
  async () => {
    const port = await freePort();
    const program = new Program(['--port', String(port), '--maxclients', String(COUNT + 10)], {
      directory: tmpdir(),
    });
    const sockets: Socket[] = [];
    try {
      await program.ready();
      const client = await RespClient.connect({ port });
      // So that what the runtime compiles and collects meanwhile is not taken for the connections' memory.
      for (let i = 0; i < 200; i++) {
        client.write('PING\r\n'.repeat(500));
        await client.take(500);
      }
      const before = residentBytes(program.pid);
      for (let i = 0; i < COUNT; i += BATCH) {
        const address = `127.0.0.${2 + i / BATCH}`;
        const size = Math.min(BATCH, COUNT - i);
        sockets.push(...(await Promise.all(Array.from({ length: size }, () => open(port, address)))));
      }
      for (let i = 0; i < COUNT; i += BATCH) {
        const replies = await Promise.all(sockets.slice(i, i + BATCH).map(ping));
        expect(replies.filter((reply) => reply !== '+PONG\r\n')).toEqual([]);
      }
      const bytesEach = (residentBytes(program.pid) - before) / COUNT;
      console.log(`${COUNT} connections after a command each: ${bytesEach.toFixed(0)} bytes of RSS each`);
      expect(bytesEach).toBeLessThan(BYTES_EACH_MAX);
      expect(String(await client.call('INFO', 'clients'))).toContain(`connected_clients:${COUNT + 1}\r\n`);
      for (const socket of sockets) socket.destroy();
      const connected = async (): Promise<string> => String(await client.call('INFO', 'clients'));
      await expect.poll(connected, { timeout: 20_000 }).toContain('connected_clients:1\r\n');
      client.close();
    } finally {
      for (const socket of sockets) socket.destroy();
      program.kill('SIGKILL');
      await program.ended;
    }
  },
  120_000,
);
