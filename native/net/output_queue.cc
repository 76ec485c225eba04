#include "output_queue.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace millrace::net {
namespace {

// Blocks double from one to the next: thousands of clients that are a few bytes behind should cost little.
constexpr uint64_t kSmallestBlock = 1024;
constexpr uint64_t kUsualBlock = 16 * 1024;

}  // namespace

OutputQueue::~OutputQueue() {
  while (first_) {
    Block* const next = first_->next;
    free(first_);
    first_ = next;
  }
}

bool OutputQueue::append(const uint8_t* bytes, uint32_t count) {
  const uint32_t room = last_ ? last_->capacity - last_->end : 0;
  const uint32_t here = std::min(room, count);
  const uint32_t rest = count - here;
  Block* block = nullptr;
  if (rest > 0) {
    const uint64_t usual = std::clamp(heldBytes_, kSmallestBlock, kUsualBlock) - sizeof(Block);
    const uint32_t capacity = std::max(static_cast<uint32_t>(usual), rest);
    block = static_cast<Block*>(malloc(sizeof(Block) + capacity));
    if (!block) return false;
    *block = {nullptr, 0, rest, capacity};
    memcpy(block->bytes, bytes + here, rest);
    heldBytes_ += sizeof(Block) + capacity;
    blocks_++;
  }
  if (here > 0) {
    memcpy(last_->bytes + last_->end, bytes, here);
    last_->end += here;
  }
  if (block) {
    (last_ ? last_->next : first_) = block;
    last_ = block;
  }
  bytes_ += count;
  return true;
}

int OutputQueue::gather(iovec* parts, int capacity) const {
  int count = 0;
  for (Block* block = first_; block && count < capacity; block = block->next) {
    parts[count++] = {block->bytes + block->begin, block->end - block->begin};
  }
  return count;
}

void OutputQueue::consume(uint64_t count) {
  bytes_ -= count;
  while (count > 0) {
    Block* const block = first_;
    const uint64_t part = std::min<uint64_t>(count, block->end - block->begin);
    block->begin += static_cast<uint32_t>(part);
    count -= part;
    if (block->begin < block->end) continue;
    first_ = block->next;
    if (!first_) last_ = nullptr;
    heldBytes_ -= sizeof(Block) + block->capacity;
    blocks_--;
    free(block);
  }
}

}  // namespace millrace::net
