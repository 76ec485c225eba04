// Takes descriptors from one table of open files to another: to and between threads that have their own
// (base/private_files.h). One byte travels for each, with the file attached to it.
#pragma once

namespace millrace::net {

class DescriptorChannel {
 public:
  DescriptorChannel() = default;
  ~DescriptorChannel() { close(); }
  DescriptorChannel(const DescriptorChannel&) = delete;
  DescriptorChannel& operator=(const DescriptorChannel&) = delete;

  // False with errno set.
  bool open();
  void close();

  // Both ends are blocking: whoever sends says so to a receiver that takes what came before. The sender still has its own
  // descriptor of the file afterwards. False with errno set, and then nothing is on its way.
  bool send(int fd);
  // A descriptor of the file in the caller's table, or -errno: EMFILE if it has no room for one, and the file is closed.
  int receive();

  // For the threads that keep them.
  int sendEnd() const { return ends_[0]; }
  int receiveEnd() const { return ends_[1]; }

 private:
  int ends_[2] = {-1, -1};
};

}  // namespace millrace::net
