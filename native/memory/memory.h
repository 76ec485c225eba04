// The memory that all data lives in: chunks of 64 MiB, side by side in one range of reserved addresses.
//
//   base_          + 64 MiB                                  highWater_                     end of the reservation
//   | chunk 0       | chunk 1       | chunk 2 (unmapped)      |  nothing may touch this      |
//   | read, write   | read, write   | reads as zero           |                              |
//
// A reference is a 32-bit number in units of 8 bytes from base_, so a block of several chunks is contiguous for both
// sides. The execution thread maps and unmaps; I/O threads only read ahead (prefetcher.h), at any time and by
// references that may be stale or torn. Everything below the high-water mark therefore stays readable for ever:
// unmapping replaces pages by zeros, it never makes a hole.
//
// The first touch of a page costs: the system has to find and clear it, which for a large page takes from a tenth of a
// millisecond to ten, on a guest whose host has to find it first. So a worker touches pages ahead of where the
// execution thread is filling chunks. Should it be late, small pages are found there, a few microseconds each.
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "../abi.h"
#include "worker.h"

namespace millrace::memory {

constexpr uint64_t kChunkBytes = uint64_t{1} << abi::kChunkShift;

class Memory {
 public:
  // Room for `maxChunks` chunks (fewer if the system has less address space to give) and `hintRows` rows of hints.
  Memory(uint32_t maxChunks, uint32_t hintRows);
  ~Memory();
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  uint32_t maxChunks() const { return maxChunks_; }

  // `chunks` zeroed chunks from `first` on, committed as they are touched. nullptr if one of them is in use, out of
  // range, or the system refuses. The chunks are a unit: unmap() takes them back together.
  uint8_t* map(uint32_t first, uint32_t chunks);

  // Bytes of the unit that begins at `first`, 0 if none does.
  uint64_t mappedBytes(uint32_t first) const;

  // Gives a unit's memory back. False if none begins there.
  bool unmap(uint32_t first);

  // Says that a mapped chunk is being filled and that `offset` comes next: pages behind it are made ready.
  void approach(uint32_t chunk, uint64_t offset);

  // Says that filling has come to rest: what was made ready of the chunk from `offset` on, where nothing is yet, goes back.
  // False, and nothing has happened, while the worker is at it.
  bool rest(uint32_t chunk, uint64_t offset);

  // Gives back whole pages within a range of a mapped chunk; what lies on them becomes zero. False outside of mapped
  // memory. Parts of pages at the ends of the range are left alone.
  bool decommit(uint32_t chunk, uint64_t offset, uint64_t bytes);

  uint32_t* hints() { return hints_.data(); }
  uint32_t hintRows() const { return static_cast<uint32_t>(hints_.size()) / abi::kHintWords; }

  // What an I/O thread may read: any byte of [base(), base() + readableBytes()).
  const uint8_t* base() const { return base_; }
  uint64_t readableBytes() const { return highWater_.load(std::memory_order_acquire); }

 private:
  uint8_t* base_ = nullptr;
  uint32_t maxChunks_ = 0;
  std::atomic<uint64_t> highWater_{0};
  std::vector<uint32_t> unitChunks_;  // by first chunk: chunks of the unit, 0 if none begins there
  std::vector<bool> inUse_;
  std::vector<uint32_t> hints_;

  uint64_t readyEnd_ = 0;  // up to this offset from base_ pages were asked for
  std::unique_ptr<Worker> worker_ = std::make_unique<Worker>();
};

}  // namespace millrace::memory
