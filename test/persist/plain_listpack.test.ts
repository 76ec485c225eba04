// Which listpacks are taken as they are: ours all, and of others only those that come out the same when they are put together
// anew element by element.
import { expect, it } from 'vitest';
import type { Random } from '../../src/base/random.ts';
import { PackedList } from '../../src/persist/packed.ts';
import { PlainListpack } from '../../src/persist/plain_listpack.ts';
import { Listpacks } from '../../src/structs/listpack.ts';
import { ZsetPairs } from '../../src/types/zset_pairs.ts';
import { makeArena } from '../support/arena.ts';
import { mutated } from '../support/mutate.ts';
import { seededRandom } from '../support/seed.ts';

const MOST = 1000;

function someText(random: Random): string {
  const way = random.below(8);
  if (way < 2) return String(random.below(300));
  if (way === 2) return String(-random.below(2 ** 31));
  if (way === 3) return String(BigInt(random.below(2 ** 31)) * 4294967296n * BigInt(random.below(3) - 1));
  if (way === 4) return `0${random.below(100)}`;
  return 'text-'.repeat(random.below(60)) + random.below(100);
}

/** A listpack of these texts, as our own structures write it. */
function packed(lists: Listpacks, texts: readonly string[]): Buffer {
  let ref = lists.create();
  for (const text of texts) ref = lists.append(ref, Buffer.from(text, 'latin1'), 0, text.length);
  return taken(lists, ref);
}

/** The bytes of a listpack, which is freed. */
function taken(lists: Listpacks, ref: number): Buffer {
  const at = (ref & 0x7fffff) << 3;
  const bytes = Buffer.from(lists.arena.u8[ref >>> 23]!.slice(at, at + lists.totalBytes(ref)));
  lists.free(ref);
  return bytes;
}

/** The elements, checked one by one. */
function textsOf(bytes: Buffer): string[] {
  const list = new PackedList(bytes, 0, bytes.length);
  const texts: string[] = [];
  while (list.next())
    texts.push(Buffer.from(list.text.subarray(list.textAt, list.textAt + list.textBytes)).toString('latin1'));
  return texts;
}

it('are all of our own whose keys differ', () => {
  const random = seededRandom('our listpacks');
  const plain = new PlainListpack();
  const lists = new Listpacks(makeArena());
  for (let round = 0; round < 300; round++) {
    const stride = 1 + random.below(3);
    const texts = Array.from({ length: stride * random.below(random.below(2) === 0 ? 10 : 150) }, () =>
      someText(random),
    );
    const keys = texts.filter((_, i) => i % stride === 0);
    const bytes = packed(lists, texts);
    const about = texts.join(' ');
    expect(plain.read(bytes, 0, bytes.length, stride, MOST), about).toBe(new Set(keys).size === keys.length);
    if (new Set(keys).size < keys.length) continue;
    expect(plain.elements).toBe(texts.length);
    expect(plain.longestBytes, about).toBeGreaterThanOrEqual(
      Math.max(0, ...texts.map(({ length }) => length)),
    );
    if (texts.length > 0)
      expect(plain.read(bytes, 0, bytes.length, stride, texts.length - 1), about).toBe(false);
  }
});

it('are no others than would be written the same', () => {
  const random = seededRandom('changed listpacks');
  const plain = new PlainListpack();
  const lists = new Listpacks(makeArena());
  let count = 0;
  for (let round = 0; round < 20_000; round++) {
    const texts = Array.from({ length: 1 + random.below(6) }, () => someText(random).slice(0, 70));
    const original = packed(lists, texts);
    const bytes = mutated(random, original, () => original);
    if (!plain.read(bytes, 0, bytes.length, 1, MOST)) continue;
    const about = `round ${round}: ${bytes.toString('hex')}`;
    const read = textsOf(bytes);
    expect(packed(lists, read).toString('hex'), about).toBe(bytes.toString('hex'));
    expect(new Set(read).size, about).toBe(read.length);
    count++;
  }
  expect(count).toBeGreaterThan(100);
});

it('are in order if they are of a sorted set', () => {
  const random = seededRandom('ordered listpacks');
  const plain = new PlainListpack();
  const pairs = new ZsetPairs(makeArena());
  for (let round = 0; round < 300; round++) {
    let pack = pairs.create();
    const count = 2 + random.below(20);
    for (let i = 0; i < count; i++) {
      const member = Buffer.from(`member ${String(random.below(1000)).padStart(3, '0')} ${i}`);
      const score = random.below(2) === 0 ? random.below(5) - 2 : (random.below(100) - 50) / 8;
      pack = pairs.insertPair(pack, member, 0, member.length, score);
    }
    const bytes = taken(pairs, pack);
    const texts = textsOf(bytes);
    expect(plain.read(bytes, 0, bytes.length, 2, MOST)).toBe(true);
    expect(plain.isOrdered(bytes, 0), texts.join(' ')).toBe(true);
    const [one, other] = [2 * random.below(count), 2 * random.below(count)];
    if (one === other) continue;
    const swapped = [...texts];
    [swapped[one], swapped[other]] = [texts[other]!, texts[one]!];
    [swapped[one + 1], swapped[other + 1]] = [texts[other + 1]!, texts[one + 1]!];
    const unordered = packed(pairs, swapped);
    expect(plain.read(unordered, 0, unordered.length, 2, MOST)).toBe(true);
    expect(plain.isOrdered(unordered, 0), swapped.join(' ')).toBe(false);
  }
});
