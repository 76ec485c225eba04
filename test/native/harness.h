// What tests of whole reactors share: an event loop for the executor's thread, and clients.
#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "../../native/net/reactor.h"
#include "check.h"
#include "lane_memory.h"

// The event loop of the executor's thread, as small as it can be.
class Host final : public millrace::net::Waker {
 public:
  Host() : poller_(millrace::net::makeDefaultPoller()) { REQUIRE(poller_->open()); }
  void wakeExecutor() override { poller_->wake(); }

  void run(millrace::net::Reactor& reactor, millrace::net::Executor& executor, const std::atomic<bool>& done) {
    if (!reactor.threaded()) REQUIRE(poller_->add(reactor.descriptor(), 1, millrace::net::kReadable));
    bool again = true;
    while (!done) {
      millrace::net::PollEvent event;
      poller_->wait(&event, 1, again ? 0 : 10);
      again = reactor.turn(executor);
    }
    if (!reactor.threaded()) poller_->remove(reactor.descriptor());
  }

 private:
  const std::unique_ptr<millrace::net::Poller> poller_;
};

inline int connectTo(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  REQUIRE(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  return fd;
}

inline std::string request(const std::string& first, size_t padding) {
  return "*2\r\n$" + std::to_string(first.size()) + "\r\n" + first + "\r\n$" + std::to_string(padding) + "\r\n" +
         std::string(padding, 'p') + "\r\n";
}

inline bool sendAll(int fd, const std::string& bytes) {
  for (size_t at = 0; at < bytes.size();) {
    const ssize_t sent = send(fd, bytes.data() + at, bytes.size() - at, 0);
    if (sent <= 0) return false;
    at += static_cast<size_t>(sent);
  }
  return true;
}

inline std::string readSome(int fd, size_t expected) {
  std::string all;
  char buffer[4096];
  while (all.size() < expected) {
    const ssize_t count = recv(fd, buffer, std::min(sizeof buffer, expected - all.size()), 0);
    if (count <= 0) break;
    all.append(buffer, static_cast<size_t>(count));
  }
  return all;
}
