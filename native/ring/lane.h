// The buffers of one lane (abi.h draws them) and the order in which its two sides touch the control words.
#pragma once
#include <cstdint>

#include "../abi.h"
#include "../base/atomics.h"

namespace millrace::ring {

// Sizes are powers of two. The memory belongs to whoever made the lane and outlives both ends.
struct Lane {
  uint32_t* ctl = nullptr;
  uint8_t* req = nullptr;
  uint32_t reqBytes = 0;
  uint32_t* desc = nullptr;
  uint32_t descWords = 0;
  uint8_t* out = nullptr;
  uint32_t outBytes = 0;

  uint32_t* word(uint32_t index) const { return ctl + index; }

  // Bytes of `out` that the execution thread may fill.
  uint32_t freeOutBytes() const {
    return outBytes - (base::loadRelaxed(word(abi::kOutHead)) - base::loadAcquire(word(abi::kOutTail)));
  }

  // All counters begin at `start`, a multiple of 64; tests begin shortly before the wrap at 2^32.
  void reset(uint32_t start) const {
    for (const uint32_t index : {abi::kDescHead, abi::kDescTail, abi::kReqTail, abi::kOutHead, abi::kOutTail}) {
      base::storeRelaxed(word(index), start);
    }
    base::storeRelaxed(word(abi::kJsSleeping), 0u);
    base::storeRelaxed(word(abi::kIoSleeping), 0u);
  }
};

// How the two sides sleep without losing a wake-up, and without system calls while both are busy.
//
//   sleeper                              publisher
//     flag = 1                             publish (head or tail)
//     full fence                           full fence
//     look again: anything published?      flag == 1? exchange it for 0; whoever gets the 1 wakes the sleeper
//
// Of the two fences one comes first: either the sleeper sees what was published or the publisher sees the flag.

// Declares the caller asleep. It must look at its rings once more before it really sleeps.
inline void announceSleep(uint32_t* flag) {
  base::storeRelaxed(flag, 1u);
  std::atomic_thread_fence(std::memory_order_seq_cst);
}

inline void endSleep(uint32_t* flag) { base::storeRelaxed(flag, 0u); }

// After publishing: true if the other side sleeps and this caller is the one to wake it.
inline bool claimWake(uint32_t* flag) {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  return base::loadRelaxed(flag) == 1 && base::exchangeSequential(flag, 0u) == 1;
}

}  // namespace millrace::ring
