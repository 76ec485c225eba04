// Reads ahead for the execution thread: while a batch of requests is being parsed, the buckets of their keys travel from
// memory to the cache, and some requests later, when a bucket has arrived, the entries that it names follow. For a
// command about one element of a large collection the same is done once more inside the collection. Without this,
// waiting for memory is most of what a GET costs once the data exceeds the cache. All steps are spread over the parsing:
// a processor has room for a dozen lines under way, and stalls when asked for more.
//
// The execution thread changes the table at the same time. Everything read here may be stale or torn: it is
// only ever used as an address, which is checked against what is readable, or as the operand of a prefetch, which
// cannot fault. The table's layout is in abi.h and in structs/segments.ts.
//
//   hints row ──▶ directory: 8 bytes {segment, localDepth << 16 | buckets} each, indexed by the hash's first bits
//                    └──▶ segment: buckets of one cache line, chosen by the following 16 bits of the hash
//                            └──▶ 12 tags (the hash's last 8 bits, never 0) and 12 references of entries
//   entry     ──▶ header of a collection's table: begins as a hints row does, and leads to elements in the same way
#pragma once
#include <cstdint>

#include "memory.h"

namespace millrace::memory {

class Prefetcher {
 public:
  explicit Prefetcher(Memory* memory) : memory_(memory) {}

  // Starts the bucket of a key on its way. Cheap enough for every request; does nothing for an empty database.
  // `member` is the hash of an element's name, 0 if the command names none.
  void key(uint32_t database, uint32_t hash, uint32_t member) {
    if (count_ == kCapacity || database >= memory_->hintRows()) return;
    const uint8_t* const bucket = locate(memory_->hints() + database * abi::kHintWords, hash);
    if (!bucket) return;
    __builtin_prefetch(bucket);
    pending_[count_++] = {bucket, nullptr, hash, member};
    for (uint32_t stage = 0; stage < kStages; stage++) {
      if (count_ - done_[stage] <= kDistance * (stage + 1)) break;
      advance(stage, pending_[done_[stage]++]);
    }
  }

  // Ends a batch: takes all keys through the stages that are left.
  void finish() {
    for (uint32_t stage = 0; stage < kStages; stage++) {
      while (done_[stage] < count_) advance(stage, pending_[done_[stage]++]);
      done_[stage] = 0;
    }
    count_ = 0;
  }

 private:
  static constexpr uint32_t kCapacity = 1024;
  static constexpr uint32_t kDistance = 12;
  static constexpr uint32_t kStages = 4;

  struct Pending {
    const uint8_t* bucket;  // of the key; from the third stage on, of the member
    const uint8_t* header;  // of the collection's table
    uint32_t hash;
    uint32_t member;
  };

  // What follows, as soon as what the stage before asked for has arrived: the entries of the key's bucket, the header of
  // the collection's table, the member's bucket, the elements of that bucket.
  void advance(uint32_t stage, Pending& key) const {
    if (stage == 0) return fetchNamed(key.bucket, key.hash);
    if (key.member == 0) return;
    if (stage == 1) {
      key.header = headerOf(key.bucket, key.hash);
      if (key.header) __builtin_prefetch(key.header);
    } else if (stage == 2) {
      key.bucket = key.header ? locate(reinterpret_cast<const uint32_t*>(key.header), key.member) : nullptr;
      if (key.bucket) __builtin_prefetch(key.bucket);
    } else if (key.bucket) {
      fetchNamed(key.bucket, key.member);
    }
  }

  void fetchNamed(const uint8_t* bucket, uint32_t hash) const;
  const uint8_t* headerOf(const uint8_t* bucket, uint32_t hash) const;
  const uint8_t* locate(const uint32_t* row, uint32_t hash) const;
  const uint8_t* readable(uint64_t offset, uint32_t bytes) const {
    return offset + bytes <= memory_->readableBytes() ? memory_->base() + offset : nullptr;
  }

  Memory* const memory_;
  uint32_t count_ = 0;
  uint32_t done_[kStages] = {};
  Pending pending_[kCapacity];
};

}  // namespace millrace::memory
