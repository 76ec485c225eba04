// What PFSELFTEST runs: registers keep what is written into them, and estimates of sparse and dense HyperLogLogs agree with
// each other and with the truth.
import type { Arena, Ref } from '../arena/arena.ts';
import type { Random } from '../base/random.ts';
import { Entries } from '../structs/entry.ts';
import { HyperLogLogs } from './hyperloglog.ts';
import { DENSE_BYTES, denseRegister, REGISTERS, setDenseRegister } from './hyperloglog_registers.ts';
import { defaultLimits } from './limits.ts';
import { Strings } from './string.ts';

const ROUNDS = 20;
const REGISTER_VALUES = 64;
const ELEMENTS = 100_000;
/** The standard error of an estimate is 1.04 / √registers; this many of them mean that something is wrong. */
const DEVIATIONS_MAX = 6;

/** What is wrong, or null. */
export function selfTest(arena: Arena, random: Random): string | null {
  return checkRegisters(random) ?? checkEstimates(arena, random);
}

function checkRegisters(random: Random): string | null {
  const dense = new Uint8Array(DENSE_BYTES);
  const expected = new Uint8Array(REGISTERS);
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < REGISTERS; i++) {
      expected[i] = random.below(REGISTER_VALUES);
      setDenseRegister(dense, 0, i, expected[i]!);
    }
    for (let i = 0; i < REGISTERS; i++) {
      const value = denseRegister(dense, 0, i);
      if (value !== expected[i]) return `Register ${i} should be ${expected[i]} but is ${value}`;
    }
  }
  return null;
}

/** Two HyperLogLogs in entries that stand in no table get the same elements; one is dense from the start. */
function checkEstimates(arena: Arena, random: Random): string | null {
  const entries = new Entries(arena);
  const strings = new Strings(entries);
  const hyperLogLogs = new HyperLogLogs(strings, defaultLimits());
  const key = new Uint8Array(0);
  let sparse = hyperLogLogs.create(key, 0, 0, 0);
  let dense = hyperLogLogs.makeDense(hyperLogLogs.create(key, 0, 0, 0));
  const count = (ref: Ref): number => {
    strings.locate(ref);
    return hyperLogLogs.count();
  };
  const element = new Uint8Array(12);
  const words = new DataView(element.buffer);
  words.setUint32(0, random.u32());
  words.setUint32(4, random.u32());
  let failure: string | null = null;
  for (let n = 1, checkAt = 1; n <= ELEMENTS && failure === null; n++) {
    words.setUint32(8, n);
    strings.locate(sparse);
    sparse = hyperLogLogs.add(sparse, element, 0, element.length);
    strings.locate(dense);
    dense = hyperLogLogs.add(dense, element, 0, element.length);
    if (n < checkAt) continue;
    checkAt *= 10;
    const [one, other] = [count(sparse), count(dense)];
    if (one !== other) failure = `Sparse and dense estimates differ for ${n} elements: ${one} and ${other}`;
    else if (isTooFar(other, n)) failure = `The estimate for ${n} elements is ${other}`;
  }
  for (const ref of [sparse, dense]) {
    strings.freeSome(ref);
    entries.free(ref);
  }
  return failure;
}

function isTooFar(estimated: number, count: number): boolean {
  const errorMax = Math.ceil(((DEVIATIONS_MAX * 1.04) / Math.sqrt(REGISTERS)) * count);
  return Math.abs(estimated - count) > Math.max(1, errorMax);
}
