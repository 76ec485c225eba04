#include "listener.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

namespace millrace::net {

Listener::Listener(int fd, uint8_t pathIndex, std::string path, bool secure)
    : fd_(fd), path_(std::move(path)), secure_(secure) {
  local_ = localEndpoint(fd);
  local_.path = pathIndex;
  localVaries_ = local_.family != kUnix && local_.high == 0 && local_.low == 0;
  struct stat status;
  if (!path_.empty() && lstat(path_.c_str(), &status) == 0) {
    device_ = status.st_dev;
    inode_ = status.st_ino;
  }
}

Listener::~Listener() {
  // Somebody else may have put a socket of the same name in place since.
  struct stat status;
  if (!path_.empty() && lstat(path_.c_str(), &status) == 0 && status.st_dev == device_ && status.st_ino == inode_) {
    unlink(path_.c_str());
  }
  close(fd_);
}

Accept Listener::accept(Accepted* accepted, Stats& stats) {
  for (;;) {
    sockaddr_storage peer;
    const int fd = acceptSocket(fd_, &peer);
    if (fd >= 0) {
      accepted->fd = fd;
      accepted->secure = secure_;
      accepted->local = localVaries_ ? localEndpoint(fd) : local_;
      accepted->peer = local_.family == kUnix ? local_ : toEndpoint(peer);
      return Accept::kTaken;
    }
    switch (-fd) {
      case EAGAIN:
        return Accept::kNone;
      case EMFILE:
      case ENFILE:
      case ENOBUFS:
      case ENOMEM:
        return Accept::kRest;
      case EBADF:
      case EINVAL:
      case ENOTSOCK:
        return Accept::kNone;
      default:
        // The connection died in the queue, or a signal came: the next one may be fine.
        if (-fd != EINTR) stats.add(kAcceptErrors);
    }
  }
}

}  // namespace millrace::net
