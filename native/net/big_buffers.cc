#include "big_buffers.h"

#include <cstdlib>

namespace millrace::net {

BigBuffers::~BigBuffers() {
  for (const auto& [id, buffer] : buffers_) free(buffer.data);
}

uint32_t BigBuffers::add(uint8_t* data, uint32_t bytes) {
  const std::lock_guard lock(mutex_);
  do {
    lastId_++;
  } while (lastId_ == 0 || buffers_.contains(lastId_));
  buffers_[lastId_] = {data, bytes};
  return lastId_;
}

BigBuffer BigBuffers::take(uint32_t id) {
  const std::lock_guard lock(mutex_);
  const auto found = buffers_.find(id);
  if (found == buffers_.end()) return {};
  const BigBuffer buffer = found->second;
  buffers_.erase(found);
  return buffer;
}

}  // namespace millrace::net
