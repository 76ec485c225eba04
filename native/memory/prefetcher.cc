#include "prefetcher.h"

#include "../base/atomics.h"

namespace millrace::memory {

using base::loadRelaxed;

const uint8_t* Prefetcher::locate(const uint32_t* row, uint32_t hash) const {
  const uint32_t directory = loadRelaxed(row);
  const uint32_t depth = loadRelaxed(row + 1);
  if (directory == 0 || depth > 32) return nullptr;
  const uint64_t index = depth == 0 ? 0 : hash >> (32 - depth);
  const uint8_t* const place = readable((uint64_t{directory} << abi::kRefShift) + index * 8, 8);
  if (!place) return nullptr;
  const auto* const words = reinterpret_cast<const uint32_t*>(place);
  const uint32_t segment = loadRelaxed(words);
  const uint32_t meta = loadRelaxed(words + 1);
  const uint32_t localDepth = meta >> 16;
  if (segment == 0 || localDepth > 31) return nullptr;
  const uint32_t position = (hash << localDepth) >> 16;
  const uint32_t bucket = (position * (meta & 0xffff)) >> 16;
  return readable((uint64_t{segment} << abi::kRefShift) + uint64_t{bucket} * abi::kBucketBytes, abi::kBucketBytes);
}

void Prefetcher::entriesOf(const Pending& key) const {
  constexpr uint64_t each = 0x0101010101010101u;
  const uint8_t* const base = memory_->base();
  const uint32_t low = key.hash & 0xff;
  const uint64_t tag = each * (low == 0 ? 1 : low);
  const auto* const words = reinterpret_cast<const uint32_t*>(key.bucket);
  const auto* const references = words + 4;
  const uint64_t tags[2] = {loadRelaxed(words) | uint64_t{loadRelaxed(words + 1)} << 32, loadRelaxed(words + 2)};
  for (uint32_t half = 0; half < 2; half++) {
    // A byte of `same` is zero where a tag matches. The usual trick to find zero bytes may also report the byte after
    // one: a prefetch too many, once in a while.
    const uint64_t same = tags[half] ^ tag;
    uint64_t found = (same - each) & ~same & each * 0x80;
    if (half == 1) found &= 0x80808080u;
    for (; found != 0; found &= found - 1) {
      const uint32_t slot = half * 8 + static_cast<uint32_t>(__builtin_ctzll(found)) / 8;
      const uint64_t offset = uint64_t{loadRelaxed(references + slot)} << abi::kRefShift;
      __builtin_prefetch(base + offset);
      __builtin_prefetch(base + offset + 64);
    }
  }
}

}  // namespace millrace::memory
