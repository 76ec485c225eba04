// What JavaScript sees of memory/memory.h: the class Memory.
#pragma once
#include <memory>
#include <unordered_map>

#include "addon_values.h"
#include "memory/memory.h"

namespace millrace {

class MemoryObject final : public Napi::ObjectWrap<MemoryObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(
        env, "Memory",
        {InstanceMethod<&MemoryObject::map>("map"), InstanceMethod<&MemoryObject::unmap>("unmap"),
         InstanceMethod<&MemoryObject::approach>("approach"), InstanceMethod<&MemoryObject::decommit>("decommit"),
         InstanceMethod<&MemoryObject::rest>("rest"),
         InstanceMethod<&MemoryObject::dispose>("dispose"), InstanceAccessor<&MemoryObject::hints>("hints"),
         InstanceAccessor<&MemoryObject::maxChunks>("maxChunks")});
  }

  explicit MemoryObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<MemoryObject>(info) {
    napi_type_tag_object(info.Env(), info.This(), &kMemoryTag);
    memory_ = std::make_shared<memory::Memory>(asUint32(info[0]), asUint32(info[1]));
  }

  const std::shared_ptr<memory::Memory>& memory() const { return memory_; }

 private:
  Napi::Value map(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const uint32_t first = asUint32(info[0]);
    uint8_t* const start = memory_->map(first, asUint32(info[1]));
    if (!start) {
      systemError(env, ENOMEM, "map memory").ThrowAsJavaScriptException();
      return env.Undefined();
    }
    Napi::ArrayBuffer view = wrap(env, start, memory_->mappedBytes(first));
    views_[first] = Napi::Reference<Napi::ArrayBuffer>::New(view, 1);
    return view;
  }

  // The view keeps the memory alive even if this object is gone. Where the runtime forbids external buffers, the
  // runtime's own memory is used instead, which nobody reads ahead of then.
  Napi::ArrayBuffer wrap(Napi::Env env, uint8_t* start, size_t bytes) {
    napi_value view = nullptr;
    auto* const keep = new std::shared_ptr<memory::Memory>(memory_);
    const auto release = [](napi_env, void*, void* hint) {
      delete static_cast<std::shared_ptr<memory::Memory>*>(hint);
    };
    weigh(env, -static_cast<int64_t>(bytes));
    if (napi_create_external_arraybuffer(env, start, bytes, release, keep, &view) != napi_ok) {
      delete keep;
      view = Napi::ArrayBuffer::New(env, bytes);
    }
    return {env, view};
  }

  // V8 counts an external buffer as memory that collecting garbage might free, and collects when it grows. This memory
  // goes when the server lets go of it and at no other time: it must count for nothing, or every chunk would cost a
  // pause. So its weight is taken off before V8 adds it.
  static void weigh(Napi::Env env, int64_t bytes) {
    int64_t total;
    napi_adjust_external_memory(env, bytes, &total);
  }

  // Takes the memory from under a view.
  static void detach(Napi::ArrayBuffer view) {
    const auto bytes = static_cast<int64_t>(view.ByteLength());
    view.Detach();
    weigh(view.Env(), bytes);
  }

  void unmap(const Napi::CallbackInfo& info) {
    const uint32_t first = asUint32(info[0]);
    const auto found = views_.find(first);
    if (found == views_.end()) return;
    detach(found->second.Value());
    views_.erase(found);
    memory_->unmap(first);
  }

  void approach(const Napi::CallbackInfo& info) {
    memory_->approach(asUint32(info[0]), static_cast<uint64_t>(info[1].As<Napi::Number>().Int64Value()));
  }

  Napi::Value rest(const Napi::CallbackInfo& info) {
    const auto offset = static_cast<uint64_t>(info[1].As<Napi::Number>().Int64Value());
    return Napi::Boolean::New(info.Env(), memory_->rest(asUint32(info[0]), offset));
  }

  void decommit(const Napi::CallbackInfo& info) {
    const auto offset = static_cast<uint64_t>(info[1].As<Napi::Number>().Int64Value());
    const auto bytes = static_cast<uint64_t>(info[2].As<Napi::Number>().Int64Value());
    memory_->decommit(asUint32(info[0]), offset, bytes);
  }

  // The range of addresses goes with the last reactor that reads ahead from it.
  void dispose(const Napi::CallbackInfo&) {
    for (const auto& [first, view] : views_) {
      detach(view.Value());
      memory_->unmap(first);
    }
    views_.clear();
    if (!hints_.IsEmpty()) {
      detach(hints_.Value());
      hints_.Reset();
    }
    memory_ = std::make_shared<memory::Memory>(0, 0);
  }

  Napi::Value hints(const Napi::CallbackInfo& info) {
    if (hints_.IsEmpty()) {
      const size_t bytes = memory_->hintRows() * abi::kHintWords * sizeof(uint32_t);
      hints_ = Napi::Reference<Napi::ArrayBuffer>::New(
          wrap(info.Env(), reinterpret_cast<uint8_t*>(memory_->hints()), bytes), 1);
    }
    return hints_.Value();
  }

  Napi::Value maxChunks(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), memory_->maxChunks()); }

  std::shared_ptr<memory::Memory> memory_;
  std::unordered_map<uint32_t, Napi::Reference<Napi::ArrayBuffer>> views_;
  Napi::Reference<Napi::ArrayBuffer> hints_;
};

}  // namespace millrace
