// BITOP: combines several strings bit by bit, a block at a time, so that all passes over a block stay in the cache.
//
//   AND OR XOR    of all sources                        NOT    of the only source
//   DIFF          X without all others                  DIFF1  all others together without X
//   ANDOR         X and any of the others               ONE    in exactly one source         (X: the first source)
//
// A source shorter than the longest one continues with zeros.

export const AND = 0;
export const OR = 1;
export const XOR = 2;
export const NOT = 3;
export const DIFF = 4;
export const DIFF1 = 5;
export const ANDOR = 6;
export const ONE = 7;

const BLOCK_WORDS = 2048;

/** A string's bytes as words; those of the last word behind `length` are anything. */
export interface BitSource {
  readonly words: Uint32Array;
  /** Index of the first word. */
  readonly at: number;
  /** In bytes. */
  readonly length: number;
}

/** A source with a copy of bytes that do not begin at a word, or that something else is about to overwrite. */
export function copiedSource(bytes: Uint8Array, at: number, length: number): BitSource {
  const words = new Uint32Array(Math.ceil(length / 4));
  new Uint8Array(words.buffer).set(bytes.subarray(at, at + length));
  return { words, at: 0, length };
}

/** Writes the `length` bytes of the result at `at`; `length` is that of the longest source and above 0. */
export function combineBits(
  operation: number,
  sources: readonly BitSource[],
  target: Uint8Array,
  at: number,
  length: number,
): void {
  const size = Math.min(BLOCK_WORDS, Math.ceil(length / 4));
  const result = new Uint32Array(size);
  const piece = new Uint32Array(size);
  const more = operation === ONE ? new Uint32Array(size) : piece;
  const bytes = new Uint8Array(result.buffer);
  for (let done = 0; done < length; done += size * 4) {
    combineBlock(operation, sources, done / 4, result, piece, more);
    const count = Math.min(size * 4, length - done);
    target.set(count === bytes.length ? bytes : bytes.subarray(0, count), at + done);
  }
}

/** Combines one block, from word `from` of each source on. */
function combineBlock(
  operation: number,
  sources: readonly BitSource[],
  from: number,
  result: Uint32Array,
  piece: Uint32Array,
  more: Uint32Array,
): void {
  const setAside = operation === DIFF || operation === DIFF1 || operation === ANDOR ? 1 : 0;
  load(sources[setAside]!, from, result);
  if (operation === ONE) more.fill(0);
  for (let i = setAside + 1; i < sources.length; i++) {
    load(sources[i]!, from, piece);
    if (operation === AND) and(result, piece);
    else if (operation === XOR) xor(result, piece);
    else if (operation === ONE) count(result, more, piece);
    else or(result, piece);
  }
  if (setAside === 1) load(sources[0]!, from, piece);
  if (operation === NOT) not(result);
  else if (operation === ONE) without(result, more);
  else if (operation === ANDOR) and(result, piece);
  else if (operation === DIFF1) without(result, piece);
  else if (operation === DIFF) absent(result, piece);
}

/** Copies a block of a source, zeros where it has ended. */
function load(source: BitSource, from: number, block: Uint32Array): void {
  const bytes = source.length - from * 4;
  if (bytes >= block.length * 4) {
    block.set(source.words.subarray(source.at + from, source.at + from + block.length));
    return;
  }
  const whole = bytes > 0 ? bytes >>> 2 : 0;
  block.set(source.words.subarray(source.at + from, source.at + from + whole));
  block.fill(0, whole);
  const rest = bytes > 0 ? bytes & 3 : 0;
  if (rest > 0) block[whole] = source.words[source.at + from + whole]! & ((1 << (8 * rest)) - 1);
}

function and(a: Uint32Array, b: Uint32Array): void {
  for (let i = 0; i < a.length; i++) a[i]! &= b[i]!;
}

function or(a: Uint32Array, b: Uint32Array): void {
  for (let i = 0; i < a.length; i++) a[i]! |= b[i]!;
}

function xor(a: Uint32Array, b: Uint32Array): void {
  for (let i = 0; i < a.length; i++) a[i]! ^= b[i]!;
}

function not(a: Uint32Array): void {
  for (let i = 0; i < a.length; i++) a[i] = ~a[i]!;
}

/** a = a without b. */
function without(a: Uint32Array, b: Uint32Array): void {
  for (let i = 0; i < a.length; i++) a[i]! &= ~b[i]!;
}

/** a = b without a. */
function absent(a: Uint32Array, b: Uint32Array): void {
  for (let i = 0; i < a.length; i++) a[i] = b[i]! & ~a[i]!;
}

/** Notes the bits of one more source: `once` those seen at all, `more` those seen again. */
function count(once: Uint32Array, more: Uint32Array, piece: Uint32Array): void {
  for (let i = 0; i < once.length; i++) {
    more[i]! |= once[i]! & piece[i]!;
    once[i]! |= piece[i]!;
  }
}
