// A small server for the tests of the load generator: the few commands that it sends, and faults on demand.

import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';

export interface RespServerOptions {
  /** Replies leave in pieces of so many bytes, each in a packet of its own. */
  pieceBytes?: number;
  /** The reply to any other command than those below. */
  any?: string;
  /** What replaces the reply to the n-th command (from 1). */
  fault?: { at: number; reply: string };
}

export interface RespServer extends AsyncDisposable {
  readonly port: number;
  readonly commands: readonly (readonly string[])[];
}

export async function startRespServer(options: RespServerOptions = {}): Promise<RespServer> {
  const data = new Map<string, string>();
  const commands: string[][] = [];
  const sockets = new Set<Socket>();
  const answer = (command: string[]): string => {
    commands.push(command);
    if (options.fault?.at === commands.length) return options.fault.reply;
    return run(data, command) ?? options.any ?? `-ERR unknown command '${command[0]}'\r\n`;
  };
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    let unread = '';
    let sending = Promise.resolve();
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      const { parsed, rest } = parse(unread + chunk.toString('latin1'));
      unread = rest;
      const replies = parsed.map(answer).join('');
      sending = sending.then(() => send(socket, replies, options.pieceBytes ?? replies.length));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    commands,
    [Symbol.asyncDispose]: () => close(server, sockets),
  };
}

async function send(socket: Socket, text: string, pieceBytes: number): Promise<void> {
  for (let from = 0; from < text.length; from += pieceBytes) {
    await new Promise((resolve) => socket.write(text.slice(from, from + pieceBytes), 'latin1', resolve));
  }
}

function close(server: Server, sockets: Set<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy();
  return new Promise((resolve) => server.close(() => resolve()));
}

function run(data: Map<string, string>, [name, ...args]: string[]): string | undefined {
  switch (name) {
    case 'PING':
      return '+PONG\r\n';
    case 'GET': {
      const value = data.get(args[0]!);
      return value === undefined ? '$-1\r\n' : `$${value.length}\r\n${value}\r\n`;
    }
    case 'INCR': {
      const value = Number(data.get(args[0]!) ?? 0) + 1;
      data.set(args[0]!, String(value));
      return `:${value}\r\n`;
    }
    case 'SET':
    case 'MSET':
      for (let i = 0; i < args.length; i += 2) data.set(args[i]!, args[i + 1]!);
      return '+OK\r\n';
  }
  return undefined;
}

function parse(text: string): { parsed: string[][]; rest: string } {
  const parsed: string[][] = [];
  let at = 0;
  while (at < text.length) {
    const command = text[at] === '*' ? parseArray(text, at) : parseInline(text, at);
    if (command === undefined) break;
    parsed.push(command.words);
    at = command.end;
  }
  return { parsed, rest: text.slice(at) };
}

function parseInline(text: string, at: number): { words: string[]; end: number } | undefined {
  const end = text.indexOf('\r\n', at);
  return end < 0 ? undefined : { words: text.slice(at, end).split(' '), end: end + 2 };
}

function parseArray(text: string, at: number): { words: string[]; end: number } | undefined {
  const words: string[] = [];
  let lineEnd = text.indexOf('\r\n', at);
  const count = Number(text.slice(at + 1, lineEnd));
  while (words.length < count && lineEnd >= 0) {
    const next = text.indexOf('\r\n', lineEnd + 2);
    const from = next + 2;
    const bytes = Number(text.slice(lineEnd + 3, next));
    if (next < 0 || text.length < from + bytes + 2) return undefined;
    words.push(text.slice(from, from + bytes));
    lineEnd = from + bytes;
  }
  return lineEnd < 0 ? undefined : { words, end: lineEnd + 2 };
}
