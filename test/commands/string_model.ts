// A plain model of strings and bitmaps: a Map of latin1 texts, bits as texts of 0 and 1, integers as BigInt. It knows only
// commands without mistakes in their arguments; mistakes have tests of their own.

export interface Stored {
  text: string;
  encoding: string;
  expiryMs: number | null;
}

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);
const NOT_AN_INTEGER = '-ERR value is not an integer or out of range';
const OVERFLOW = '-ERR increment or decrement would overflow';

function integerOf(text: string): bigint | null {
  if (!/^(0|-?[1-9]\d*)$/.test(text)) return null;
  const value = BigInt(text);
  return value > INT64_MAX || value < INT64_MIN ? null : value;
}

/** An integer as a decoded reply has it. */
function asReply(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function bitsOf(text: string): string {
  return [...text].map((char) => char.charCodeAt(0).toString(2).padStart(8, '0')).join('');
}

function textOf(bits: string): string {
  return (bits.match(/.{8}/g) ?? []).map((byte) => String.fromCharCode(Number.parseInt(byte, 2))).join('');
}

/** Whether a range counted from the end has its ends the wrong way round; BITPOS does not mind. */
function isBackward(start: number, end: number): boolean {
  return start < 0 && end < 0 && start > end;
}

/** First and one past the last position of a range, 0 and 0 for an empty one. */
function rangeOf(start: number, end: number, size: number): [number, number] {
  const first = start < 0 ? Math.max(0, size + start) : start;
  const last = Math.min(end < 0 ? Math.max(0, size + end) : end, size - 1);
  return first > last ? [0, 0] : [first, last + 1];
}

export class StringModel {
  readonly keys = new Map<string, Stored>();
  nowMs = 0;

  /** Drops what has expired. */
  advanceTo(nowMs: number): void {
    this.nowMs = nowMs;
    for (const [key, { expiryMs }] of this.keys)
      if (expiryMs !== null && expiryMs < nowMs) this.keys.delete(key);
  }

  text(key: string): string {
    return this.keys.get(key)?.text ?? '';
  }

  get(key: string): string | null {
    return this.keys.get(key)?.text ?? null;
  }

  /** Stores a whole value. */
  set(key: string, text: string, expiryMs: number | null = null): string {
    const encoding = integerOf(text) !== null ? 'int' : text.length <= 44 ? 'embstr' : 'raw';
    this.keys.set(key, { text, encoding, expiryMs });
    return 'OK';
  }

  setAll(pairs: readonly (readonly [key: string, text: string])[]): string {
    for (const [key, text] of pairs) this.set(key, text);
    return 'OK';
  }

  /** Stores a value and returns the old one. */
  swap(key: string, text: string): string | null {
    const old = this.get(key);
    this.set(key, text);
    return old;
  }

  /** Deletes a key and returns its value. */
  take(key: string): string | null {
    const old = this.get(key);
    this.keys.delete(key);
    return old;
  }

  /** Changes a value in place. */
  change(key: string, text: string): void {
    this.keys.set(key, { text, encoding: 'raw', expiryMs: this.keys.get(key)?.expiryMs ?? null });
  }

  setWith(
    key: string,
    text: string,
    condition: string,
    replyOld: boolean,
    expiryMs: number | null | 'keep',
  ): unknown {
    const old = this.get(key);
    const allowed = condition === '' || (condition === 'NX') === (old === null);
    if (allowed) this.set(key, text, expiryMs === 'keep' ? (this.keys.get(key)?.expiryMs ?? null) : expiryMs);
    return replyOld ? old : allowed ? 'OK' : null;
  }

  delete(key: string): number {
    return this.keys.delete(key) ? 1 : 0;
  }

  expire(key: string, expiryMs: number | null): string | null {
    const stored = this.keys.get(key);
    if (stored === undefined) return null;
    stored.expiryMs = expiryMs;
    return stored.text;
  }

  add(key: string, by: bigint): unknown {
    const stored = this.keys.get(key);
    const old = integerOf(stored?.text ?? '0');
    if (old === null) return NOT_AN_INTEGER;
    const sum = old + by;
    if (sum > INT64_MAX || sum < INT64_MIN) return OVERFLOW;
    this.set(key, String(sum), stored?.expiryMs ?? null);
    return asReply(sum);
  }

  append(key: string, added: string): number {
    const text = this.text(key) + added;
    if (this.keys.has(key)) this.change(key, text);
    else this.set(key, text);
    return text.length;
  }

  setRange(key: string, offset: number, part: string): number {
    const text = this.text(key);
    if (part === '') return text.length;
    const padded = text.padEnd(offset, '\0');
    this.change(key, padded.slice(0, offset) + part + padded.slice(offset + part.length));
    return this.text(key).length;
  }

  getRange(key: string, start: number, end: number): string {
    const text = this.text(key);
    return isBackward(start, end) ? '' : text.slice(...rangeOf(start, end, text.length));
  }

  setBit(key: string, offset: number, bit: string): number {
    const bits = bitsOf(this.text(key)).padEnd((Math.floor(offset / 8) + 1) * 8, '0');
    this.change(key, textOf(bits.slice(0, offset) + bit + bits.slice(offset + 1)));
    return Number(bits[offset]);
  }

  getBit(key: string, offset: number): number {
    return Number(bitsOf(this.text(key))[offset] ?? 0);
  }

  bitCount(key: string, start: number, end: number, unit: string): number {
    if (isBackward(start, end)) return 0;
    return [...this.#bitRange(key, start, end, unit)].filter((bit) => bit === '1').length;
  }

  bitPos(key: string, bit: string, start: number, end: number, unit: string): number {
    if (!this.keys.has(key)) return bit === '1' ? -1 : 0;
    const text = this.text(key);
    const scale = unit === 'BIT' ? 1 : 8;
    const [first] = rangeOf(start, end, (text.length * 8) / scale);
    const found = this.#bitRange(key, start, end, unit).indexOf(bit);
    return found < 0 ? -1 : first * scale + found;
  }

  #bitRange(key: string, start: number, end: number, unit: string): string {
    const bits = bitsOf(this.text(key));
    const scale = unit === 'BIT' ? 1 : 8;
    const [first, after] = rangeOf(start, end, bits.length / scale);
    return bits.slice(first * scale, after * scale);
  }

  bitOp(operation: string, target: string, sources: string[]): number {
    const all = sources.map((key) => bitsOf(this.text(key)));
    const length = Math.max(...all.map((bits) => bits.length));
    const padded = all.map((bits) => bits.padEnd(length, '0'));
    const result = Array.from({ length }, (_, i) => {
      const ones = padded.filter((bits) => bits[i] === '1').length;
      if (operation === 'AND') return ones === padded.length ? '1' : '0';
      if (operation === 'OR') return ones > 0 ? '1' : '0';
      if (operation === 'XOR') return String(ones % 2);
      if (operation === 'ONE') return ones === 1 ? '1' : '0';
      return ones === 0 ? '1' : '0';
    }).join('');
    this.keys.delete(target);
    if (length > 0) this.change(target, textOf(result));
    return length / 8;
  }

  /** BITFIELD with one operation: SET or INCRBY, overflow WRAP. */
  bitField(
    key: string,
    code: string,
    signed: boolean,
    width: number,
    offset: number,
    operand: bigint,
  ): unknown {
    const bits = bitsOf(this.text(key)).padEnd(Math.ceil((offset + width) / 8) * 8, '0');
    const cut = signed ? BigInt.asIntN : BigInt.asUintN;
    const old = cut(width, BigInt(`0b${bits.slice(offset, offset + width)}`));
    const value = cut(width, code === 'SET' ? operand : old + operand);
    const digits = BigInt.asUintN(width, value).toString(2).padStart(width, '0');
    this.change(key, textOf(bits.slice(0, offset) + digits + bits.slice(offset + width)));
    return [asReply(code === 'SET' ? old : value)];
  }
}
