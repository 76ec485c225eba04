#include <sys/mman.h>

#include "pages.h"

namespace millrace::memory {

uint8_t* reservePages(size_t bytes, size_t alignment) {
  void* const raw = mmap(nullptr, bytes + alignment, PROT_NONE, MAP_PRIVATE | MAP_ANON | MAP_NORESERVE, -1, 0);
  if (raw == MAP_FAILED) return nullptr;
  auto* const start = static_cast<uint8_t*>(raw);
  const size_t before = (alignment - reinterpret_cast<uintptr_t>(start) % alignment) % alignment;
  if (before > 0) munmap(start, before);
  munmap(start + before + bytes, alignment - before);
  return start + before;
}

void releasePages(uint8_t* start, size_t bytes) { munmap(start, bytes); }

bool commitPages(uint8_t* start, size_t bytes) { return mprotect(start, bytes, PROT_READ | PROT_WRITE) == 0; }

// The system decides about large pages itself.
void avoidHugePages(uint8_t*, size_t) {}

// There is no call for it.
void populateHugePages(uint8_t*, size_t) {}

bool retirePages(uint8_t* start, size_t bytes) {
  return mmap(start, bytes, PROT_READ, MAP_PRIVATE | MAP_ANON | MAP_NORESERVE | MAP_FIXED, -1, 0) != MAP_FAILED;
}

// MADV_DONTNEED leaves the contents here; a fresh mapping in place of the old one does not.
void discardPages(uint8_t* start, size_t bytes) {
  mmap(start, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON | MAP_NORESERVE | MAP_FIXED, -1, 0);
}

}  // namespace millrace::memory
