// Bytes of a request that has not arrived completely, or of requests that found the ring full. A connection has one only
// while it needs one.
//
//   data_   | consumed | bytes(): size() of them   | room           |
//           0          start_                     end_        capacity_
//
// The memory follows what has arrived, never what was announced: it grows by doubling, except that it ends exactly
// where the argument being received ends, so that a large value is alone in its memory and can be handed over as it is.
#pragma once
#include <cstdint>
#include <vector>

#include "../resp/parser.h"

namespace millrace::net {

class InputBuffer {
 public:
  InputBuffer() = default;
  ~InputBuffer();
  InputBuffer(const InputBuffer&) = delete;
  InputBuffer& operator=(const InputBuffer&) = delete;

  uint8_t* bytes() const { return data_ + start_; }
  uint32_t size() const { return end_ - start_; }
  uint32_t capacity() const { return capacity_; }

  // The following three return false (nullptr) when the system has no memory left.
  bool append(const uint8_t* bytes, uint32_t count);
  // Where at least one and at most `*count` bytes can be received; sets the count. Then received() with how many came.
  uint8_t* room(uint32_t* count);
  void received(uint32_t count) { end_ += count; }

  // Forgets the first `count` bytes: the request at the front is done with, its state begins anew.
  void consume(uint32_t count);

  // Takes the memory out of the buffer with the request in the first `count` bytes, followed by `pairs` at
  // *tableOffset; what comes after the request stays here. The caller frees the memory, of *total bytes.
  uint8_t* detach(uint32_t count, uint32_t* tableOffset, uint32_t* total);

  // The bytes that count for client-query-buffer-limit. Redis moves large complete arguments out of its query buffer,
  // so they do not.
  uint64_t limitedBytes() const { return size() - largeArgumentBytes; }

  // What Redis would show as its query buffer: it has one for each large argument alone.
  uint32_t shownBytes() const;

  resp::ParseState state;
  std::vector<uint32_t> pairs;      // arguments found so far; offsets count from bytes()
  uint64_t largeArgumentBytes = 0;  // of those, the ones that Redis would have moved away

 private:
  bool resize(uint32_t capacity);
  void compact();

  uint8_t* data_ = nullptr;
  uint32_t start_ = 0;
  uint32_t end_ = 0;
  uint32_t capacity_ = 0;
};

}  // namespace millrace::net
