#include "input_buffer.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace millrace::net {
namespace {

constexpr uint32_t kSmallestGrowth = 16 * 1024;
constexpr int64_t kLargeArgument = 32 * 1024;
constexpr uint64_t kLargest = 0xf0000000;

}  // namespace

InputBuffer::~InputBuffer() { free(data_); }

uint32_t InputBuffer::shownBytes() const {
  return state.bulk >= kLargeArgument ? size() - state.position : size();
}

bool InputBuffer::resize(uint32_t capacity) {
  auto* const data = static_cast<uint8_t*>(realloc(data_, capacity));
  if (!data) return false;
  data_ = data;
  capacity_ = capacity;
  return true;
}

void InputBuffer::compact() {
  if (start_ == 0) return;
  memmove(data_, data_ + start_, size());
  end_ -= start_;
  start_ = 0;
}

bool InputBuffer::append(const uint8_t* bytes, uint32_t count) {
  if (count > capacity_ - end_) {
    compact();
    if (count > capacity_ - end_ && !resize(end_ + count)) return false;
  }
  memcpy(data_ + end_, bytes, count);
  end_ += count;
  return true;
}

uint8_t* InputBuffer::room(uint32_t* count) {
  compact();
  // Bytes until the argument being received is complete with its line end, if that is known.
  const uint64_t target = state.bulk >= 0 ? uint64_t{state.position} + static_cast<uint64_t>(state.bulk) + 2 : 0;
  const uint64_t missing = target > end_ ? target - end_ : kSmallestGrowth;
  if (capacity_ == end_) {
    const uint64_t growth = std::max<uint64_t>(kSmallestGrowth, end_);
    const uint64_t wanted = std::min<uint64_t>(end_ + std::min(growth, missing), kLargest);
    if (wanted <= end_ || !resize(static_cast<uint32_t>(wanted))) return nullptr;
  }
  *count = static_cast<uint32_t>(std::min<uint64_t>({*count, missing, capacity_ - end_}));
  return data_ + end_;
}

void InputBuffer::consume(uint32_t count) {
  start_ += count;
  state = {};
  pairs.clear();
  largeArgumentBytes = 0;
}

uint8_t* InputBuffer::detach(uint32_t count, uint32_t* tableOffset, uint32_t* total) {
  const uint32_t rest = size() - count;
  uint8_t* remainder = nullptr;
  if (rest > 0) {
    remainder = static_cast<uint8_t*>(malloc(rest));
    if (!remainder) return nullptr;
    memcpy(remainder, bytes() + count, rest);
  }
  compact();
  const uint32_t tableBytes = static_cast<uint32_t>(pairs.size() * sizeof(uint32_t));
  *tableOffset = (count + 3) & ~3u;
  *total = *tableOffset + tableBytes;
  if (!resize(*total)) {
    free(remainder);
    return nullptr;
  }
  memcpy(data_ + *tableOffset, pairs.data(), tableBytes);
  uint8_t* const detached = data_;
  data_ = remainder;
  start_ = 0;
  end_ = capacity_ = rest;
  state = {};
  pairs.clear();
  largeArgumentBytes = 0;
  return detached;
}

}  // namespace millrace::net
