// HalfSipHash with one round a word and three at the end, 64-bit key, 32-bit result (Aumasson and Bernstein,
// "SipHash: a fast short-input PRF"; the half variant is the authors' own, for 32-bit machines). JavaScript has only
// 32-bit integers that are fast, so that both sides of the ring can compute it: src/base/keyhash.ts is the twin.
#pragma once
#include <cstdint>
#include <cstring>

namespace millrace::base {

struct HashKey {
  uint32_t k0;
  uint32_t k1;
};

inline uint32_t rotateLeft(uint32_t value, int bits) { return value << bits | value >> (32 - bits); }

struct HalfSipState {
  uint32_t v0, v1, v2, v3;

  void round() {
    v0 += v1;
    v1 = rotateLeft(v1, 5) ^ v0;
    v0 = rotateLeft(v0, 16);
    v2 += v3;
    v3 = rotateLeft(v3, 8) ^ v2;
    v0 += v3;
    v3 = rotateLeft(v3, 7) ^ v0;
    v2 += v1;
    v1 = rotateLeft(v1, 13) ^ v2;
    v2 = rotateLeft(v2, 16);
  }

  void absorb(uint32_t word) {
    v3 ^= word;
    round();
    v0 ^= word;
  }
};

// Words are read in little-endian order; every machine this runs on is little-endian.
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);

inline uint32_t halfSipHash(HashKey key, const uint8_t* bytes, uint32_t length) {
  HalfSipState s{key.k0, key.k1, 0x6c796765u ^ key.k0, 0x74656462u ^ key.k1};
  const uint8_t* const end = bytes + (length & ~3u);
  for (; bytes != end; bytes += 4) {
    uint32_t word;
    memcpy(&word, bytes, 4);
    s.absorb(word);
  }
  uint32_t last = length << 24;
  switch (length & 3) {
    case 3:
      last |= static_cast<uint32_t>(bytes[2]) << 16;
      [[fallthrough]];
    case 2:
      last |= static_cast<uint32_t>(bytes[1]) << 8;
      [[fallthrough]];
    case 1:
      last |= bytes[0];
  }
  s.absorb(last);
  s.v2 ^= 0xff;
  s.round();
  s.round();
  s.round();
  return s.v1 ^ s.v3;
}

}  // namespace millrace::base
