// Blocks move while random commands of all types come in between; a second server that never moves anything must hold the same.
import { describe, expect, it } from 'vitest';
import { Arena } from '../../src/arena/arena.ts';
import { CLASS_COUNT } from '../../src/arena/size_class.ts';
import { VirtualClock } from '../../src/base/clock.ts';
import type { Random } from '../../src/base/random.ts';
import { Defrag } from '../../src/keyspace/defrag.ts';
import { HeapChunks } from '../support/arena.ts';
import { Engine } from '../support/engine.ts';
import type { Argument } from '../support/resp.ts';
import { seededRandom } from '../support/seed.ts';
import { TestKeyspace } from './support.ts';

const ALWAYS = {
  activedefrag: 'yes',
  'active-defrag-ignore-bytes': '1',
  'active-defrag-threshold-lower': '0',
  'active-defrag-max-scan-fields': '300',
};

/** A command that changes something, on one of few keys, with values of many sizes. */
function change(random: Random): Argument[] {
  const i = random.below(60);
  const text = (most: number): string => 'abcdefgh'[random.below(8)]!.repeat(1 + random.below(most));
  const member = `m${random.below(700)}`;
  switch (random.below(16)) {
    case 0:
      return ['SET', `s${i}`, text(300)];
    case 1:
      return ['SET', `s${i}`, text(6000), 'EX', '1000'];
    case 2:
      return ['APPEND', `s${i}`, text(500)];
    case 3:
      return ['HSET', `h${i % 8}`, member, text(80), `n${random.below(700)}`, text(300)];
    case 4:
      return ['HDEL', `h${i % 8}`, member];
    case 5:
      return ['SADD', `e${i % 8}`, member, `${random.below(700)}${text(20)}`];
    case 6:
      return ['SREM', `e${i % 8}`, member];
    case 7:
      return ['SADD', `i${i % 8}`, random.below(2000)];
    case 8:
      return ['ZADD', `z${i % 8}`, random.below(30), member, random.below(1000), `w${random.below(700)}`];
    case 9:
      return ['ZREM', `z${i % 8}`, member];
    case 10:
      return ['ZINCRBY', `z${i % 8}`, random.below(10), member];
    case 11:
      return ['RPUSH', `l${i % 8}`, text(200), text(1000)];
    case 12:
      return ['LPOP', `l${i % 8}`, 1 + random.below(6)];
    case 13:
      return ['XADD', `x${i % 3}`, '*', 'field', text(100)];
    case 14:
      return ['SADD', `few${i}`, member];
    default:
      return random.below(4) === 0
        ? ['DEL', `${'shezl'[random.below(5)]}${i % 20}`]
        : ['HSET', `few${i}h`, 'f', text(50)];
  }
}

describe('active defragmentation', () => {
  it('changes nothing that a client can see', () => {
    const random = seededRandom('defrag');
    const moving = new Engine({ config: ALWAYS, seed: 1 });
    moving.server.arena.movesAll = true;
    const resting = new Engine({ seed: 1 });
    for (let round = 0; round < 120; round++) {
      const commands = Array.from({ length: 50 }, () => change(random));
      moving.batch(commands);
      resting.batch(commands);
      moving.server.defrag.slice(Number.POSITIVE_INFINITY);
      if (round % 20 === 19) moving.verify();
    }
    expect(moving.server.arena.moves).toBeGreaterThan(1000);
    expect(moving.line('DEBUG DIGEST')).toEqual(resting.line('DEBUG DIGEST'));
    for (const key of ['z0', 'z1', 'z2'])
      expect(moving.line(`ZRANGE ${key} 0 -1 WITHSCORES`)).toEqual(
        resting.line(`ZRANGE ${key} 0 -1 WITHSCORES`),
      );
    for (const key of ['h0', 'l0', 'e0', 'z0', 's0']) moving.run(['DEL', key]);
    moving.verify();
    const { keyspace } = moving.server;
    keyspace.flush(0, false);
    moving.server.runDueWork();
    moving.verify();
  });

  it('goes on in slices while commands come in between', () => {
    const random = seededRandom('defrag in slices');
    const moving = new Engine({ config: { ...ALWAYS, 'active-defrag-cycle-us': '0' }, seed: 1 });
    moving.server.arena.movesAll = true;
    const resting = new Engine({ seed: 1 });
    for (let round = 0; round < 4000; round++) {
      const commands = [change(random)];
      moving.batch(commands);
      resting.batch(commands);
      moving.clock.advance(1);
      resting.clock.advance(1);
      moving.server.defrag.slice(0);
    }
    expect(moving.server.arena.moves).toBeGreaterThan(100);
    moving.verify();
    expect(moving.line('DEBUG DIGEST')).toEqual(resting.line('DEBUG DIGEST'));
  });

  it('leaves all as it is while a snapshot is in progress, and when it is off', () => {
    const engine = new Engine({ config: ALWAYS });
    engine.server.arena.movesAll = true;
    const random = seededRandom('defrag at rest');
    engine.batch(Array.from({ length: 3000 }, () => change(random)));
    engine.server.keyspace.db(0).guard = { before: () => {} } as never;
    engine.server.defrag.slice(Number.POSITIVE_INFINITY);
    expect(engine.server.arena.moves).toBe(0);
    engine.server.keyspace.db(0).guard = null;
    engine.line('CONFIG SET activedefrag no');
    engine.server.defrag.slice(Number.POSITIVE_INFINITY);
    expect(engine.server.arena.moves).toBe(0);
    engine.line('CONFIG SET activedefrag yes');
    engine.server.defrag.slice(Number.POSITIVE_INFINITY);
    expect(engine.server.arena.moves).toBeGreaterThan(0);
    expect(engine.line('INFO stats')).toContain(`active_defrag_hits:${engine.server.arena.moves}\r\n`);
  });
});

it('begins when much is lost, and then goes on until little is', () => {
  const random = seededRandom('defrag thresholds');
  const keyspace = new TestKeyspace(1, new VirtualClock(), false);
  const { arena, clock } = keyspace;
  const defrag = new Defrag(keyspace);
  Object.assign(defrag, { enabled: true, ignoreBytes: 1 << 20, lowerPercent: 20, upperPercent: 100 });
  Object.assign(defrag, { minSharePercent: 1, maxSharePercent: 25, sliceMs: 0.5, maxScanFields: 1000 });
  const sizes = [90, 300, 1100];
  let names = Array.from({ length: 60_000 }, (_, i) => `key ${i}`);
  for (const [i, name] of names.entries()) keyspace.put(0, name, 'x'.repeat(sizes[i % sizes.length]!));
  const lostPercent = () => (arena.slackBytes / arena.usedBytes) * 100;
  const drop = (share: number) => {
    names = names.filter((name) => {
      const goes = random.unit() < share;
      if (goes) keyspace.remove(0, name);
      return !goes;
    });
  };
  const work = () => {
    for (let second = 0; second < 5; second++) {
      clock.advance(2000);
      defrag.slice(Number.POSITIVE_INFINITY);
    }
  };
  drop(0.05);
  const before = lostPercent();
  expect(before).toBeGreaterThan(4);
  expect(before).toBeLessThan(20);
  work();
  expect([arena.moves, lostPercent()]).toEqual([0, before]);
  drop(0.6);
  expect(lostPercent()).toBeGreaterThan(100);
  clock.advance(2000);
  defrag.slice(Number.POSITIVE_INFINITY);
  const settled = lostPercent();
  expect(settled).toBeLessThan(8);
  // As much as would not have been reason enough to begin.
  drop(0.05);
  expect(lostPercent()).toBeGreaterThan(settled + 3);
  expect(lostPercent()).toBeLessThan(20);
  work();
  // How sparse the last spans are depends on chance.
  expect(lostPercent()).toBeLessThan(settled + 2);
  expect(keyspace.names(0)).toEqual(names.sort());
});

describe('condensing', () => {
  it('empties the sparsest spans into the others', () => {
    const random = seededRandom('condense');
    const arena = new Arena({ source: new HeapChunks() });
    const sizes = [24, 56, 400, 3000, 20_000];
    let blocks = Array.from({ length: 40_000 }, (_, i) => {
      const bytes = sizes[i % sizes.length]!;
      return { ref: arena.alloc(bytes), bytes, mark: i };
    });
    for (const { ref, mark } of blocks) arena.u32[ref >>> 23]![(ref & 0x7fffff) << 1] = mark;
    blocks = blocks.filter(({ ref, bytes }) => {
      const stays = random.below(3) === 0;
      if (!stays) arena.free(ref, bytes);
      return stays;
    });
    const before = arena.slackBytes;
    for (let c = 0; c < CLASS_COUNT; c++) arena.condense(c);
    for (const block of blocks)
      if (arena.isSparse(block.ref, block.bytes)) block.ref = arena.move(block.ref, block.bytes);
    arena.endCondensing();
    expect(arena.slackBytes).toBeLessThan(before / 10);
    expect(arena.slackBytes).toBeLessThan(arena.usedBytes * 0.08);
    for (const { ref, mark } of blocks) expect(arena.u32[ref >>> 23]![(ref & 0x7fffff) << 1]).toBe(mark);
    for (const { ref, bytes } of blocks) arena.free(ref, bytes);
    expect(arena.usedBytes).toBe(0);
  });
});
