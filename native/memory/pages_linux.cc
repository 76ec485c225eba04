#include <sys/mman.h>

#include "pages.h"

namespace millrace::memory {

// MADV_POPULATE_WRITE, which older headers lack.
constexpr int kPopulateWrite = 23;

uint8_t* reservePages(size_t bytes, size_t alignment) {
  void* const raw = mmap(nullptr, bytes + alignment, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (raw == MAP_FAILED) return nullptr;
  auto* const start = static_cast<uint8_t*>(raw);
  const size_t before = (alignment - reinterpret_cast<uintptr_t>(start) % alignment) % alignment;
  if (before > 0) munmap(start, before);
  munmap(start + before + bytes, alignment - before);
  return start + before;
}

void releasePages(uint8_t* start, size_t bytes) { munmap(start, bytes); }

bool commitPages(uint8_t* start, size_t bytes) { return mprotect(start, bytes, PROT_READ | PROT_WRITE) == 0; }

void avoidHugePages(uint8_t* start, size_t bytes) { madvise(start, bytes, MADV_NOHUGEPAGE); }

// Populating fails on kernels before 5.14, and where the pages are not writable.
void populateHugePages(uint8_t* start, size_t bytes) {
  madvise(start, bytes, MADV_HUGEPAGE);
  madvise(start, bytes, kPopulateWrite);
}

bool retirePages(uint8_t* start, size_t bytes) {
  return mmap(start, bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) != MAP_FAILED;
}

void discardPages(uint8_t* start, size_t bytes) { madvise(start, bytes, MADV_DONTNEED); }

}  // namespace millrace::memory
