// `--healthcheck`: whether a server with the same configuration answers, for images without a client.
import { connect } from 'node:net';
import type { Config } from '../config/config.ts';

const PATIENCE_MS = 3000;

/** Resolves if the server answers PING; rejects with the reason if it does not. */
export function checkHealth(config: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(addressOf(config));
    let reply = '';
    const fail = (reason: string): void => {
      socket.destroy();
      reject(new Error(reason));
    };
    socket.setTimeout(PATIENCE_MS, () => fail(`no answer within ${PATIENCE_MS} ms`));
    socket.on('error', (error) => fail(error.message));
    socket.on('close', () => fail('the connection was closed'));
    socket.on('data', (chunk) => {
      reply += chunk.toString('latin1');
      const last = reply.split('\r\n').at(-2) ?? '';
      if (last.startsWith('-')) fail(last.slice(1));
      if (last !== '+PONG') return;
      socket.destroy();
      resolve();
    });
    socket.write(request(config), 'latin1');
  });
}

function addressOf(config: Config): { path: string } | { host: string; port: number } {
  const port = config.number('port');
  if (port === 0) return { path: config.file('unixsocket') };
  const host = (config.value('bind')[0] ?? '').replace(/^-/, '');
  return {
    port,
    host: host === '' || host === '*' || host === '0.0.0.0' ? '127.0.0.1' : host === '::*' ? '::1' : host,
  };
}

function request(config: Config): string {
  const password = config.string('requirepass');
  const login = password === '' ? '' : `*2\r\n$4\r\nAUTH\r\n$${password.length}\r\n${password}\r\n`;
  return `${login}PING\r\n`;
}
