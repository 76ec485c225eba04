// The few atomic operations this program needs, on memory that is not made of std::atomic objects: the rings and the
// arena belong to JavaScript's ArrayBuffers. (std::atomic_ref would say the same; Apple's standard library has none.)
#pragma once
#include <atomic>
#include <cstdint>

namespace millrace::base {

template <class T>
inline T loadRelaxed(const T* from) {
  return __atomic_load_n(from, __ATOMIC_RELAXED);
}

template <class T>
inline T loadAcquire(const T* from) {
  return __atomic_load_n(from, __ATOMIC_ACQUIRE);
}

template <class T>
inline void storeRelaxed(T* into, T value) {
  __atomic_store_n(into, value, __ATOMIC_RELAXED);
}

template <class T>
inline void storeRelease(T* into, T value) {
  __atomic_store_n(into, value, __ATOMIC_RELEASE);
}

template <class T>
inline T loadSequential(const T* from) {
  return __atomic_load_n(from, __ATOMIC_SEQ_CST);
}

template <class T>
inline void storeSequential(T* into, T value) {
  __atomic_store_n(into, value, __ATOMIC_SEQ_CST);
}

template <class T>
inline T exchangeSequential(T* into, T value) {
  return __atomic_exchange_n(into, value, __ATOMIC_SEQ_CST);
}

// A value with one writer that any thread may look at: never torn, never ordering anything, as cheap as a plain field.
template <class T>
class Relaxed {
 public:
  Relaxed() = default;
  explicit Relaxed(T value) : value_(value) {}
  operator T() const { return value_.load(std::memory_order_relaxed); }
  T get() const { return value_.load(std::memory_order_relaxed); }
  void operator=(T value) { value_.store(value, std::memory_order_relaxed); }
  // By the one writer only.
  void operator+=(T by) { value_.store(get() + by, std::memory_order_relaxed); }
  void operator-=(T by) { value_.store(get() - by, std::memory_order_relaxed); }

 private:
  std::atomic<T> value_{};
};

}  // namespace millrace::base
