// DEBUG DIGEST and DIGEST-VALUE: one number for all data, or for a value, the same as the reference computes.
//
// A digest is 20 bytes, zero at first. "xor" changes it by the SHA-1 of some bytes, so that the order does not matter;
// "mix" does that and then takes the SHA-1 of the whole digest, so that it does.
//
//   value      mix type (32 bit, big endian); mix the value; xor "!!expire!!" if it has an expiry
//   all data   for each database that is not empty: mix its number (as above); xor for each key the digest of: mix
//              key, then the value as above
import { createHash } from 'node:crypto';
import type { Ref } from '../arena/arena.ts';
import { formatDouble } from '../base/double.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { TYPE_HASH, TYPE_LIST, TYPE_SET, TYPE_ZSET } from '../structs/entry.ts';
import type { Tool } from './debug_tool.ts';

const DIGEST_BYTES = 20;
const EXPIRES = Buffer.from('!!expire!!');
const FIELD_EXPIRES = Buffer.from('!!hexpire!!');

class Digest {
  readonly #bytes = Buffer.alloc(DIGEST_BYTES);

  /** Changes the digest by these bytes, whatever the order of such changes. */
  xor(bytes: Uint8Array): void {
    const hash = sha1(bytes);
    for (let i = 0; i < DIGEST_BYTES; i++) this.#bytes[i]! ^= hash[i]!;
  }

  /** Changes the digest by these bytes after everything before them. */
  mix(bytes: Uint8Array): void {
    this.xor(bytes);
    sha1(this.#bytes).copy(this.#bytes);
  }

  mixInt32(value: number): void {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(value);
    this.mix(bytes);
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get hex(): string {
    return this.#bytes.toString('hex');
  }
}

function sha1(bytes: Uint8Array): Buffer {
  return createHash('sha1').update(bytes).digest();
}

function mixValue(digest: Digest, keyspace: Keyspace, ref: Ref): void {
  const { entries, strings } = keyspace;
  const type = entries.type(ref);
  digest.mixInt32(type);
  if (type === TYPE_LIST) mixList(digest, keyspace, ref);
  else if (type === TYPE_SET) mixSet(digest, keyspace, ref);
  else if (type === TYPE_ZSET) mixSortedSet(digest, keyspace, ref);
  else if (type === TYPE_HASH) mixHash(digest, keyspace, ref);
  else digest.mix(strings.view(ref));
  if (entries.hasExpiry(ref)) digest.xor(EXPIRES);
}

/** All elements in their order. */
function mixList(digest: Digest, { lists }: Keyspace, ref: Ref): void {
  lists.emit(ref, 0, lists.size(ref), {
    bulk: (bytes, at, length) => digest.mix(bytes.subarray(at, at + length)),
  });
}

/** All members, whatever their order. */
function mixSet(digest: Digest, { sets }: Keyspace, ref: Ref): void {
  sets.emit(ref, { bulk: (bytes, at, length) => digest.xor(bytes.subarray(at, at + length)) });
}

/** All members with their scores, whatever their order. */
function mixSortedSet(digest: Digest, { zsets: { cursor } }: Keyspace, ref: Ref): void {
  cursor.start(ref, 0);
  do {
    const one = new Digest();
    one.mix(cursor.bytes.subarray(cursor.at, cursor.at + cursor.length));
    one.mix(Buffer.from(formatDouble(cursor.score)));
    digest.xor(one.bytes);
  } while (cursor.next());
}

/** All live fields with their values, whatever their order; of their expiries only that they have one. */
function mixHash(digest: Digest, { hashes, hashWalk, nowMs }: Keyspace, ref: Ref): void {
  const mixText = (one: Digest): void => one.mix(hashes.bytes.subarray(hashes.at, hashes.at + hashes.length));
  hashWalk.start(ref, nowMs);
  while (hashWalk.next()) {
    const one = new Digest();
    hashes.locateField(ref);
    mixText(one);
    hashes.locateValue(ref);
    mixText(one);
    if (hashes.foundExpiryMs(ref) !== 0) one.xor(FIELD_EXPIRES);
    digest.xor(one.bytes);
  }
}

function digestOfAll(keyspace: Keyspace): string {
  const { entries } = keyspace;
  const all = new Digest();
  for (let index = 0; index < keyspace.databaseCount; index++) {
    const db = keyspace.db(index);
    if (db.size === 0) continue;
    all.mixInt32(index);
    let cursor = 0;
    do {
      cursor = db.walk(cursor, (ref) => {
        const one = new Digest();
        const at = entries.keyAt(ref);
        one.mix(entries.view(ref).subarray(at, at + entries.keyBytes(ref)));
        mixValue(one, keyspace, ref);
        all.xor(one.bytes);
      });
    } while (cursor !== 0);
  }
  return all.hex;
}

export const DIGEST_TOOLS: readonly Tool[] = [
  {
    name: 'digest',
    words: [0, 0],
    help: ['DIGEST', '    A hexadecimal number that is the same for the same data.'],
    run: ({ keyspace, reply }) => reply.status(digestOfAll(keyspace)),
  },
  {
    name: 'digest-value',
    words: [0, Number.POSITIVE_INFINITY],
    help: [
      'DIGEST-VALUE <key> [<key> ...]',
      '    For each key a hexadecimal number that is the same for the same value.',
    ],
    run: (c) => {
      const { args, keyspace, reply } = c;
      reply.array(args.count - 2);
      for (let i = 2; i < args.count; i++) {
        const digest = new Digest();
        const ref = c.peek(i);
        if (ref !== 0) mixValue(digest, keyspace, ref);
        reply.status(digest.hex);
      }
    },
  },
];
