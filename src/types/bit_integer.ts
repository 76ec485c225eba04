// Integers of 1 to 64 bits at any bit of a string, most significant bit first (BITFIELD).
//
// Up to 32 bits an integer and the bits around it span at most five bytes, which a double holds exactly; wider ones are put
// together from two parts.

/** `bits` (1 … 32) bits from bit `offset` on as an unsigned integer; bits behind the string's end are zero. */
export function readBits(
  bytes: Uint8Array,
  at: number,
  length: number,
  offset: number,
  bits: number,
): number {
  const first = Math.floor(offset / 8);
  const before = offset % 8;
  const count = Math.ceil((before + bits) / 8);
  let value = 0;
  for (let i = 0; i < count; i++) value = value * 256 + (first + i < length ? bytes[at + first + i]! : 0);
  return Math.floor(value / 2 ** (count * 8 - before - bits)) % 2 ** bits;
}

/** Writes an unsigned integer of `bits` (1 … 32) bits from bit `offset` on. */
export function writeBits(bytes: Uint8Array, at: number, offset: number, bits: number, value: number): void {
  const first = at + Math.floor(offset / 8);
  const before = offset % 8;
  const count = Math.ceil((before + bits) / 8);
  const behind = count * 8 - before - bits;
  const head = before === 0 ? 0 : bytes[first]! >>> (8 - before);
  const tail = bytes[first + count - 1]! % 2 ** behind;
  let rest = (head * 2 ** bits + value) * 2 ** behind + tail;
  for (let i = count - 1; i >= 0; i--) {
    bytes[first + i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}

/** Like `readBits`, for 33 to 64 bits. */
export function readWideBits(
  bytes: Uint8Array,
  at: number,
  length: number,
  offset: number,
  bits: number,
): bigint {
  const high = readBits(bytes, at, length, offset, bits - 32);
  const low = readBits(bytes, at, length, offset + bits - 32, 32);
  return (BigInt(high) << 32n) | BigInt(low);
}

/** Like `writeBits`, for 33 to 64 bits. */
export function writeWideBits(
  bytes: Uint8Array,
  at: number,
  offset: number,
  bits: number,
  value: bigint,
): void {
  writeBits(bytes, at, offset, bits - 32, Number(value >> 32n));
  writeBits(bytes, at, offset + bits - 32, 32, Number(value & 0xffffffffn));
}
