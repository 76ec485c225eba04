// Reply bytes that a socket did not take yet, in blocks. A connection has one only while its reader is behind.
#pragma once
#include <sys/uio.h>

#include <cstdint>

namespace millrace::net {

class OutputQueue {
 public:
  OutputQueue() = default;
  ~OutputQueue();
  OutputQueue(const OutputQueue&) = delete;
  OutputQueue& operator=(const OutputQueue&) = delete;

  bool empty() const { return bytes_ == 0; }
  uint64_t bytes() const { return bytes_; }
  // Memory of the blocks, which is what output limits count.
  uint64_t heldBytes() const { return heldBytes_; }
  uint32_t blocks() const { return blocks_; }

  // False when the system has no memory left; nothing is appended then.
  bool append(const uint8_t* bytes, uint32_t count);

  // Where the next bytes will be written, or nullptr.
  const void* end() const { return last_ ? last_->bytes + last_->end : nullptr; }

  // Describes up to `capacity` parts of what is to be sent next; returns their number.
  int gather(iovec* parts, int capacity) const;

  // The first `count` bytes are sent.
  void consume(uint64_t count);

  uint64_t overSoftLimitSinceMs = 0;  // 0: it is not over the soft limit

 private:
  struct Block {
    Block* next;
    uint32_t begin;
    uint32_t end;
    uint32_t capacity;
    uint8_t bytes[];
  };

  Block* first_ = nullptr;
  Block* last_ = nullptr;
  uint64_t bytes_ = 0;
  uint64_t heldBytes_ = 0;
  uint32_t blocks_ = 0;
};

}  // namespace millrace::net
