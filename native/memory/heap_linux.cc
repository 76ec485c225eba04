#include "heap.h"

// glibc has it, musl does not (and returns freed memory anyway).
extern "C" int mallopt(int, int) __attribute__((weak));

namespace millrace::memory {

// mallopt's names for them, which musl's headers lack.
constexpr int kTrimThreshold = -1;
constexpr int kArenaMax = -8;

void keepHeapSmall() {
  if (!mallopt) return;
  // glibc's own threshold follows the largest block that was ever freed; one that is set stays.
  mallopt(kTrimThreshold, 128 * 1024);
  mallopt(kArenaMax, 2);
}

}  // namespace millrace::memory
