// A RESP2/RESP3 client for tests that keeps replies as the bytes the server sent; decoding is a separate step.
import { connect, type Socket } from 'node:net';

export type Argument = string | number | Uint8Array;
export type Address = { port: number; host?: string } | { path: string };

/** An error reply, decoded: code and text as sent, without the `-` or `!` in front. */
export class ReplyError {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Reply = string | number | bigint | boolean | null | ReplyError | Reply[] | Map<Reply, Reply>;

/** For a reply, or the end of a connection: it ends only what hangs. */
const PATIENCE_MS = 120_000;
const CR = 13;
const MINUS = 45;

const kind = (char: string): number => char.charCodeAt(0);
const LINE_KINDS = new Set(['+', '-', ':', '_', ',', '#', '('].map(kind));
const BULK_KINDS = new Set(['$', '!', '='].map(kind));
const LIST_KINDS = new Set(['*', '~', '>'].map(kind));
const MAP = kind('%');
const ATTRIBUTE = kind('|');
const PUSH = kind('>');

/** Reads the decimal number at `at`, which ends at `end`. */
function decimal(bytes: Uint8Array, at: number, end: number): number {
  const negative = bytes[at] === MINUS;
  let value = 0;
  for (let i = negative ? at + 1 : at; i < end; i++) value = value * 10 + (bytes[i]! - 48);
  return negative ? -value : value;
}

/**
 * End of the reply that starts at `start`, or -1 when `bytes` do not hold all of it. An attribute belongs to the
 * reply after it.
 */
export function replyEnd(bytes: Buffer, start: number): number {
  let pending = 1;
  let at = start;
  while (pending > 0) {
    const eol = bytes.indexOf(CR, at);
    if (eol < 0 || eol + 2 > bytes.length) return -1;
    const type = bytes[at]!;
    const count = LINE_KINDS.has(type) ? 0 : decimal(bytes, at + 1, eol);
    at = eol + 2;
    if (BULK_KINDS.has(type)) at += count < 0 ? 0 : count + 2;
    else if (LIST_KINDS.has(type)) pending += Math.max(count, 0);
    else if (type === MAP) pending += 2 * count;
    else if (type === ATTRIBUTE) pending += 2 * count + 1;
    else if (!LINE_KINDS.has(type))
      throw new Error(`not a reply: ${bytes.toString('latin1', start, start + 60)}`);
    if (at > bytes.length) return -1;
    pending--;
  }
  return at;
}

class Decoder {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  next(): Reply {
    const eol = this.#bytes.indexOf(CR, this.#at);
    const type = String.fromCharCode(this.#bytes[this.#at]!);
    const line = this.#bytes.toString('latin1', this.#at + 1, eol);
    this.#at = eol + 2;
    switch (type) {
      case '+':
        return line;
      case '-':
        return new ReplyError(line);
      case ':':
        return Number.isSafeInteger(Number(line)) ? Number(line) : BigInt(line);
      case '(':
        return BigInt(line);
      case ',':
        return line === 'inf' ? Infinity : line === '-inf' ? -Infinity : Number(line);
      case '#':
        return line === 't';
      case '_':
        return null;
      default:
        return this.#sized(type, Number(line));
    }
  }

  #sized(type: string, count: number): Reply {
    if (count < 0) return null;
    if (type === '%') return new Map(this.#items(2 * count, true) as [Reply, Reply][]);
    if (type === '|') {
      this.#items(2 * count, false);
      return this.next();
    }
    if (type === '*' || type === '~' || type === '>') return this.#items(count, false) as Reply[];
    const text = this.#bytes.toString('latin1', this.#at, this.#at + count);
    this.#at += count + 2;
    if (type === '!') return new ReplyError(text);
    return type === '=' ? text.slice(4) : text;
  }

  #items(count: number, paired: boolean): (Reply | [Reply, Reply])[] {
    const items: (Reply | [Reply, Reply])[] = [];
    for (let i = 0; i < count; i += paired ? 2 : 1)
      items.push(paired ? [this.next(), this.next()] : this.next());
    return items;
  }
}

/** The value of one whole reply; strings are latin1, one character a byte. */
export function decodeReply(bytes: Buffer): Reply {
  return new Decoder(bytes).next();
}

/** A command as an array of bulk strings. Strings are sent as latin1, one byte a character. */
export function encodeCommand(args: readonly Argument[]): Buffer {
  const parts: Uint8Array[] = [Buffer.from(`*${args.length}\r\n`)];
  for (const arg of args) {
    const bytes = arg instanceof Uint8Array ? arg : Buffer.from(String(arg), 'latin1');
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'));
  }
  return Buffer.concat(parts);
}

interface Waiter {
  count: number;
  resolve: (replies: Buffer[]) => void;
  reject: (error: Error) => void;
}

/** One connection. Replies arrive in order; pushes of RESP3 are kept apart, in `pushes`. */
export class RespClient {
  readonly pushes: Buffer[] = [];
  readonly #socket: Socket;
  readonly #replies: Buffer[] = [];
  #rest: Buffer = Buffer.alloc(0);
  #waiter: Waiter | undefined;
  #closed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', () => this.#end());
    socket.on('close', () => this.#end());
  }

  static connect(address: Address): Promise<RespClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({
        noDelay: true,
        ...('path' in address ? address : { host: '127.0.0.1', ...address }),
      });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new RespClient(socket));
      });
    });
  }

  /** A client on a connection that is open already. */
  static over(socket: Socket): RespClient {
    return new RespClient(socket);
  }

  /** Replies that have come and nobody has taken. */
  get available(): number {
    return this.#replies.length;
  }

  /** True once the server closed the connection, or `close` was called. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Sends bytes as they are. */
  write(bytes: string | Uint8Array): void {
    this.#socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** The next `count` replies as raw bytes; rejects when the connection ends or `timeoutMs` pass before that. */
  take(count: number, timeoutMs = PATIENCE_MS): Promise<Buffer[]> {
    if (this.#waiter) throw new Error('two readers on one connection');
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiter = undefined;
        reject(new Error(`${this.#replies.length} of ${count} replies after ${timeoutMs} ms`));
      }, timeoutMs);
      const stop =
        <T>(then: (value: T) => void) =>
        (value: T) => {
          clearTimeout(timer);
          this.#waiter = undefined;
          then(value);
        };
      this.#waiter = { count, resolve: stop(resolve), reject: stop(reject) };
      this.#serve();
    });
  }

  /** Sends one command; its reply as raw bytes. */
  async raw(...args: Argument[]): Promise<Buffer> {
    this.write(encodeCommand(args));
    return (await this.take(1))[0]!;
  }

  /** Sends one command; its reply decoded. An error reply is a value, not a rejection. */
  async call(...args: Argument[]): Promise<Reply> {
    return decodeReply(await this.raw(...args));
  }

  /** Ends our side and collects everything the server still sends until it closes. */
  finish(timeoutMs = PATIENCE_MS): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.close();
        reject(new Error(`connection still open after ${timeoutMs} ms`));
      }, timeoutMs);
      const done = (): void => {
        clearTimeout(timer);
        resolve(Buffer.concat([...this.#replies, this.#rest]));
      };
      if (this.#closed) return done();
      this.#socket.once('close', done);
      this.#socket.end();
    });
  }

  close(): void {
    this.#closed = true;
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    for (let end = replyEnd(bytes, 0); end >= 0; end = at < bytes.length ? replyEnd(bytes, at) : -1) {
      (bytes[at] === PUSH ? this.pushes : this.#replies).push(bytes.subarray(at, end));
      at = end;
    }
    this.#rest = bytes.subarray(at);
    this.#serve();
  }

  #serve(): void {
    const waiter = this.#waiter;
    if (!waiter) return;
    if (this.#replies.length >= waiter.count) waiter.resolve(this.#replies.splice(0, waiter.count));
    else if (this.#closed)
      waiter.reject(new Error(`closed after ${this.#replies.length} of ${waiter.count} replies`));
  }

  #end(): void {
    this.#closed = true;
    this.#serve();
  }
}
