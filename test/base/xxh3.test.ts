import { describe, expect, it } from 'vitest';
import { Xxh3 } from '../../src/base/xxh3.ts';

// [length, digest] of the first bytes of xxHash's own test pattern, printed by the xxHash 0.8.1 library.
const vectors: [number, string][] = [
  [0, '2d06800538d394c2'],
  [1, 'c44bdff4074eecdb'],
  [2, '7a9978044cb8a8bb'],
  [3, '54247382a8d6b94d'],
  [4, 'e5dc74bc51848a51'],
  [5, 'e4243f00720306bb'],
  [6, '27b56a84cd2d7325'],
  [7, '9941e0007f555e50'],
  [8, '24ccc9acaa9f65e4'],
  [9, '14d5001c15dd3f2b'],
  [10, '1c117f233fbc3c14'],
  [11, '889839b4c796ddd6'],
  [12, 'a713daf0dfbb77e7'],
  [13, '2eb03c6e66ba6524'],
  [14, '1ac0bbda2b9fcf03'],
  [15, '45556d4d6e1798bc'],
  [16, '981b17d36c7498c9'],
  [17, '796f5acd3a60f862'],
  [24, 'a3fe70bf9d3510eb'],
  [32, '9feaddbdbf57eed3'],
  [33, 'abfb2d081b400a10'],
  [48, '397da259ecba1f11'],
  [64, '9cb48487720ec49d'],
  [65, 'fd81aac4bebc3883'],
  [80, 'bcdefbbb2c47c90a'],
  [96, '935a769a7f94776f'],
  [97, 'ca4ca268fd3c3a6c'],
  [127, '2408ed71323d6096'],
  [128, 'fcff24126754d861'],
  [129, '98f1b0a679a2ca29'],
  [144, 'c440d47e5f03fe58'],
  [195, 'cd94217ee362ec3a'],
  [239, '16ce2b9d3b28805d'],
  [240, '81c3c2b67f568ccf'],
  [241, 'c5a639ecd2030e5e'],
  [256, '55de574ad89d0ac5'],
  [257, 'b17fd5a8ae75bb0b'],
  [403, 'cdeb804d65c6dea4'],
  [511, '8089715b163e7fc0'],
  [512, '617e49599013cb6b'],
  [513, 'f7037d3b6722aeec'],
  [1023, '87a8f7b2f2e22496'],
  [1024, 'dd85c9b5c1109c5c'],
  [1025, 'd870c0fa13211c6a'],
  [1087, '047f181e7c8a41b9'],
  [1088, 'cc1450ea6b52a8f4'],
  [1089, 'ef727b2effc4cc8c'],
  [2047, 'b36ece19fca2197f'],
  [2048, 'dd59e2c3a5f038e0'],
  [2049, 'd3afa4329779b921'],
  [2112, '7c33c86d9e6a8c39'],
  [2113, '30a8aa601425d0bc'],
  [2240, '6e73a90539cf2948'],
  [2367, 'cb37aeb9e5d361ed'],
  [4096, 'e91206429d1f48f9'],
  [8191, '31ffdfa431faf170'],
  [8192, 'd63690a28889a350'],
];

function testPattern(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = 0x9e3779b1n;
  for (let i = 0; i < length; i++) {
    bytes[i] = Number(state >> 56n);
    state = BigInt.asUintN(64, state * 0x9e3779b185eb_ca8dn);
  }
  return bytes;
}

describe('Xxh3', () => {
  const pattern = testPattern(8192);

  it.each(vectors)('%d bytes', (length, digest) => {
    const xxh3 = new Xxh3();
    xxh3.hash(pattern, 0, length);
    expect(xxh3.hex()).toBe(digest);
  });

  it('reads from any offset and keeps nothing of the previous input', () => {
    const shifted = new Uint8Array(8200);
    shifted.set(pattern, 5);
    const view = shifted.subarray(2);
    const xxh3 = new Xxh3();
    for (const [length, digest] of vectors) {
      xxh3.hash(view, 3, length);
      expect(xxh3.hex()).toBe(digest);
    }
  });
});
