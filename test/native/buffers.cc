// InputBuffer and OutputQueue against plain strings, by random steps.
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>

#include "../../native/net/input_buffer.h"
#include "../../native/net/output_queue.h"
#include "check.h"

using namespace millrace::net;

namespace {

std::string randomText(std::mt19937& random, size_t length) {
  std::string text(length, ' ');
  for (char& c : text) c = static_cast<char>('a' + random() % 26);
  return text;
}

const uint8_t* bytesOf(const std::string& text) { return reinterpret_cast<const uint8_t*>(text.data()); }

std::string textOf(const uint8_t* bytes, size_t count) { return {reinterpret_cast<const char*>(bytes), count}; }

}  // namespace

TEST_CASE("an output queue returns what was appended, in order") {
  std::mt19937 random(2);
  OutputQueue queue;
  std::string expected;
  for (int step = 0; step < 3000; step++) {
    const std::string text = randomText(random, random() % (step % 50 == 0 ? 60000 : 900));
    REQUIRE(queue.append(bytesOf(text), static_cast<uint32_t>(text.size())));
    expected += text;
    CHECK_EQ(queue.bytes(), expected.size());
    CHECK(queue.heldBytes() >= expected.size());
    iovec parts[4];
    const int count = queue.gather(parts, 4);
    std::string front;
    for (int i = 0; i < count; i++) front += textOf(static_cast<uint8_t*>(parts[i].iov_base), parts[i].iov_len);
    REQUIRE(expected.starts_with(front));
    const size_t sent = step == 2999 ? front.size() : random() % (front.size() + 1);
    queue.consume(sent);
    expected.erase(0, sent);
  }
  while (!queue.empty()) {
    iovec part;
    REQUIRE(queue.gather(&part, 1) == 1);
    CHECK_EQ(textOf(static_cast<uint8_t*>(part.iov_base), part.iov_len), expected.substr(0, part.iov_len));
    expected.erase(0, part.iov_len);
    queue.consume(part.iov_len);
  }
  CHECK_EQ(expected, "");
  CHECK_EQ(queue.heldBytes(), 0);
  CHECK_EQ(queue.blocks(), 0);
}

TEST_CASE("an input buffer keeps what came, and its memory follows it") {
  std::mt19937 random(3);
  InputBuffer input;
  std::string expected;
  for (int step = 0; step < 5000; step++) {
    if (random() % 2) {
      const std::string text = randomText(random, random() % 3000);
      REQUIRE(input.append(bytesOf(text), static_cast<uint32_t>(text.size())));
      expected += text;
    } else {
      uint32_t count = random() % 20000 + 1;
      uint8_t* const room = input.room(&count);
      REQUIRE(room && count > 0);
      const std::string text = randomText(random, random() % count + 1);
      memcpy(room, text.data(), text.size());
      input.received(static_cast<uint32_t>(text.size()));
      expected += text;
    }
    CHECK(input.capacity() <= 2 * expected.size() + 32 * 1024 + 64 * 1024);
    const uint32_t used = step % 10 == 9 ? input.size() : random() % (input.size() / 2 + 1);
    input.consume(used);
    expected.erase(0, used);
    REQUIRE(textOf(input.bytes(), input.size()) == expected);
  }
}

TEST_CASE("an input buffer ends where the argument ends that it waits for") {
  InputBuffer input;
  const std::string header = "*1\r\n$100000\r\n";
  REQUIRE(input.append(bytesOf(header), static_cast<uint32_t>(header.size())));
  input.state.argc = 1;
  input.state.position = static_cast<uint32_t>(header.size());
  input.state.bulk = 100000;
  const uint32_t total = input.state.position + 100000 + 2;
  while (input.size() < total) {
    uint32_t count = 1 << 20;
    uint8_t* const room = input.room(&count);
    REQUIRE(room);
    REQUIRE(input.size() + count <= total);
    memset(room, 'v', count);
    input.received(count);
    CHECK(input.capacity() <= total);
  }
  CHECK_EQ(input.capacity(), total);
}

TEST_CASE("a detached request has its table behind it, and the rest stays") {
  InputBuffer input;
  const std::string stream =
      "before"
      "0123456789rest";
  REQUIRE(input.append(bytesOf(stream), static_cast<uint32_t>(stream.size())));
  input.consume(6);
  input.pairs = {0, 4, 5, 5};
  uint32_t table = 0, total = 0;
  uint8_t* const data = input.detach(10, &table, &total);
  REQUIRE(data);
  CHECK_EQ(textOf(data, 10), "0123456789");
  CHECK_EQ(table, 12);
  CHECK_EQ(total, 28);
  uint32_t pairs[4];
  memcpy(pairs, data + table, sizeof pairs);
  CHECK(pairs[0] == 0 && pairs[1] == 4 && pairs[2] == 5 && pairs[3] == 5);
  CHECK_EQ(textOf(input.bytes(), input.size()), "rest");
  CHECK(input.pairs.empty());
  free(data);
}
