#include "memory.h"

#include <unistd.h>

#include <algorithm>

#include "pages.h"

namespace millrace::memory {

constexpr uint64_t kSmallPagesBytes = 4 << 20;
constexpr uint64_t kPageBytes = 2 << 20;
// How far ahead of the execution thread pages are made ready: a share of what is filled, within bounds.
constexpr uint64_t kAheadShare = 32;
constexpr uint64_t kAheadBytesMax = 16 << 20;

Memory::Memory(uint32_t maxChunks, uint32_t hintRows) : hints_(hintRows * abi::kHintWords) {
  for (maxChunks_ = maxChunks; maxChunks_ > 0; maxChunks_ /= 2) {
    base_ = reservePages(maxChunks_ * kChunkBytes, kChunkBytes);
    if (base_) break;
  }
  unitChunks_.resize(maxChunks_);
  inUse_.resize(maxChunks_);
}

Memory::~Memory() {
  // It must not touch addresses that belong to others afterwards.
  worker_.reset();
  if (base_) releasePages(base_, maxChunks_ * kChunkBytes);
}

uint8_t* Memory::map(uint32_t first, uint32_t chunks) {
  if (chunks == 0 || first >= maxChunks_ || chunks > maxChunks_ - first) return nullptr;
  const auto begin = inUse_.begin() + first;
  if (std::find(begin, begin + chunks, true) != begin + chunks) return nullptr;

  uint8_t* const start = base_ + first * kChunkBytes;
  const uint64_t end = (first + uint64_t{chunks}) * kChunkBytes;
  const uint64_t highWater = highWater_.load(std::memory_order_relaxed);
  const uint64_t gap = first * kChunkBytes > highWater ? first * kChunkBytes - highWater : 0;
  if (gap > 0 && !retirePages(base_ + highWater, gap)) return nullptr;
  if (!commitPages(start, chunks * kChunkBytes)) return nullptr;
  // Where the worker has not been yet, the execution thread finds small pages.
  avoidHugePages(start, chunks * kChunkBytes);
  if (end > highWater) highWater_.store(end, std::memory_order_release);
  std::fill_n(begin, chunks, true);
  unitChunks_[first] = chunks;
  return start;
}

// A server that holds next to nothing should stay small. Once it holds more, large pages spare the walk through the page
// table that nearly every access to a random key costs otherwise, prefetches included.
void Memory::approach(uint32_t chunk, uint64_t offset) {
  const uint64_t place = chunk * kChunkBytes + offset;
  if (place < kSmallPagesBytes) return;
  const uint64_t ahead = std::clamp(place / kAheadShare & ~(kPageBytes - 1), kPageBytes, kAheadBytesMax);
  uint64_t begin = (place + kPageBytes - 1) & ~(kPageBytes - 1);
  const uint64_t end = std::min(begin + ahead, readableBytes());
  if (readyEnd_ > begin && readyEnd_ <= end) begin = readyEnd_;
  readyEnd_ = end;
  for (; begin < end; begin += kPageBytes) {
    worker_->post([page = base_ + begin] { populateHugePages(page, kPageBytes); });
  }
}

bool Memory::rest(uint32_t chunk, uint64_t offset) {
  if (!worker_->idle()) return false;
  const uint64_t place = chunk * kChunkBytes + offset;
  const uint64_t end = std::min(readyEnd_, (chunk + uint64_t{1}) * kChunkBytes);
  readyEnd_ = 0;
  if (end > place) decommit(chunk, offset, end - place);
  return true;
}

uint64_t Memory::mappedBytes(uint32_t first) const { return first < maxChunks_ ? unitChunks_[first] * kChunkBytes : 0; }

bool Memory::unmap(uint32_t first) {
  const uint64_t bytes = mappedBytes(first);
  if (bytes == 0 || !retirePages(base_ + first * kChunkBytes, bytes)) return false;
  std::fill_n(inUse_.begin() + first, unitChunks_[first], false);
  unitChunks_[first] = 0;
  return true;
}

bool Memory::decommit(uint32_t chunk, uint64_t offset, uint64_t bytes) {
  if (chunk >= maxChunks_ || !inUse_[chunk] || offset > kChunkBytes || bytes > kChunkBytes - offset) return false;
  static const auto pageBytes = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  const uint64_t begin = (offset + pageBytes - 1) & ~(pageBytes - 1);
  const uint64_t end = (offset + bytes) & ~(pageBytes - 1);
  if (begin >= end) return true;
  uint8_t* const start = base_ + chunk * kChunkBytes;
  discardPages(start + begin, end - begin);
  // Or the system would soon make large pages of what is left around the hole, and fill it.
  const uint64_t from = begin & ~(kPageBytes - 1);
  avoidHugePages(start + from, std::min((end + kPageBytes - 1) & ~(kPageBytes - 1), kChunkBytes) - from);
  return true;
}

}  // namespace millrace::memory
