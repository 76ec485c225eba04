// Many connections that do next to nothing, so that the server's memory for each can be read from outside.
#include <unistd.h>

#include <cstdio>

#include "load.h"
#include "report.h"
#include "socket.h"

namespace millrace::loadgen {
namespace {

void awaitLine() {
  for (int c = std::getchar(); c != '\n' && c != EOF; c = std::getchar()) {
  }
}

}  // namespace

int runHold(const Options& options) {
  const std::vector<int> fds = openConnections(options);
  announce("connected");
  awaitLine();
  for (const int fd : fds) pingOnce(fd);
  announce("served");
  awaitLine();
  for (const int fd : fds) pingOnce(fd);
  JsonLine().count("requests", fds.size()).count("errors", 0).print();
  return 0;
}

}  // namespace millrace::loadgen
