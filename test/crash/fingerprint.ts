// A number for all that a keyspace holds, quickly made: keys, values, times to live, whatever the order where there is none and
// however values are encoded. What has expired and is still there counts.
import type { Ref } from '../../src/arena/arena.ts';
import { KeyHash } from '../../src/base/keyhash.ts';
import { TYPE_HASH, TYPE_LIST, TYPE_SET, TYPE_STRING, TYPE_ZSET } from '../../src/structs/entry.ts';
import type { Engine } from '../support/engine.ts';

const FIRST = new KeyHash(1, 2);
const SECOND = new KeyHash(3, 4);
const LOW_BITS = 0x1fffff;
const FOREVER_MS = Number.NEGATIVE_INFINITY;
/** Of a stream's description: how it stands in memory, and when somebody was there. */
const PASSING = /\["radix-tree-(keys|nodes)",\d+|"(seen|active)-time",-?\d+|"radix-tree-(keys|nodes)",\d+/g;

/** A number of 64 bits that grows with what is added to it. */
class Mix {
  a = 0;
  b = 0;

  /** Changes it by two numbers, and by the order of such changes. */
  numbers(a: number, b: number): void {
    this.a = (Math.imul(this.a ^ a, 0x9e3779b1) << 7) ^ (Math.imul(this.a ^ a, 0x85ebca6b) >>> 9);
    this.b = (Math.imul(this.b ^ b, 0xc2b2ae35) << 11) ^ (Math.imul(this.b ^ b, 0x27d4eb2f) >>> 5);
  }

  bytes(bytes: Uint8Array, at: number, length: number): void {
    this.numbers(FIRST.hash(bytes, at, length), SECOND.hash(bytes, at, length));
  }

  /** Changes it by another one, whatever the order. */
  sum(other: Mix): void {
    this.a = (this.a + Math.imul(other.a ^ 0x2545f491, 0x165667b1)) | 0;
    this.b = (this.b + Math.imul(other.b ^ 0x5bd1e995, 0x1b873593)) | 0;
  }

  get value(): number {
    return (this.a >>> 0) * 2 ** 21 + (this.b & LOW_BITS);
  }
}

/** Of all databases. Changes nothing. */
export function fingerprint(engine: Engine): number {
  const { keyspace } = engine.server;
  const all = new Mix();
  const streams: [number, string][] = [];
  keyspace.stopExpiry(true);
  for (let index = 0; index < keyspace.databaseCount; index++) {
    const db = keyspace.db(index);
    let cursor = 0;
    if (db.size === 0) continue;
    do cursor = db.walk(cursor, (ref) => all.sum(mixKey(engine, index, ref, streams)));
    while (cursor !== 0);
  }
  for (const [index, key] of streams) all.sum(mixStream(engine, index, key));
  keyspace.stopExpiry(false);
  return all.value;
}

function mixKey(engine: Engine, index: number, ref: Ref, streams: [number, string][]): Mix {
  const { entries, strings } = engine.server.keyspace;
  const one = new Mix();
  const type = entries.type(ref);
  one.numbers(index, type);
  const at = entries.keyAt(ref);
  const key = entries.view(ref).subarray(at, at + entries.keyBytes(ref));
  one.bytes(key, 0, key.length);
  if (entries.hasExpiry(ref)) one.numbers(entries.expiryLow(ref), entries.expiryHigh(ref));
  if (type === TYPE_STRING) {
    const value = strings.view(ref);
    one.bytes(value, 0, value.length);
  } else if (type === TYPE_LIST || type === TYPE_SET) {
    mixElements(one, engine, ref, type);
  } else if (type === TYPE_HASH) {
    mixHash(one, engine, ref);
  } else if (type === TYPE_ZSET) {
    mixSortedSet(one, engine, ref);
  } else {
    streams.push([index, Buffer.from(key).toString('latin1')]);
  }
  return one;
}

function mixElements(one: Mix, engine: Engine, ref: Ref, type: number): void {
  const { lists, sets } = engine.server.keyspace;
  if (type === TYPE_LIST) {
    lists.emit(ref, 0, lists.size(ref), { bulk: (bytes, at, length) => one.bytes(bytes, at, length) });
    return;
  }
  const member = new Mix();
  sets.emit(ref, {
    bulk: (bytes, at, length) => {
      member.a = member.b = 0;
      member.bytes(bytes, at, length);
      one.sum(member);
    },
  });
}

function mixHash(one: Mix, engine: Engine, ref: Ref): void {
  const { hashes, hashWalk } = engine.server.keyspace;
  const field = new Mix();
  hashWalk.start(ref, FOREVER_MS);
  while (hashWalk.next()) {
    field.a = field.b = 0;
    hashes.locateField(ref);
    field.bytes(hashes.bytes, hashes.at, hashes.length);
    hashes.locateValue(ref);
    field.bytes(hashes.bytes, hashes.at, hashes.length);
    const expiryMs = hashes.foundExpiryMs(ref);
    if (expiryMs !== 0) field.numbers(expiryMs | 0, Math.floor(expiryMs / 2 ** 32));
    one.sum(field);
  }
}

function mixSortedSet(one: Mix, engine: Engine, ref: Ref): void {
  const { cursor } = engine.server.keyspace.zsets;
  const score = new Float64Array(1);
  const words = new Int32Array(score.buffer);
  cursor.start(ref, 0);
  do {
    one.bytes(cursor.bytes, cursor.at, cursor.length);
    score[0] = cursor.score;
    one.numbers(words[0]!, words[1]!);
  } while (cursor.next());
}

/** Entries, groups, consumers and what is pending. */
function mixStream(engine: Engine, index: number, key: string): Mix {
  const one = new Mix();
  const slot = 900;
  engine.run(['SELECT', String(index)], slot);
  const text = JSON.stringify(engine.run(['XINFO', 'STREAM', key, 'FULL', 'COUNT', '0'], slot));
  const bytes = Buffer.from(text.replace(PASSING, ''), 'latin1');
  one.bytes(bytes, 0, bytes.length);
  return one;
}
