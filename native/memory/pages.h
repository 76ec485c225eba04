// Address space and pages, one implementation per system (pages_linux.cc, pages_darwin.cc).
#pragma once
#include <cstddef>
#include <cstdint>

namespace millrace::memory {

// Address space of `bytes` that nothing may touch yet, aligned to `alignment` (a power of two). Costs no memory and does
// not count against the system's commit limit. nullptr if there is not that much.
uint8_t* reservePages(size_t bytes, size_t alignment);

// Returns address space that reservePages() gave.
void releasePages(uint8_t* start, size_t bytes);

// Makes a part readable and writable; its pages are zero and appear when touched. False if the system refuses.
bool commitPages(uint8_t* start, size_t bytes);

// Asks for small pages, where the system leaves that to the program: the first touch of one costs little. Best effort.
void avoidHugePages(uint8_t* start, size_t bytes);

// Has the system find the pages of a writable part now and not when they are touched, large ones if it can. On any
// thread. Best effort.
void populateHugePages(uint8_t* start, size_t bytes);

// Makes a part readable only, all zero, and gives its memory back. At no moment is it unreadable.
bool retirePages(uint8_t* start, size_t bytes);

// Gives the memory of whole pages of a committed part back; they read as zero and stay writable.
void discardPages(uint8_t* start, size_t bytes);

}  // namespace millrace::memory
