// In how many pieces a client that tracks keys hears of what it changes itself.
import { connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { startServer } from '../support/server.ts';

/** What a connection receives in one piece after sending `line`. */
function firstPiece(socket: Socket, line: string): Promise<string> {
  return new Promise((resolve) => {
    socket.once('data', (bytes) => resolve(bytes.toString('latin1')));
    socket.write(`${line}\r\n`);
  });
}

describe.each([
  ['ON', '1'],
  ['ON', '2'],
  ['ON BCAST', '1'],
])('a client that tracks (%s, %s I/O threads)', (mode, threads) => {
  it('hears of its own change together with the reply', async () => {
    const server = await startServer({ args: ['--io-threads', threads] });
    const socket = connect(server.port, '127.0.0.1').setNoDelay(true);
    await firstPiece(socket, 'HELLO 3');
    expect(await firstPiece(socket, `CLIENT TRACKING ${mode}`)).toBe('+OK\r\n');
    for (let i = 0; i < 50; i++) {
      await firstPiece(socket, 'GET k');
      expect(await firstPiece(socket, 'SET k v')).toBe('+OK\r\n>2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n');
    }
    socket.destroy();
    await server.stop();
  });
});
