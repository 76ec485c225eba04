import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Ref } from '../../src/arena/arena.ts';
import { Listpacks } from '../../src/structs/listpack.ts';
import { makeArena } from '../support/arena.ts';
import { seededRandom } from '../support/seed.ts';

const bytesOf = (text: string) => Buffer.from(text, 'latin1');

function textAt(lists: Listpacks, ref: Ref, p: number): string {
  lists.locate(ref, p);
  return Buffer.from(lists.bytes.subarray(lists.at, lists.at + lists.length)).toString('latin1');
}

function texts(lists: Listpacks, ref: Ref): string[] {
  const found: string[] = [];
  for (let p = lists.first(ref); p !== 0; p = lists.next(ref, p)) found.push(textAt(lists, ref, p));
  return found;
}

function block(lists: Listpacks, ref: Ref): Buffer {
  const at = (ref & 0x7fffff) << 3;
  return Buffer.from(lists.arena.u8[ref >>> 23]!.slice(at, at + lists.totalBytes(ref)));
}

function listOf(lists: Listpacks, elements: string[]): Ref {
  let ref = lists.create();
  for (const element of elements) ref = lists.append(ref, bytesOf(element), 0, element.length);
  return ref;
}

/** Bounds of the integer encodings, and texts that only look like integers. */
const EDGES = (
  '0 127 128 -1 4095 -4096 4096 -4097 32767 -32768 32768 -32769 8388607 -8388608 8388608 -8388609 2147483647 ' +
  '-2147483648 2147483648 -2147483649 9007199254740991 9007199254740993 9223372036854775807 ' +
  '-9223372036854775808 9223372036854775808 01 -0  abc 123456789012345678901'
).split(' ');

describe('listpack', () => {
  // The listpacks inside DUMP of hashes with these fields and values, taken from redis-server 7.0.15.
  it('is byte for byte what Redis makes of the same elements', () => {
    const lists = new Listpacks(makeArena());
    const edges = listOf(lists, EDGES);
    expect(block(lists, edges).toString('hex')).toBe(
      'ca0000001e0000017f01c08002dfff02cfff02d00002f1001003f1ffef03f1ff7f03f1008003f200800004f2ff7fff04f2ffff7f04f200008004f30000800005f3ffff7fff05f3ffffff7f05f30000008005f4000000800000000009f4ffffff7fffffffff09f4ffffffffffff1f0009f4010000000000200009f4ffffffffffffff7f09f400000000000000800993393232333337323033363835343737353830381482303103822d3003800183616263049531323334353637383930313233343536373839303116ff',
    );
    const sha1 = (elements: string[]) =>
      createHash('sha1')
        .update(block(lists, listOf(lists, elements)))
        .digest('hex');
    expect(sha1(['a'.repeat(63), 'b'.repeat(64), 'c'.repeat(4095), 'd'.repeat(4096)])).toBe(
      'f1a8e387116ab541601dd23660a3b12291738703',
    );
    expect(sha1(['x', 'd'.repeat(16378)])).toBe('86bad4cc623fc0ca931ebdbee6d45da3e4f0c610');
    expect(sha1(['x', 'd'.repeat(16377)])).toBe('0450625406f2937bce966574116f090745fb3da0');
    expect(texts(lists, edges)).toEqual(EDGES);
    lists.check(edges);
  });

  it('finds an integer by its text, exactly beyond 2^53', () => {
    const lists = new Listpacks(makeArena());
    const ref = listOf(lists, EDGES);
    EDGES.forEach((edge, index) => {
      const p = lists.find(ref, lists.first(ref), bytesOf(edge), 0, edge.length, 0);
      expect(p).toBe(lists.seek(ref, index));
      const value = /^(0|-?[1-9]\d*)$/.test(edge) ? Number(edge) : Number.NaN;
      expect(lists.integer(ref, p)).toBe(Number.isSafeInteger(value) ? value : Number.NaN);
    });
    for (const absent of ['9007199254740992', '9223372036854775806', '00', 'ab', 'abcd'])
      expect(lists.find(ref, lists.first(ref), bytesOf(absent), 0, absent.length, 0)).toBe(0);
  });

  it('looks only at every second element if told to skip one', () => {
    const lists = new Listpacks(makeArena());
    const ref = listOf(lists, ['a', 'b', 'b', 'c', '7', '8']);
    const b = bytesOf('b');
    expect(lists.find(ref, lists.first(ref), b, 0, 1, 1)).toBe(lists.seek(ref, 2));
    expect(lists.find(ref, lists.first(ref), bytesOf('8'), 0, 1, 1)).toBe(0);
    expect(lists.find(ref, 0, b, 0, 1, 1)).toBe(0);
  });

  it('counts more elements than its head can', () => {
    const lists = new Listpacks(makeArena(false));
    let ref = lists.create();
    for (let i = 0; i < 65600; i++) ref = lists.appendInteger(ref, i & 63);
    lists.check(ref);
    expect(block(lists, ref).readUInt16LE(4)).toBe(65535);
    expect(lists.count(ref)).toBe(65600);
    ref = lists.remove(ref, lists.seek(ref, -70), 1000);
    expect(lists.position).toBe(0);
    expect(lists.count(ref)).toBe(65530);
    expect(block(lists, ref).readUInt16LE(4)).toBe(65530);
    lists.check(ref);
  });

  it('notices a broken listpack', () => {
    const lists = new Listpacks(makeArena());
    const ref = listOf(lists, ['abc', '1000']);
    const u8 = lists.arena.u8[ref >>> 23]!;
    const at = (ref & 0x7fffff) << 3;
    u8[at + 4] = 3;
    expect(() => lists.check(ref)).toThrow(/3 are counted/);
    u8[at + 4] = 2;
    u8[at + 10] = 5;
    expect(() => lists.check(ref)).toThrow(/wrong length/);
  });

  it('stays what a plain array would be under random operations', () => {
    const random = seededRandom('listpack');
    const arena = makeArena();
    const lists = new Listpacks(arena);
    const anyText = () => {
      const kind = random.below(10);
      if (kind < 3) return EDGES[random.below(EDGES.length)]!;
      if (kind < 6) return String(random.below(2 ** random.below(33)) - 5000);
      const length = kind === 9 && random.below(20) === 0 ? 4000 + random.below(13000) : random.below(80);
      return String.fromCharCode(97 + random.below(26)).repeat(length);
    };
    for (let round = 0; round < 12; round++) {
      let ref = lists.create();
      const model: string[] = [];
      for (let step = 0; step < 800; step++) {
        ref = change(lists, ref, model, anyText, (bound) => random.below(bound));
        if (step % 20 !== 0) continue;
        lists.check(ref);
        expect(texts(lists, ref)).toEqual(model);
        expect(lists.count(ref)).toBe(model.length);
        const wanted = anyText();
        const index = model.indexOf(wanted);
        const p = lists.find(ref, lists.first(ref), bytesOf(wanted), 0, wanted.length, 0);
        expect(p).toBe(index < 0 ? 0 : lists.seek(ref, index));
        for (let q = lists.last(ref), i = model.length - 1; i >= 0 || q !== 0; q = lists.previous(ref, q))
          expect(textAt(lists, ref, q)).toBe(model[i--]);
      }
      const copy = lists.copy(ref);
      lists.free(ref);
      expect(texts(lists, copy)).toEqual(model);
      lists.free(copy);
    }
    expect(arena.liveBlocks).toBe(0);
  });
});

/** One random change of a listpack and of its model. */
function change(
  lists: Listpacks,
  ref: Ref,
  model: string[],
  anyText: () => string,
  below: (bound: number) => number,
): Ref {
  const text = anyText();
  const bytes = bytesOf(`<${text}>`);
  const integer = below(2 ** 32) * (below(2) === 0 ? 1 : -(2 ** 20));
  const index = model.length === 0 ? 0 : below(model.length);
  const p = lists.seek(ref, index);
  const bytesBefore = lists.totalBytes(ref);
  let next = ref;
  let choice = below(p === 0 ? 3 : 10);
  if (model.length > 150) choice = 9;
  if (choice === 0) {
    next = lists.prepend(ref, bytes, 1, text.length);
    model.unshift(text);
  } else if (choice === 1) {
    next = lists.append(ref, bytes, 1, text.length);
    model.push(text);
  } else if (choice === 2) {
    next = lists.appendInteger(ref, integer);
    model.push(String(integer));
  } else if (choice === 3) {
    next = lists.insertBefore(ref, p, bytes, 1, text.length);
    model.splice(index, 0, text);
  } else if (choice === 4) {
    next = lists.insertAfter(ref, p, bytes, 1, text.length);
    model.splice(index + 1, 0, text);
  } else if (choice <= 6) {
    next = lists.replace(ref, p, bytes, 1, text.length);
    model[index] = text;
  } else if (choice === 7) {
    next = lists.replaceInteger(ref, p, integer);
    model[index] = String(integer);
  } else {
    const count = 1 + below(choice === 9 ? 20 : 2);
    next = lists.remove(ref, p, count);
    model.splice(index, count);
    expect(lists.position).toBe(lists.seek(next, index));
    return next;
  }
  const expected = choice === 2 || choice === 7 ? String(integer) : text;
  expect(textAt(lists, next, lists.position)).toBe(expected);
  if (choice !== 5 && choice !== 6 && choice !== 7) {
    const size = lists.encodedBytes(bytesOf(expected), 0, expected.length);
    expect(lists.totalBytes(next)).toBe(bytesBefore + size);
  }
  return next;
}
