#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "private_files.h"

namespace millrace::base {
namespace {

// close_range(2), which older headers lack.
constexpr long kCloseRange = 436;
constexpr unsigned kFirstOther = 3;
// Where the kernel is older than that call, descriptors are closed one by one up to here.
constexpr rlim_t kMostByHand = 65536;

void closeFrom(unsigned first, unsigned last) {
  if (first > last || syscall(kCloseRange, first, last, 0) == 0) return;
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = kMostByHand;
  const auto end = static_cast<unsigned>(std::min({limit.rlim_cur, kMostByHand, rlim_t{last}}));
  for (unsigned fd = first; fd < end; fd++) close(static_cast<int>(fd));
}

}  // namespace

bool hasPrivateFiles() {
  bool allowed = false;
  std::thread([&] { allowed = unshare(CLONE_FILES) == 0; }).join();
  return allowed;
}

bool takePrivateFiles(int* kept, size_t count) {
  if (unshare(CLONE_FILES) != 0) return false;
  std::sort(kept, kept + count);
  unsigned first = kFirstOther;
  for (size_t i = 0; i < count; i++) {
    const auto fd = static_cast<unsigned>(kept[i]);
    if (fd < first) continue;
    if (fd > first) closeFrom(first, fd - 1);
    first = fd + 1;
  }
  closeFrom(first, UINT_MAX);
  return true;
}

}  // namespace millrace::base
