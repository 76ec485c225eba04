// The buffers of a lane, for tests; in the program they are JavaScript's.
#pragma once
#include <vector>

#include "../../native/ring/lane.h"

class LaneMemory {
 public:
  LaneMemory(uint32_t start, uint32_t reqBytes, uint32_t descWords, uint32_t outBytes)
      : ctl_(millrace::abi::kCtlWords), req_(reqBytes), desc_(descWords), out_(outBytes / 8) {
    lane_ = {ctl_.data(), req_.data(), reqBytes, desc_.data(), descWords, reinterpret_cast<uint8_t*>(out_.data()),
             outBytes};
    lane_.reset(start);
  }

  const millrace::ring::Lane& lane() const { return lane_; }

 private:
  std::vector<uint32_t> ctl_;
  std::vector<uint8_t> req_;
  std::vector<uint32_t> desc_;
  std::vector<uint64_t> out_;
  millrace::ring::Lane lane_;
};
