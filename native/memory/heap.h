// The heap of the C library, which V8's compiler threads and the connections' buffers share.
#pragma once

namespace millrace::memory {

// Makes the whole process give freed memory back soon. Each of V8's compiler threads would else keep the megabytes of its
// last job for good. For programs of our own, not for those that embed a server. Best effort.
void keepHeapSmall();

}  // namespace millrace::memory
