#include "descriptor_channel.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

namespace millrace::net {
namespace {

// Room for one descriptor beside the byte.
union Control {
  cmsghdr align;
  char bytes[CMSG_SPACE(sizeof(int))];
};

}  // namespace

bool DescriptorChannel::open() {
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends_) != 0) return false;
  for (const int end : ends_) fcntl(end, F_SETFD, FD_CLOEXEC);
  return true;
}

void DescriptorChannel::close() {
  for (int& end : ends_) {
    if (end >= 0) ::close(end);
    end = -1;
  }
}

bool DescriptorChannel::send(int fd) {
  char byte = 0;
  iovec part{&byte, 1};
  Control control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes;
  message.msg_controllen = sizeof control.bytes;
  cmsghdr* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof fd);
  memcpy(CMSG_DATA(header), &fd, sizeof fd);
  ssize_t sent;
  do {
    sent = sendmsg(ends_[0], &message, 0);
  } while (sent < 0 && errno == EINTR);
  return sent == 1;
}

int DescriptorChannel::receive() {
  char byte = 0;
  iovec part{&byte, 1};
  Control control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes;
  message.msg_controllen = sizeof control.bytes;
  ssize_t received;
  do {
    received = recvmsg(ends_[1], &message, 0);
  } while (received < 0 && errno == EINTR);
  if (received != 1) return received < 0 ? -errno : -EPIPE;
  const cmsghdr* const header = CMSG_FIRSTHDR(&message);
  if (!header || header->cmsg_type != SCM_RIGHTS || header->cmsg_len != CMSG_LEN(sizeof(int))) return -EMFILE;
  int fd;
  memcpy(&fd, CMSG_DATA(header), sizeof fd);
  fcntl(fd, F_SETFD, FD_CLOEXEC);
  return fd;
}

}  // namespace millrace::net
