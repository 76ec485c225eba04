// HalfSipHash-1-3 has no published vectors. The plain form below has: with two and four rounds it must give the
// reference repository's (vectors_hsip32), with one and three it must agree with the one we use.
#include <random>
#include <vector>

#include "../../native/base/half_sip_hash.h"
#include "check.h"

using namespace millrace::base;

namespace {

uint32_t plainHalfSip(int compressing, int finishing, uint32_t k0, uint32_t k1, const std::vector<uint8_t>& bytes) {
  uint32_t v[4] = {k0, k1, 0x6c796765 ^ k0, 0x74656462 ^ k1};
  const auto rounds = [&v](int count) {
    const auto turn = [](uint32_t value, int bits) { return value << bits | value >> (32 - bits); };
    while (count-- > 0) {
      v[0] += v[1], v[1] = turn(v[1], 5), v[1] ^= v[0], v[0] = turn(v[0], 16);
      v[2] += v[3], v[3] = turn(v[3], 8), v[3] ^= v[2];
      v[0] += v[3], v[3] = turn(v[3], 7), v[3] ^= v[0];
      v[2] += v[1], v[1] = turn(v[1], 13), v[1] ^= v[2], v[2] = turn(v[2], 16);
    }
  };
  std::vector<uint8_t> padded = bytes;
  while (padded.size() % 4 != 3) padded.push_back(0);
  padded.push_back(static_cast<uint8_t>(bytes.size()));
  for (size_t i = 0; i < padded.size(); i += 4) {
    const uint32_t word = padded[i] | padded[i + 1] << 8 | padded[i + 2] << 16 | uint32_t{padded[i + 3]} << 24;
    v[3] ^= word;
    rounds(compressing);
    v[0] ^= word;
  }
  v[2] ^= 0xff;
  rounds(finishing);
  return v[1] ^ v[3];
}

}  // namespace

TEST_CASE("the plain form of the key hash gives the published vectors") {
  const uint32_t expected[] = {0x5b9f35a9, 0xb85a4727, 0x03a662fa, 0x04e7fe8a, 0x89466e2a, 0x69b6fac5};
  std::vector<uint8_t> bytes;
  for (const uint32_t vector : expected) {
    CHECK_EQ(plainHalfSip(2, 4, 0x03020100, 0x07060504, bytes), vector);
    bytes.push_back(static_cast<uint8_t>(bytes.size()));
  }
}

TEST_CASE("the key hash agrees with the plain form at every length and alignment") {
  std::mt19937 random(1);
  for (uint32_t length = 0; length < 70; length++) {
    std::vector<uint8_t> bytes(length);
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
    const HashKey key{static_cast<uint32_t>(random()), static_cast<uint32_t>(random())};
    const uint32_t expected = plainHalfSip(1, 3, key.k0, key.k1, bytes);
    for (uint32_t shift = 0; shift < 4; shift++) {
      std::vector<uint8_t> shifted(shift);
      shifted.insert(shifted.end(), bytes.begin(), bytes.end());
      CHECK_EQ(halfSipHash(key, shifted.data() + shift, length), expected);
    }
  }
}
