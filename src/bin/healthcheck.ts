// `--healthcheck`: whether a server with the same configuration answers, for images without a client.
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import type { Config } from '../config/config.ts';

const PATIENCE_MS = 3000;

/** Resolves if the server answers PING; rejects with the reason if it does not. */
export function checkHealth(config: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = open(config);
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

/** A connection to the plain port, else to the unix socket, else to the port for TLS. */
function open(config: Config): Socket {
  const port = config.number('port');
  const path = config.file('unixsocket');
  if (port !== 0) return connect({ port, host: hostOf(config) });
  return path.length > 0 || config.number('tls-port') === 0 ? connect({ path }) : openSecure(config);
}

/** It asks this very machine whether its own server answers, so whoever answers needs to prove nothing. */
function openSecure(config: Config): Socket {
  const own = config.file('tls-client-cert-file').length > 0 ? 'tls-client-' : 'tls-';
  const passphrase = config.string(`${own}key-file-pass`);
  return connectSecure({
    port: config.number('tls-port'),
    host: hostOf(config),
    cert: readFileSync(config.file(`${own}cert-file`)),
    key: readFileSync(config.file(`${own}key-file`)),
    ...(passphrase === '' ? {} : { passphrase }),
    rejectUnauthorized: false,
  });
}

function hostOf(config: Config): string {
  const host = (config.value('bind')[0] ?? '').replace(/^-/, '');
  return host === '' || host === '*' || host === '0.0.0.0' ? '127.0.0.1' : host === '::*' ? '::1' : host;
}

function request(config: Config): string {
  const password = config.string('requirepass');
  const login = password === '' ? '' : `*2\r\n$4\r\nAUTH\r\n$${password.length}\r\n${password}\r\n`;
  return `${login}PING\r\n`;
}
