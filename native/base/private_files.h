// A table of open files of a thread's own. The limit on descriptors counts each table by itself, so a process whose
// threads have tables of their own may have many times as many sockets as its limit says.
//
// What such a thread opens nobody else sees, and the same number names different files in different threads: descriptors
// must not leave the thread except through net/descriptor_channel.h. The thread's end closes what it still has open.
#pragma once
#include <cstddef>

namespace millrace::base {

// Whether the system knows such tables, and lets this process have them (containers may forbid it).
bool hasPrivateFiles();

// Gives the calling thread a table of its own, with copies of the `count` descriptors at `kept` (which this sorts) and of
// the three standard ones alone. False with errno set; the thread shares its process's table then as before.
bool takePrivateFiles(int* kept, size_t count);

}  // namespace millrace::base
