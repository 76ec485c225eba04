// Requests, and to the byte the replies that follow from them. Every reply a soak run asks for is known in advance:
//
//   ECHO run:connection:sequence         the tag, unlike any other of the run
//   SET and GET of the connection's key  the tag that was set last
//   INCR of the connection's counter     one more than before
//   PUBLISH                              the number of the channel's subscribers
//
// so checking is comparing bytes, and what was lost, doubled, reordered or meant for somebody else cannot pass.
#pragma once
#include <cstdint>
#include <string>

#include "plan.h"

namespace millrace::soak {

// What a connection's own keys hold. Only some connections have keys: values are not what is measured.
struct Belongings {
  uint32_t value = 0;  // sequence of the tag set last, 0 if there is none
  uint32_t counter = 0;
};

class Script {
 public:
  explicit Script(const Plan& plan) : plan_(plan) {}

  static bool hasKeys(uint32_t number) { return number % 64 == 0; }

  void clear() {
    request.clear();
    expected.clear();
    commands = 0;
  }
  void auth();
  void echo(uint32_t number, uint32_t sequence);
  // What a subscriber of RESP2 may send and ECHO is not.
  void ping(uint32_t number, uint32_t sequence);
  // One of the commands above; `choice` is any number.
  void any(uint32_t number, uint32_t sequence, Belongings& belongings, uint32_t choice);
  void subscribe(const std::string& channel);
  void publish(const std::string& channel, uint32_t sequence, uint32_t receivers);

  std::string channel(uint32_t topic) const { return plan_.run + ":topic:" + std::to_string(topic); }
  // The message as a subscriber receives it.
  static void message(std::string& into, const std::string& channel, uint32_t sequence);

  std::string request;
  std::string expected;
  uint32_t commands = 0;

 private:
  void command(std::initializer_list<std::string> words);
  std::string tag(uint32_t number, uint32_t sequence) const;

  const Plan& plan_;
};

}  // namespace millrace::soak
