// The native tests' framework. doctest would be the obvious one, but it is in no package that npm can
// install, and `npm test` must work with Node, make and a C++ compiler alone. So the four words we need are
// here, spelled alike:
//
//   TEST_CASE("a sentence that is true") { ... }   registers itself; check_main.cc runs all, or those whose title
//                                                  contains the program's first argument
//   CHECK(condition)                               counts a failure and goes on
//   CHECK_EQ(actual, expected)                     the same, and prints both
//   REQUIRE(condition)                             ends the program: what follows would make no sense
//
// Built without exceptions, like the code under test.
#pragma once
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>
#include <type_traits>
#include <vector>

namespace check {

struct Case {
  const char* title;
  void (*body)();
};

inline std::vector<Case>& cases() {
  static std::vector<Case> all;
  return all;
}

inline int& failures() {
  static int count = 0;
  return count;
}

// The case that is running.
inline std::string& title() {
  static std::string text;
  return text;
}

struct Registration {
  Registration(const char* title, void (*body)()) { cases().push_back({title, body}); }
};

inline bool report(bool passed, const char* file, int line, const std::string& text) {
  if (!passed) {
    failures()++;
    std::cerr << "  " << file << ":" << line << ": " << text << "\n";
    // .ci/step.mjs says it again at the end of a run; one of a case is enough.
    if (!title().empty()) std::cout << "failure: " << title() << ": " << file << ":" << line << ": " << text << std::endl;
    title().clear();
  }
  return passed;
}

template <typename T>
std::string show(const T& value) {
  std::ostringstream out;
  if constexpr (std::is_enum_v<T>) {
    out << static_cast<long long>(value);
  } else if constexpr (sizeof(T) == 1 && std::is_integral_v<T>) {
    out << static_cast<int>(value);
  } else {
    out << value;
  }
  return out.str();
}

// Integers compare by value whatever their signs; anything else as == says.
template <typename A, typename B>
bool same(const A& a, const B& b) {
  if constexpr (std::is_integral_v<A> && std::is_integral_v<B>) {
    return (a < 0) == (b < 0) && static_cast<unsigned long long>(a) == static_cast<unsigned long long>(b);
  } else {
    return a == b;
  }
}

template <typename A, typename B>
bool equal(const A& actual, const B& expected, const char* file, int line, const char* text) {
  if (same(actual, expected)) return true;
  return report(false, file, line, std::string(text) + ": " + show(actual) + ", expected " + show(expected));
}

}  // namespace check

#define CHECK_JOIN2(a, b) a##b
#define CHECK_JOIN(a, b) CHECK_JOIN2(a, b)
#define CHECK_CASE(name, title)                                                  \
  static void name();                                                            \
  static const check::Registration CHECK_JOIN(name, _registration)(title, name); \
  static void name()
#define TEST_CASE(title) CHECK_CASE(CHECK_JOIN(check_case_, __LINE__), title)
#define CHECK(...) check::report(static_cast<bool>(__VA_ARGS__), __FILE__, __LINE__, #__VA_ARGS__)
#define CHECK_EQ(actual, expected) check::equal((actual), (expected), __FILE__, __LINE__, #actual)
#define REQUIRE(...) \
  if (!CHECK(__VA_ARGS__)) std::exit(1)
