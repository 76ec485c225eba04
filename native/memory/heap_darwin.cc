#include "heap.h"

namespace millrace::memory {

// The system takes freed memory back itself.
void keepHeapSmall() {}

}  // namespace millrace::memory
