// DEBUG DIGEST and DIGEST-VALUE: one number for all data, or for a value, the same as the reference computes.
//
// A digest is 20 bytes, zero at first. "xor" changes it by the SHA-1 of some bytes, so that the order does not matter;
// "mix" does that and then takes the SHA-1 of the whole digest, so that it does.
//
//   value      mix type (32 bit, big endian); mix or xor its elements; xor "!!expire!!" if it has an expiry
//   all data   for each database that is not empty: mix its number (as above); xor for each key the digest of: mix
//              key, then the value as above
import { createHash } from 'node:crypto';
import type { Ref } from '../arena/arena.ts';
import { formatDouble } from '../base/double.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { TYPE_HASH, TYPE_LIST, TYPE_SET, TYPE_STRING, TYPE_ZSET } from '../structs/entry.ts';
import { IdText, makeId, setHighest } from '../structs/stream_id.ts';
import type { Tool } from './debug_tool.ts';

const DIGEST_BYTES = 20;
const EXPIRES = Buffer.from('!!expire!!');
const FIELD_EXPIRES = Buffer.from('!!hexpire!!');
const DASH = 45;
const POINT = 46;

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
  if (type === TYPE_STRING) digest.mix(strings.view(ref));
  else if (type === TYPE_LIST) mixList(digest, keyspace, ref);
  else if (type === TYPE_SET) xorSet(digest, keyspace, ref);
  else if (type === TYPE_HASH) xorHash(digest, keyspace, ref);
  else if (type === TYPE_ZSET) xorSortedSet(digest, keyspace, ref);
  else mixStream(digest, keyspace, ref);
  if (entries.hasExpiry(ref)) digest.xor(EXPIRES);
}

/** All elements in their order. */
function mixList(digest: Digest, { lists }: Keyspace, ref: Ref): void {
  lists.emit(ref, 0, lists.size(ref), {
    bulk: (bytes, at, length) => digest.mix(bytes.subarray(at, at + length)),
  });
}

/** All members, whatever their order. */
function xorSet(digest: Digest, { sets }: Keyspace, ref: Ref): void {
  sets.emit(ref, {
    bulk: (bytes, at, length) => digest.xor(bytes.subarray(at, at + length)),
  });
}

/** A digest of each field: its name, its value, and whether it expires. */
function xorHash(digest: Digest, { hashes, hashWalk, nowMs }: Keyspace, ref: Ref): void {
  const text = (): Uint8Array => hashes.bytes.subarray(hashes.at, hashes.at + hashes.length);
  hashWalk.start(ref, nowMs);
  while (hashWalk.next()) {
    const field = new Digest();
    hashes.locateField(ref);
    field.mix(text());
    hashes.locateValue(ref);
    field.mix(text());
    if (hashes.foundExpiryMs(ref) !== 0) field.xor(FIELD_EXPIRES);
    digest.xor(field.bytes);
  }
}

/** A digest of each member: its text, and that of its score. */
function xorSortedSet(digest: Digest, { zsets: { cursor } }: Keyspace, ref: Ref): void {
  cursor.start(ref, 0);
  do {
    const member = new Digest();
    member.mix(cursor.bytes.subarray(cursor.at, cursor.at + cursor.length));
    member.mix(Buffer.from(formatDouble(cursor.score)));
    digest.xor(member.bytes);
  } while (cursor.next());
}

/** For each entry its id, with a point between the numbers, and all its fields and values in their order. */
function mixStream(digest: Digest, { entries, streams: { cursor } }: Keyspace, ref: Ref): void {
  const { reader } = cursor;
  const text = new IdText();
  const first = makeId();
  const last = makeId();
  setHighest(last);
  for (let more = cursor.start(entries.wordLow(ref), first, last, false); more; more = cursor.next()) {
    text.set(reader.id);
    const id = text.bytes.slice(0, text.length);
    id[id.indexOf(DASH)] = POINT;
    digest.mix(id);
    for (let i = reader.fields; i > 0; i--) {
      reader.readName();
      digest.mix(reader.bytes.subarray(reader.at, reader.at + reader.length));
      reader.readValue();
      digest.mix(reader.bytes.subarray(reader.at, reader.at + reader.length));
    }
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
