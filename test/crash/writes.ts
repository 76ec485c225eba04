// Random writes to few keys of every type, times to live and transactions among them.
import type { Random } from '../../src/base/random.ts';

export type Words = readonly string[];

/** Texts shorter than a sector of a disk, so that one that is missing shows. */
const LONG_BYTES = 400;

export class Writes {
  readonly #random: Random;
  readonly #nowMs: () => number;
  #counter = 0;

  constructor(random: Random, nowMs: () => number) {
    this.#random = random;
    this.#nowMs = nowMs;
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#random.below(list.length)]!;
  }

  #key(type: string): string {
    return `${type}${this.#random.below(3)}`;
  }

  #text(): string {
    const { below } = { below: (bound: number) => this.#random.below(bound) };
    if (below(20) === 0) return 'v'.repeat(1 + below(LONG_BYTES));
    return below(3) === 0 ? String(below(1000)) : `w${this.#counter++}\r\n`.slice(0, 1 + below(8));
  }

  /** One of few words, so that it is met again. */
  #word(): string {
    return `e${this.#random.below(12)}`;
  }

  #words(make: () => readonly string[]): string[] {
    return Array.from({ length: 1 + this.#random.below(3) }, make).flat();
  }

  #number(): string {
    return String(this.#random.below(200) - 100);
  }

  #seconds(): string {
    return String(1 + this.#random.below(4));
  }

  #ms(): string {
    return String(1 + this.#random.below(3000));
  }

  #atMs(): string {
    return String(this.#nowMs() + this.#random.below(4000) - 500);
  }

  /** A command, or a whole transaction. */
  next(): Words[] {
    const random = this.#random;
    if (random.below(6) > 0) return [this.one()];
    const inner = Array.from({ length: 1 + random.below(4) }, () => this.one());
    return [['MULTI'], ...inner, ['EXEC']];
  }

  one(): Words {
    return this.#pick([
      this.#string,
      this.#string,
      this.#list,
      this.#list,
      this.#set,
      this.#sorted,
      this.#hash,
      this.#hash,
      this.#stream,
      this.#time,
      this.#other,
    ]).call(this);
  }

  #string(): Words {
    const key = this.#key('s');
    return this.#pick<() => Words>([
      () => ['SET', key, this.#text()],
      () => ['SET', key, this.#text(), 'PX', this.#ms()],
      () => ['SET', key, this.#text(), 'KEEPTTL', 'GET'],
      () => ['GETEX', key, 'PX', this.#ms()],
      () => ['GETDEL', key],
      () => ['APPEND', key, this.#text()],
      () => ['SETRANGE', key, this.#pick(['0', '3', '30']), this.#text()],
      () => ['INCR', 'n0'],
      () => ['INCRBYFLOAT', 'n1', '1.25'],
      () => ['MSET', 's0', this.#text(), 's1', this.#text()],
      () => ['SETBIT', 'b0', String(this.#random.below(200)), '1'],
      () => ['BITFIELD', 'b0', 'INCRBY', 'u8', '#1', '7'],
      () => ['PFADD', 'p0', this.#word()],
      () => ['GET', key],
    ])();
  }

  #list(): Words {
    const key = this.#key('l');
    return this.#pick<() => Words>([
      () => ['RPUSH', key, ...this.#words(() => [this.#text()])],
      () => ['LPUSH', key, this.#word()],
      () => ['RPUSH', key, this.#word()],
      () => ['LPOP', key],
      () => ['RPOP', key, '2'],
      () => ['LMOVE', key, this.#key('l'), 'LEFT', 'RIGHT'],
      () => ['LSET', key, '0', this.#text()],
      () => ['LINSERT', key, 'BEFORE', this.#word(), this.#text()],
      () => ['LREM', key, '0', this.#word()],
      () => ['LTRIM', key, '-6', '-1'],
    ])();
  }

  #set(): Words {
    const key = this.#key('t');
    return this.#pick<() => Words>([
      () => ['SADD', key, ...this.#words(() => [this.#number()])],
      () => ['SADD', key, ...this.#words(() => [this.#word()])],
      () => ['SREM', key, this.#word()],
      () => ['SPOP', key, this.#pick(['1', '2', '100'])],
      () => ['SMOVE', key, this.#key('t'), this.#word()],
      () => ['SUNIONSTORE', key, this.#key('t'), this.#key('t')],
    ])();
  }

  #sorted(): Words {
    const key = this.#key('z');
    return this.#pick<() => Words>([
      () => ['ZADD', key, ...this.#words(() => [this.#number(), this.#word()])],
      () => ['ZINCRBY', key, '0.1', this.#word()],
      () => ['ZPOPMIN', key],
      () => ['ZREMRANGEBYRANK', key, '0', '0'],
      () => ['ZUNIONSTORE', key, '2', this.#key('z'), this.#key('z')],
      () => ['ZRANGESTORE', key, this.#key('z'), '0', '3'],
      () => ['GEOADD', 'g0', '13.4', '52.5', this.#word()],
    ])();
  }

  #hash(): Words {
    const key = this.#key('h');
    return this.#pick<() => Words>([
      () => ['HSET', key, ...this.#words(() => [this.#word(), this.#text()])],
      () => ['HDEL', key, this.#word()],
      () => ['HINCRBYFLOAT', key, 'n', '0.5'],
      () => ['HPEXPIRE', key, this.#ms(), 'FIELDS', '2', this.#word(), this.#word()],
      () => ['HPEXPIREAT', key, this.#atMs(), 'FIELDS', '1', this.#word()],
      () => ['HPERSIST', key, 'FIELDS', '1', this.#word()],
      () => ['HGETEX', key, 'PX', this.#ms(), 'FIELDS', '1', this.#word()],
      () => ['HSETEX', key, 'PX', this.#ms(), 'FIELDS', '1', this.#word(), this.#text()],
      () => ['HGETDEL', key, 'FIELDS', '1', this.#word()],
    ])();
  }

  #stream(): Words {
    const key = this.#random.below(2) === 0 ? 'x0' : 'x1';
    return this.#pick<() => Words>([
      () => ['XADD', key, '*', 'f', this.#text()],
      () => ['XADD', key, 'MAXLEN', '~', '10', '*', 'f', this.#text(), 'g', this.#word()],
      () => ['XADD', key, '*', 'f', this.#text()],
      () => ['XTRIM', key, 'MAXLEN', '5'],
      () => ['XGROUP', 'CREATE', key, 'g', '0', 'MKSTREAM'],
      () => ['XREADGROUP', 'GROUP', 'g', this.#pick(['c', 'd']), 'COUNT', '2', 'STREAMS', key, '>'],
      () => ['XAUTOCLAIM', key, 'g', 'e', '0', '0', 'COUNT', '1'],
      () => ['XGROUP', 'SETID', key, 'g', '0'],
    ])();
  }

  #time(): Words {
    const key = this.#key(this.#pick(['s', 'l', 't', 'z', 'h']));
    return this.#pick<() => Words>([
      () => ['EXPIRE', key, this.#seconds()],
      () => ['PEXPIRE', key, this.#ms(), 'NX'],
      () => ['PEXPIREAT', key, this.#atMs()],
      () => ['PERSIST', key],
      () => ['EXISTS', 's0', 's1', 's2', 'h0', 'h1'],
      () => ['HGETALL', this.#key('h')],
    ])();
  }

  #other(): Words {
    const random = this.#random;
    return this.#pick<() => Words>([
      () => ['DEL', this.#key('s'), this.#key('l')],
      () => ['UNLINK', this.#key('h')],
      () => ['RENAME', this.#key('s'), this.#key('s')],
      () => ['COPY', this.#key('z'), this.#key('z'), 'REPLACE'],
      () => ['SORT', this.#key('l'), 'ALPHA', 'STORE', 'l0'],
      () => ['MOVE', this.#key('t'), '1'],
      () => ['SELECT', String(random.below(3))],
      () => (random.below(4) === 0 ? ['FLUSHDB'] : ['PING']),
      () => (random.below(4) === 0 ? ['SWAPDB', '0', '1'] : ['PING']),
      () => ['BITOP', 'OR', 's2', 's0', 'b0'],
    ])();
  }
}
