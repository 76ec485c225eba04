// Glob patterns over bytes, with the meaning Redis gives them in KEYS, SCAN, PSUBSCRIBE, CONFIG GET and
// elsewhere.
//
//   *       any run of bytes       ?        any one byte
//   [abc]   one of the set         [^abc]   one byte outside the set
//   [a-c]   a range, in either order of its ends      \x   the byte x itself, also inside a set
//
// Every element but the star takes exactly one byte, so it suffices to go back to the latest star: at most
// pattern * text steps, no recursion, no way to make a match exponentially slow.
//
// Odd corners of the reference that are kept, because patterns in the wild depend on some of them: an empty
// text matches only the empty pattern (callers treat "*" alone as "everything" before they ask), a set may
// lack its closing bracket, ends of ranges compare as signed bytes, an escape inside a set ignores the case
// option, and a pattern in which something follows more than 1000 runs of stars matches nothing.

const star = 42;
const question = 63;
const open = 91;
const backslash = 92;
const close = 93;
const caret = 94;
const dash = 45;
/** Runs of stars, not counting one that ends the pattern. */
const STARS_MAX = 1000;

/** Whether the whole text matches the whole pattern; both are (array, offset, length). */
export function globMatch(
  pattern: Uint8Array,
  patternOff: number,
  patternLen: number,
  text: Uint8Array,
  textOff: number,
  textLen: number,
  ignoreCase: boolean,
): boolean {
  if (textLen === 0) return patternLen === 0;
  const patternEnd = patternOff + patternLen;
  const textEnd = textOff + textLen;
  let p = patternOff;
  let t = textOff;
  let afterStar = -1;
  let starText = 0;
  let stars = 0;
  for (;;) {
    if (p < patternEnd && pattern[p] === star) {
      do p++;
      while (p < patternEnd && pattern[p] === star);
      if (p === patternEnd) return true;
      if (++stars > STARS_MAX) return false;
      afterStar = p;
      starText = t;
    }
    const next = p < patternEnd ? matchOne(pattern, p, patternEnd, text[t]!, ignoreCase) : -1;
    if (next >= 0) {
      p = next;
      // A text that ran out here would run out earlier still if the star took more of it.
      if (++t === textEnd) return onlyStars(pattern, p, patternEnd);
    } else {
      if (afterStar < 0 || ++starText === textEnd) return false;
      p = afterStar;
      t = starText;
    }
  }
}

/** `globMatch` for strings of bytes (one character each), where speed does not matter. */
export function globMatchString(pattern: string, text: string, ignoreCase: boolean): boolean {
  const p = Buffer.from(pattern, 'latin1');
  const t = Buffer.from(text, 'latin1');
  return globMatch(p, 0, p.length, t, 0, t.length, ignoreCase);
}

function onlyStars(pattern: Uint8Array, p: number, end: number): boolean {
  while (p < end && pattern[p] === star) p++;
  return p === end;
}

// Matches one byte against the element at `p`, no star; returns the position after the element, or -1.
function matchOne(pattern: Uint8Array, p: number, end: number, byte: number, ignoreCase: boolean): number {
  const first = pattern[p]!;
  if (first === question) return p + 1;
  if (first === open) return matchSet(pattern, p + 1, end, byte, ignoreCase);
  if (first === backslash && p + 1 < end) p++;
  return equal(pattern[p]!, byte, ignoreCase) ? p + 1 : -1;
}

// `p` is the position after the bracket.
function matchSet(pattern: Uint8Array, p: number, end: number, byte: number, ignoreCase: boolean): number {
  const negated = p < end && pattern[p] === caret;
  if (negated) p++;
  let found = false;
  while (p < end && pattern[p] !== close) {
    if (pattern[p] === backslash && p + 1 < end) {
      if (pattern[p + 1] === byte) found = true;
      p += 2;
    } else if (p + 2 < end && pattern[p + 1] === dash) {
      if (inRange(byte, pattern[p]!, pattern[p + 2]!, ignoreCase)) found = true;
      p += 3;
    } else {
      if (equal(pattern[p]!, byte, ignoreCase)) found = true;
      p++;
    }
  }
  if (found === negated) return -1;
  return p < end ? p + 1 : end;
}

// The ends are put in order before the case is dropped, as the reference does it.
function inRange(byte: number, one: number, other: number, ignoreCase: boolean): boolean {
  let low = (one << 24) >> 24;
  let high = (other << 24) >> 24;
  let value = (byte << 24) >> 24;
  if (low > high) {
    const swap = low;
    low = high;
    high = swap;
  }
  if (ignoreCase) {
    low = toLower(low);
    high = toLower(high);
    value = toLower(value);
  }
  return value >= low && value <= high;
}

function equal(a: number, b: number, ignoreCase: boolean): boolean {
  return a === b || (ignoreCase && toLower(a) === toLower(b));
}

function toLower(byte: number): number {
  return byte >= 65 && byte <= 90 ? byte + 32 : byte;
}
