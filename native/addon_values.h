// Values between JavaScript and C++, for the files of the addon.
#pragma once
#include <napi.h>
#include <uv.h>

#include <string>

namespace millrace {

// Marks objects of our classes, so that a wrong argument is an error and not a crash.
constexpr napi_type_tag kMemoryTag{0x6d696c6c72616365, 0x6d656d6f72790001};

inline Napi::Error systemError(Napi::Env env, int error, const std::string& what) {
  const std::string code = uv_err_name(-error);
  Napi::Error result = Napi::Error::New(env, what + ": " + uv_strerror(-error) + " (" + code + ")");
  result.Set("code", Napi::String::New(env, code));
  result.Set("errno", static_cast<double>(-error));
  return result;
}

inline uint32_t asUint32(const Napi::Value& value) { return value.As<Napi::Number>().Uint32Value(); }

inline uint32_t uint32Of(const Napi::Object& object, const char* name, uint32_t otherwise) {
  const Napi::Value value = object.Get(name);
  return value.IsNumber() ? asUint32(value) : otherwise;
}

inline bool isPowerOfTwo(uint32_t value) { return value != 0 && (value & (value - 1)) == 0; }

}  // namespace millrace
