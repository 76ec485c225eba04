// Descriptor tables of threads, and descriptors on their way between them.
#include "../../native/base/private_files.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include "../../native/net/descriptor_channel.h"
#include "check.h"

using namespace millrace;

namespace {

bool isOpen(int fd) { return fcntl(fd, F_GETFD) >= 0; }

}  // namespace

TEST_CASE("a descriptor arrives as another one of the same file, closed on exec") {
  net::DescriptorChannel channel;
  REQUIRE(channel.open());
  int pipe[2];
  REQUIRE(::pipe(pipe) == 0);
  CHECK(channel.send(pipe[1]));
  close(pipe[1]);
  const int arrived = channel.receive();
  REQUIRE(arrived >= 0);
  CHECK_EQ(fcntl(arrived, F_GETFD), FD_CLOEXEC);
  CHECK_EQ(write(arrived, "x", 1), 1);
  char byte = 0;
  CHECK_EQ(read(pipe[0], &byte, 1), 1);
  CHECK_EQ(byte, 'x');
  close(arrived);
  CHECK_EQ(read(pipe[0], &byte, 1), 0);
  close(pipe[0]);
}

TEST_CASE("a descriptor that is none is not sent, and one for which there is no room is closed") {
  net::DescriptorChannel channel;
  REQUIRE(channel.open());
  CHECK(!channel.send(-1));
  int pipe[2];
  REQUIRE(::pipe(pipe) == 0);
  CHECK(channel.send(pipe[1]));
  close(pipe[1]);
  rlimit before;
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  rlimit none = before;
  none.rlim_cur = 0;
  REQUIRE(setrlimit(RLIMIT_NOFILE, &none) == 0);
  CHECK_EQ(channel.receive(), -EMFILE);
  REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
  char byte;
  CHECK_EQ(read(pipe[0], &byte, 1), 0);
  close(pipe[0]);
}

TEST_CASE("a thread with its own table has what it keeps, and what it does there stays there") {
  if (!base::hasPrivateFiles()) return;
  net::DescriptorChannel channel;
  REQUIRE(channel.open());
  int kept[2], other[2];
  REQUIRE(pipe(kept) == 0);
  REQUIRE(pipe(other) == 0);
  std::vector<int> files = {channel.receiveEnd(), kept[1], kept[1]};
  std::thread([&] {
    REQUIRE(base::takePrivateFiles(files.data(), files.size()));
    CHECK(isOpen(kept[1]));
    CHECK(isOpen(STDERR_FILENO));
    for (const int fd : {kept[0], other[0], other[1], channel.sendEnd()}) CHECK(!isOpen(fd));
    close(kept[1]);
    for (int i = 0; i < 100; i++) CHECK(open("/dev/null", O_RDONLY) >= 0);
  }).join();
  for (const int fd : {kept[0], kept[1], other[0], other[1], channel.sendEnd()}) CHECK(isOpen(fd));
  for (const int fd : {kept[0], kept[1], other[0], other[1]}) close(fd);
}

TEST_CASE("descriptors reach a thread with its own table") {
  if (!base::hasPrivateFiles()) return;
  net::DescriptorChannel channel;
  REQUIRE(channel.open());
  int pipe[2];
  REQUIRE(::pipe(pipe) == 0);
  CHECK(channel.send(pipe[1]));
  close(pipe[1]);
  std::thread([&] {
    int end = channel.receiveEnd();
    REQUIRE(base::takePrivateFiles(&end, 1));
    const int arrived = channel.receive();
    REQUIRE(arrived >= 0);
    CHECK_EQ(write(arrived, "y", 1), 1);
    // Not closed: the end of the thread does that.
  }).join();
  char byte = 0;
  CHECK_EQ(read(pipe[0], &byte, 1), 1);
  CHECK_EQ(byte, 'y');
  CHECK_EQ(read(pipe[0], &byte, 1), 0);
  close(pipe[0]);
}
