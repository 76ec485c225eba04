// Reads ahead for the execution thread: while a batch of requests is being parsed, the buckets of their keys travel from
// memory to the cache, and some requests later, when a bucket has arrived, the entries that it names follow. Without
// this, waiting for memory is most of what a GET costs once the data exceeds the cache. Both steps are spread over the
// parsing: a processor has room for a dozen lines under way, and stalls when asked for more.
//
// The execution thread changes the table at the same time. Everything read here may be stale or torn: it is
// only ever used as an address, which is checked against what is readable, or as the operand of a prefetch, which
// cannot fault. The table's layout is in abi.h and in keyspace/table.ts.
//
//   hints row ──▶ directory: 8 bytes {segment, localDepth << 16 | buckets} each, indexed by the hash's first bits
//                    └──▶ segment: buckets of one cache line, chosen by the following 16 bits of the hash
//                            └──▶ 12 tags (the hash's last 8 bits, never 0) and 12 references of entries
#pragma once
#include <cstdint>

#include "memory.h"

namespace millrace::memory {

class Prefetcher {
 public:
  explicit Prefetcher(Memory* memory) : memory_(memory) {}

  // Starts the bucket of a key on its way. Cheap enough for every request; does nothing for an empty database.
  void key(uint32_t database, uint32_t hash) {
    if (count_ == kCapacity || database >= memory_->hintRows()) return;
    const uint8_t* const bucket = locate(memory_->hints() + database * abi::kHintWords, hash);
    if (!bucket) return;
    __builtin_prefetch(bucket);
    pending_[count_++] = {bucket, hash};
    if (count_ - done_ > kDistance) entriesOf(pending_[done_++]);
  }

  // Ends a batch: starts what key() has not started yet.
  void finish() {
    while (done_ < count_) entriesOf(pending_[done_++]);
    count_ = done_ = 0;
  }

 private:
  static constexpr uint32_t kCapacity = 1024;
  static constexpr uint32_t kDistance = 12;

  struct Pending {
    const uint8_t* bucket;
    uint32_t hash;
  };

  void entriesOf(const Pending& key) const;
  const uint8_t* locate(const uint32_t* row, uint32_t hash) const;
  const uint8_t* readable(uint64_t offset, uint32_t bytes) const {
    return offset + bytes <= memory_->readableBytes() ? memory_->base() + offset : nullptr;
  }

  Memory* const memory_;
  uint32_t count_ = 0;
  uint32_t done_ = 0;
  Pending pending_[kCapacity];
};

}  // namespace millrace::memory
