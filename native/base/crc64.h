// The checksum of dumps and RDB files (src/base/crc64.ts, the twin, says which CRC that is), for many bytes at once.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace millrace::base {

// tables[k][byte] is what a byte does to the register when k more bytes follow it.
using Crc64Tables = std::array<std::array<uint64_t, 256>, 8>;

constexpr Crc64Tables makeCrc64Tables() {
  constexpr uint64_t kPolynomial = 0x95ac9329ac4bc9b5;
  Crc64Tables tables{};
  for (uint64_t byte = 0; byte < 256; byte++) {
    uint64_t crc = byte;
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ ((crc & 1) != 0 ? kPolynomial : 0);
    tables[0][byte] = crc;
  }
  for (size_t k = 1; k < tables.size(); k++) {
    for (size_t byte = 0; byte < 256; byte++) {
      const uint64_t shorter = tables[k - 1][byte];
      tables[k][byte] = shorter >> 8 ^ tables[0][shorter & 255];
    }
  }
  return tables;
}

inline constexpr Crc64Tables kCrc64Tables = makeCrc64Tables();

// Takes bytes into a checksum, which begins with 0.
inline uint64_t crc64(uint64_t crc, const uint8_t* bytes, size_t length) {
  const Crc64Tables& t = kCrc64Tables;
  const uint8_t* const end = bytes + length;
  for (; end - bytes >= 8; bytes += 8) {
    uint64_t eight;
    memcpy(&eight, bytes, 8);
    crc ^= eight;
    crc = t[7][crc & 255] ^ t[6][crc >> 8 & 255] ^ t[5][crc >> 16 & 255] ^ t[4][crc >> 24 & 255] ^
          t[3][crc >> 32 & 255] ^ t[2][crc >> 40 & 255] ^ t[1][crc >> 48 & 255] ^ t[0][crc >> 56];
  }
  for (; bytes != end; bytes++) crc = crc >> 8 ^ t[0][(crc ^ *bytes) & 255];
  return crc;
}

}  // namespace millrace::base
