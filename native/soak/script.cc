#include "script.h"

#include <initializer_list>

namespace millrace::soak {
namespace {

void bulk(std::string& into, const std::string& text) {
  into += '$';
  into += std::to_string(text.size());
  into += "\r\n";
  into += text;
  into += "\r\n";
}

void integer(std::string& into, uint32_t value) {
  into += ':';
  into += std::to_string(value);
  into += "\r\n";
}

}  // namespace

void Script::command(std::initializer_list<std::string> words) {
  request += '*';
  request += std::to_string(words.size());
  request += "\r\n";
  for (const std::string& word : words) bulk(request, word);
  commands++;
}

std::string Script::tag(uint32_t number, uint32_t sequence) const {
  return plan_.run + ":" + std::to_string(number) + ":" + std::to_string(sequence);
}

void Script::auth() {
  command({"AUTH", plan_.password});
  expected += "+OK\r\n";
}

void Script::echo(uint32_t number, uint32_t sequence) {
  const std::string text = tag(number, sequence);
  command({"ECHO", text});
  bulk(expected, text);
}

void Script::ping(uint32_t number, uint32_t sequence) {
  const std::string text = tag(number, sequence);
  command({"PING", text});
  expected += "*2\r\n$4\r\npong\r\n";
  bulk(expected, text);
}

void Script::any(uint32_t number, uint32_t sequence, Belongings& belongings, uint32_t choice) {
  const uint32_t kind = hasKeys(number) ? choice % 4 : 0;
  const std::string own = plan_.run + ":key:" + std::to_string(number);
  if (kind == 1 || (kind == 2 && belongings.value == 0)) {
    command({"SET", own, tag(number, sequence)});
    expected += "+OK\r\n";
    belongings.value = sequence;
  } else if (kind == 2) {
    command({"GET", own});
    bulk(expected, tag(number, belongings.value));
  } else if (kind == 3) {
    command({"INCR", own + ":count"});
    integer(expected, ++belongings.counter);
  } else {
    echo(number, sequence);
  }
}

void Script::subscribe(const std::string& channel) {
  command({"SUBSCRIBE", channel});
  expected += "*3\r\n$9\r\nsubscribe\r\n";
  bulk(expected, channel);
  expected += ":1\r\n";
}

void Script::publish(const std::string& channel, uint32_t sequence, uint32_t receivers) {
  command({"PUBLISH", channel, std::to_string(sequence)});
  integer(expected, receivers);
}

void Script::message(std::string& into, const std::string& channel, uint32_t sequence) {
  into = "*3\r\n$7\r\nmessage\r\n";
  bulk(into, channel);
  bulk(into, std::to_string(sequence));
}

}  // namespace millrace::soak
