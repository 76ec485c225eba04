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

namespace {

// The slots of a bucket whose tag fits a hash: calls back with the reference that stands there. A byte of `same` is zero
// where a tag matches. The usual trick to find zero bytes may also report the byte after one: a slot too many, once in a
// while. Stops when the callback returns true.
template <class Visit>
void forEachNamed(const uint8_t* bucket, uint32_t hash, Visit visit) {
  constexpr uint64_t each = 0x0101010101010101u;
  const uint32_t low = hash & 0xff;
  const uint64_t tag = each * (low == 0 ? 1 : low);
  const auto* const words = reinterpret_cast<const uint32_t*>(bucket);
  const auto* const references = words + 4;
  const uint64_t tags[2] = {loadRelaxed(words) | uint64_t{loadRelaxed(words + 1)} << 32, loadRelaxed(words + 2)};
  for (uint32_t half = 0; half < 2; half++) {
    const uint64_t same = tags[half] ^ tag;
    uint64_t found = (same - each) & ~same & each * 0x80;
    if (half == 1) found &= 0x80808080u;
    for (; found != 0; found &= found - 1) {
      const uint32_t slot = half * 8 + static_cast<uint32_t>(__builtin_ctzll(found)) / 8;
      if (visit(uint64_t{loadRelaxed(references + slot)} << abi::kRefShift)) return;
    }
  }
}

}  // namespace

void Prefetcher::fetchNamed(const uint8_t* bucket, uint32_t hash) const {
  const uint8_t* const base = memory_->base();
  forEachNamed(bucket, hash, [base](uint64_t offset) {
    __builtin_prefetch(base + offset);
    __builtin_prefetch(base + offset + 64);
    return false;
  });
}

// The header of the table that the bucket's first fitting entry has for a value, if it is a collection of that kind.
const uint8_t* Prefetcher::headerOf(const uint8_t* bucket, uint32_t hash) const {
  constexpr uint32_t kEntryHeadBytes = 32;
  constexpr uint32_t kHeaderBytes = 8;
  const uint8_t* header = nullptr;
  forEachNamed(bucket, hash, [&](uint64_t offset) {
    const auto* const words = reinterpret_cast<const uint32_t*>(readable(offset, kEntryHeadBytes));
    if (!words) return false;
    const uint32_t encoding = loadRelaxed(words) & 15;
    const uint32_t flags = loadRelaxed(words + 1) >> 28;
    const bool isTable = encoding == abi::kEncodingHashtable || encoding == abi::kEncodingSkiplist;
    if (!isTable || (flags & abi::kEntryHasWords) == 0) return false;
    const uint32_t at = 2 + (flags & abi::kEntryLongKey ? 2 : 0) + (flags & abi::kEntryHasExpiry ? 2 : 0);
    header = readable(uint64_t{loadRelaxed(words + at)} << abi::kRefShift, kHeaderBytes);
    return true;
  });
  return header;
}

}  // namespace millrace::memory
