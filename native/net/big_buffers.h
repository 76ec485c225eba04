// Large requests, each in memory of its own, on their way from an I/O thread to JavaScript, by id. One per reactor.
#pragma once
#include <cstdint>
#include <mutex>
#include <unordered_map>

namespace millrace::net {

struct BigBuffer {
  uint8_t* data = nullptr;  // from malloc; nullptr: no such buffer
  uint32_t bytes = 0;
};

class BigBuffers {
 public:
  BigBuffers() = default;
  ~BigBuffers();
  BigBuffers(const BigBuffers&) = delete;
  BigBuffers& operator=(const BigBuffers&) = delete;

  // Any thread. Takes over `data`; returns its id, never 0.
  uint32_t add(uint8_t* data, uint32_t bytes);
  // Any thread. Hands the buffer out, once; the caller frees it.
  BigBuffer take(uint32_t id);

 private:
  std::mutex mutex_;
  std::unordered_map<uint32_t, BigBuffer> buffers_;
  uint32_t lastId_ = 0;
};

}  // namespace millrace::net
