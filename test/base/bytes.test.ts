import { describe, expect, it } from 'vitest';
import { copyWords, packWords } from '../../src/base/bytes.ts';

describe('copyWords and packWords', () => {
  it('copy runs of any length between any alignments, and nothing else', () => {
    const from = Uint8Array.from({ length: 160 }, (_, i) => (i * 37 + 11) & 255);
    const to = new Uint8Array(160);
    for (let length = 4; length <= 40; length++) {
      for (let shift = 0; shift < 8; shift++) {
        to.fill(0xee);
        copyWords(new DataView(from.buffer), 3 + shift, new DataView(to.buffer), 9 + length, length);
        const expected = new Uint8Array(160).fill(0xee);
        expected.set(from.subarray(3 + shift, 3 + shift + length), 9 + length);
        expect(to).toEqual(expected);
        to.fill(0xee);
        packWords(from, 3 + shift, new DataView(to.buffer), 9 + length, length);
        expect(to).toEqual(expected);
      }
    }
  });
});
