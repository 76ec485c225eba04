// What JavaScript sees of the native side: the classes Memory, Reactor and Soak, and some functions. src/bridge/binding.ts
// describes and types them; this file and addon_*.h only convert. No others know napi.h.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "addon_clients.h"
#include "addon_memory.h"
#include "addon_soak.h"
#include "addon_tls.h"
#include "base/crc64.h"
#include "base/private_files.h"
#include "memory/heap.h"
#include "net/uv_host.h"

namespace millrace {
namespace {

class ReactorObject final : public Napi::ObjectWrap<ReactorObject>, private net::Executor {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Reactor",
                       {InstanceMethod<&ReactorObject::setCommands>("setCommands"),
                        InstanceMethod<&ReactorObject::configure>("configure"),
                        InstanceMethod<&ReactorObject::configureTls>("configureTls"),
                        InstanceMethod<&ReactorObject::takeFailedHandshakes>("takeFailedHandshakes"),
                        InstanceMethod<&ReactorObject::listenTcp>("listenTcp"),
                        InstanceMethod<&ReactorObject::listenUnix>("listenUnix"),
                        InstanceMethod<&ReactorObject::stopListening>("stopListening"),
                        InstanceMethod<&ReactorObject::start>("start"),
                        InstanceMethod<&ReactorObject::stop>("stop"),
                        InstanceMethod<&ReactorObject::flush>("flush"),
                        InstanceMethod<&ReactorObject::reserve>("reserve"),
                        InstanceMethod<&ReactorObject::sleep>("sleep"),
                        InstanceMethod<&ReactorObject::counters>("counters"),
                        InstanceMethod<&ReactorObject::clients>("clients"),
                        InstanceMethod<&ReactorObject::clientRow>("clientRow"),
                        InstanceMethod<&ReactorObject::holders>("holders"),
                        InstanceMethod<&ReactorObject::takeBuffer>("takeBuffer"),
                        InstanceMethod<&ReactorObject::freeBuffer>("freeBuffer"),
                        InstanceMethod<&ReactorObject::ref>("ref"),
                        InstanceMethod<&ReactorObject::unref>("unref"),
                        InstanceAccessor<&ReactorObject::lanes>("lanes"),
                        InstanceAccessor<&ReactorObject::threaded>("threaded"),
                        InstanceAccessor<&ReactorObject::poller>("poller")});
  }

  explicit ReactorObject(const Napi::CallbackInfo& info)
      : Napi::ObjectWrap<ReactorObject>(info), env_(info.Env()), async_(info.Env(), "millrace") {
    if (!info[0].IsObject() || !info[1].IsFunction()) {
      Napi::TypeError::New(env_, "Reactor takes options and a function").ThrowAsJavaScriptException();
      return;
    }
    const auto options = info[0].As<Napi::Object>();
    onReady_ = Napi::Persistent(info[1].As<Napi::Function>());
    net::ReactorOptions native;
    if (!readMemory(options, &native) || !makeLanes(options, &native)) return;
    native.hashKey = {uint32Of(options, "hashKey0", 0), uint32Of(options, "hashKey1", 0)};
    const Napi::Value poller = options.Get("poller");
    native.usePoll = poller.IsString() && poller.As<Napi::String>().Utf8Value() == "poll";
    native.privateFiles = options.Get("privateFiles").ToBoolean();
    uv_loop_t* loop;
    napi_get_uv_event_loop(env_, &loop);
    host_ = std::make_unique<net::UvHost>(loop);
    reactor_ = std::make_unique<net::Reactor>(native, *host_);
    if (reactor_->error() != 0) systemError(env_, reactor_->error(), "open poller").ThrowAsJavaScriptException();
  }

 private:
  bool readMemory(const Napi::Object& options, net::ReactorOptions* native) {
    const Napi::Value value = options.Get("memory");
    bool ours = false;
    if (value.IsObject()) napi_check_object_type_tag(env_, value, &kMemoryTag, &ours);
    if (!ours) {
      Napi::TypeError::New(env_, "options.memory must be a Memory").ThrowAsJavaScriptException();
      return false;
    }
    memory_ = MemoryObject::Unwrap(value.As<Napi::Object>())->memory();
    native->memory = memory_.get();
    return true;
  }

  bool makeLanes(const Napi::Object& options, net::ReactorOptions* native) {
    const uint32_t count = uint32Of(options, "ioThreads", 1);
    const uint32_t reqBytes = uint32Of(options, "reqBytes", 2u << 20);
    const uint32_t descWords = uint32Of(options, "descWords", 512u << 10);
    const uint32_t outBytes = uint32Of(options, "outBytes", 4u << 20);
    const bool sizesFit = isPowerOfTwo(reqBytes) && isPowerOfTwo(descWords) && isPowerOfTwo(outBytes) &&
                          reqBytes >= 4096 && descWords >= 256 && outBytes >= 4096 && descWords <= 1u << 24 &&
                          reqBytes <= 1u << 30 && outBytes <= 1u << 30 && count >= 1 && count <= 128;
    if (!sizesFit) {
      Napi::RangeError::New(env_, "sizes of rings must be powers of two within their limits")
          .ThrowAsJavaScriptException();
      return false;
    }
    Napi::Array all = Napi::Array::New(env_, count);
    for (uint32_t i = 0; i < count; i++) {
      Napi::Object lane = Napi::Object::New(env_);
      ring::Lane memory;
      memory.ctl = static_cast<uint32_t*>(makeBuffer(lane, "ctl", abi::kCtlWords * sizeof(uint32_t)));
      memory.req = static_cast<uint8_t*>(makeBuffer(lane, "req", memory.reqBytes = reqBytes));
      memory.desc = static_cast<uint32_t*>(makeBuffer(lane, "desc", (memory.descWords = descWords) * sizeof(uint32_t)));
      memory.out = static_cast<uint8_t*>(makeBuffer(lane, "out", memory.outBytes = outBytes));
      memory.reset(uint32Of(options, "ringStart", 0) & ~63u);
      native->lanes.push_back(memory);
      all.Set(i, lane);
    }
    lanes_ = Napi::Persistent(static_cast<Napi::Object>(all));
    return true;
  }

  // Memory of JavaScript's own, which this object keeps alive as long as the native side uses it.
  void* makeBuffer(Napi::Object& lane, const char* name, size_t bytes) {
    Napi::ArrayBuffer buffer = Napi::ArrayBuffer::New(env_, bytes);
    lane.Set(name, buffer);
    buffers_.push_back(Napi::Reference<Napi::ArrayBuffer>::New(buffer, 1));
    return buffer.Data();
  }

  void onReady(int lane) override {
    const Napi::HandleScope scope(env_);
    napi_value argument, receiver, result;
    napi_create_int32(env_, lane, &argument);
    napi_get_global(env_, &receiver);
    const napi_status status = napi_make_callback(env_, async_, receiver, onReady_.Value(), 1, &argument, &result);
    if (status != napi_pending_exception) return;
    // No exception is pending either when the environment is being torn down: JavaScript just does not run any more.
    napi_value exception;
    bool pending = false;
    napi_is_exception_pending(env_, &pending);
    if (pending && napi_get_and_clear_last_exception(env_, &exception) == napi_ok) {
      napi_fatal_exception(env_, exception);
    }
  }

  void setCommands(const Napi::CallbackInfo& info) {
    const auto list = info[0].As<Napi::Array>();
    const auto firstKeys = info[1].As<Napi::Int32Array>();
    const auto members = info[2].As<Napi::Int32Array>();
    std::vector<std::string> names;
    for (uint32_t i = 0; i < list.Length(); i++) names.push_back(list.Get(i).As<Napi::String>().Utf8Value());
    const bool fit = firstKeys.ElementLength() == names.size() && members.ElementLength() == names.size();
    if (fit && reactor_->setCommands(names, firstKeys.Data(), members.Data())) return;
    Napi::RangeError::New(env_, "names, first keys and members of commands do not fit").ThrowAsJavaScriptException();
  }

  void configure(const Napi::CallbackInfo& info) {
    const std::string name = info[0].As<Napi::String>().Utf8Value();
    const double value = info[1].As<Napi::Number>().DoubleValue();
    // Limits may be as large as 64 bits are; so much means no limit.
    const auto limit = static_cast<uint64_t>(std::min(value, 0x1p62));
    if (value >= 0 && reactor_->configure(name.c_str(), limit)) return;
    Napi::RangeError::New(env_, "no such setting or value: " + name).ThrowAsJavaScriptException();
  }

  Napi::Value configureTls(const Napi::CallbackInfo& info) {
    return Napi::String::New(env_, reactor_->configureTls(tlsOptionsOf(info[0].As<Napi::Object>())));
  }

  Napi::Value takeFailedHandshakes(const Napi::CallbackInfo&) {
    uint64_t more = 0;
    const std::vector<net::FailedHandshake> failed = reactor_->takeFailedHandshakes(&more);
    Napi::Array rows = Napi::Array::New(env_, failed.size());
    for (uint32_t i = 0; i < failed.size(); i++) {
      Napi::Object row = Napi::Object::New(env_);
      row.Set("reason", failed[i].reason);
      row.Set("addr", reactor_->describe(failed[i].peer));
      row.Set("laddr", reactor_->describe(failed[i].local));
      rows.Set(i, row);
    }
    Napi::Object all = Napi::Object::New(env_);
    all.Set("failed", rows);
    all.Set("more", static_cast<double>(more));
    return all;
  }

  Napi::Value listenTcp(const Napi::CallbackInfo& info) {
    const std::string address = info[0].As<Napi::String>().Utf8Value();
    const uint32_t port = asUint32(info[1]);
    const int bound =
        port > 65535 ? -EINVAL
                     : reactor_->listenTcp(address, static_cast<uint16_t>(port), static_cast<int>(asUint32(info[2])),
                                           info[3].ToBoolean());
    if (bound >= 0) return Napi::Number::New(env_, bound);
    systemError(env_, -bound, "listen on " + address + ":" + std::to_string(port)).ThrowAsJavaScriptException();
    return env_.Undefined();
  }

  void listenUnix(const Napi::CallbackInfo& info) {
    const std::string path = info[0].As<Napi::String>().Utf8Value();
    const int result = reactor_->listenUnix(path, asUint32(info[1]), static_cast<int>(asUint32(info[2])));
    if (result < 0) systemError(env_, -result, "listen on " + path).ThrowAsJavaScriptException();
  }

  void stopListening(const Napi::CallbackInfo&) { reactor_->stopListening(); }

  void start(const Napi::CallbackInfo&) {
    if (reactor_->running() || host_->isOpen()) return;
    if (reactor_->stopped()) {
      Napi::Error::New(env_, "a reactor that was stopped cannot start again").ThrowAsJavaScriptException();
      return;
    }
    const int error = host_->open(*reactor_, *this);
    if (error != 0) {
      systemError(env_, -error, "join the event loop").ThrowAsJavaScriptException();
      return;
    }
    // While sockets are served this object must live, whoever else has forgotten it; and the environment must wait for
    // the handles to be closed when it ends first.
    Ref();
    const auto onExit = [](napi_async_cleanup_hook_handle, void* self) {
      static_cast<ReactorObject*>(self)->onEnvironmentEnd();
    };
    napi_add_async_cleanup_hook(env_, onExit, this, &cleanup_);
    reactor_->start(host_->files());
  }

  Napi::Value stop(const Napi::CallbackInfo&) {
    const auto released = Napi::Promise::Deferred::New(env_);
    const Napi::Promise promise = released.Promise();
    waiting_.push_back(released);
    if (host_->isOpen()) {
      close();
    } else if (!closing_) {
      reactor_->stop();
      release();
    }
    return promise;
  }

  void onEnvironmentEnd() {
    environmentEnds_ = true;
    close();
  }

  void close() {
    if (!host_->isOpen()) return;
    closing_ = true;
    reactor_->stop();
    host_->close([this] {
      closing_ = false;
      napi_remove_async_cleanup_hook(cleanup_);
      if (environmentEnds_ || !mayTouchScript()) return;
      const Napi::HandleScope handles(env_);
      // So that whoever awaits the promises goes on at once.
      const Napi::CallbackScope callback(env_, async_);
      release();
      Unref();
    });
  }

  // False in a thread that is being terminated: detaching a buffer would abort the process then.
  bool mayTouchScript() const {
    const Napi::HandleScope handles(env_);
    napi_value global = nullptr;
    bool same = false;
    return napi_get_global(env_, &global) == napi_ok && napi_strict_equals(env_, global, global, &same) == napi_ok;
  }

  // Lets go of everything but the counters. Never inside onReady, whose callers still look at the rings.
  void release() {
    for (const auto& buffer : buffers_) buffer.Value().Detach();
    buffers_.clear();
    onReady_.Reset();
    memory_.reset();
    for (const auto& released : waiting_) released.Resolve(env_.Undefined());
    waiting_.clear();
  }

  void flush(const Napi::CallbackInfo& info) { reactor_->flush(laneOf(info[0])); }
  void reserve(const Napi::CallbackInfo& info) { reactor_->reserve(laneOf(info[0]), asUint32(info[1])); }
  Napi::Value sleep(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(env_, reactor_->sleep(laneOf(info[0])));
  }

  uint32_t laneOf(const Napi::Value& value) const {
    const uint32_t lane = asUint32(value);
    return lane < reactor_->laneCount() ? lane : 0;
  }

  void counters(const Napi::CallbackInfo& info) {
    auto into = info[0].As<Napi::Float64Array>();
    if (into.ElementLength() >= net::kCounterCount) {
      reactor_->counters(into.Data());
    } else {
      Napi::RangeError::New(env_, "too little room for the counters").ThrowAsJavaScriptException();
    }
  }

  Napi::Value clients(const Napi::CallbackInfo& info) {
    const WantedClients wanted(info[0]);
    net::ConnectionView view;
    Napi::Array rows = Napi::Array::New(env_);
    for (uint32_t lane = 0; lane < reactor_->laneCount(); lane++) {
      const net::Connections& connections = reactor_->connections(lane);
      for (uint32_t slot = 0; slot < connections.slotCount(); slot++) {
        if (!connections.look(slot, &view) || !wanted.include(*reactor_, view)) continue;
        const Napi::HandleScope scope(env_);
        rows.Set(rows.Length(), rowOf(lane, view));
      }
    }
    return rows;
  }

  Napi::Value clientRow(const Napi::CallbackInfo& info) {
    const uint32_t lane = laneOf(info[0]);
    net::ConnectionView view;
    return reactor_->connections(lane).look(asUint32(info[1]), &view) ? rowOf(lane, view) : env_.Null();
  }

  // holders(into)
  Napi::Value holders(const Napi::CallbackInfo& info) {
    auto into = info[0].As<Napi::Float64Array>();
    return Napi::Number::New(env_, listHolders(*reactor_, into.Data(), into.ElementLength()));
  }

  Napi::Value rowOf(uint32_t lane, const net::ConnectionView& view) {
    Napi::Object row = Napi::Object::New(env_);
    const auto set = [&](const char* name, double value) { row.Set(name, value); };
    const uint32_t now = reactor_->nowSeconds();
    set("id", static_cast<double>(view.id));
    set("lane", lane);
    set("slot", view.slot);
    set("generation", view.generation);
    set("fd", view.fd);
    row.Set("addr", reactor_->describe(view.peer));
    row.Set("laddr", reactor_->describe(view.local));
    row.Set("unix", view.local.family == net::kUnix);
    set("ageSec", now - view.createdSeconds);
    set("idleSec", now - view.activeSeconds);
    set("lastCommand", view.lastCommand);
    set("database", view.database);
    row.Set("trusted", (view.flags & net::kFlagTrusted) != 0);
    row.Set("known", (view.flags & net::kFlagKnown) != 0);
    row.Set("closed", (view.flags & net::kFlagClosed) != 0);
    set("queryBytes", view.queryBytes);
    set("queryFreeBytes", view.queryCapacity - view.queryBytes);
    set("outBytes", static_cast<double>(view.outputHeldBytes));
    set("outBlocks", view.outputBlocks);
    return row;
  }

  Napi::Value takeBuffer(const Napi::CallbackInfo& info) {
    const net::BigBuffer buffer = reactor_->takeBuffer(asUint32(info[0]));
    if (!buffer.data) {
      Napi::Error::New(env_, "no such buffer, or it is taken already").ThrowAsJavaScriptException();
      return env_.Undefined();
    }
    const auto release = [](napi_env, void* data, void*) { free(data); };
    napi_value view = nullptr;
    if (napi_create_external_arraybuffer(env_, buffer.data, buffer.bytes, release, nullptr, &view) == napi_ok) {
      return {env_, view};
    }
    Napi::ArrayBuffer copy = Napi::ArrayBuffer::New(env_, buffer.bytes);
    memcpy(copy.Data(), buffer.data, buffer.bytes);
    free(buffer.data);
    return copy;
  }

  void freeBuffer(const Napi::CallbackInfo& info) {
    if (info[0].IsArrayBuffer()) info[0].As<Napi::ArrayBuffer>().Detach();
  }

  void ref(const Napi::CallbackInfo&) { host_->ref(true); }
  void unref(const Napi::CallbackInfo&) { host_->ref(false); }
  Napi::Value lanes(const Napi::CallbackInfo&) { return lanes_.Value(); }
  Napi::Value threaded(const Napi::CallbackInfo&) { return Napi::Boolean::New(env_, reactor_->threaded()); }

  Napi::Value poller(const Napi::CallbackInfo&) { return Napi::String::New(env_, reactor_->pollerName()); }

  const Napi::Env env_;
  Napi::AsyncContext async_;
  Napi::FunctionReference onReady_;
  Napi::ObjectReference lanes_;
  std::vector<Napi::Reference<Napi::ArrayBuffer>> buffers_;
  std::shared_ptr<memory::Memory> memory_;
  std::unique_ptr<net::UvHost> host_;
  std::unique_ptr<net::Reactor> reactor_;
  napi_async_cleanup_hook_handle cleanup_ = nullptr;
  std::vector<Napi::Promise::Deferred> waiting_;  // for release()
  bool closing_ = false;
  bool environmentEnds_ = false;
};

// hashBytes(key0, key1, bytes, offset, length)
Napi::Value hashBytes(const Napi::CallbackInfo& info) {
  const auto bytes = info[2].As<Napi::Uint8Array>();
  const uint32_t offset = asUint32(info[3]);
  const uint32_t length = asUint32(info[4]);
  if (uint64_t{offset} + length > bytes.ByteLength()) {
    Napi::RangeError::New(info.Env(), "outside of the bytes").ThrowAsJavaScriptException();
    return info.Env().Undefined();
  }
  const base::HashKey key{asUint32(info[0]), asUint32(info[1])};
  return Napi::Number::New(info.Env(), base::halfSipHash(key, bytes.Data() + offset, length));
}

// crc64(sum, bytes, offset, length): takes bytes into a checksum, the two words of `sum`, low word first
void crc64(const Napi::CallbackInfo& info) {
  auto words = info[0].As<Napi::Uint32Array>();
  const auto bytes = info[1].As<Napi::Uint8Array>();
  const uint32_t offset = asUint32(info[2]);
  const uint32_t length = asUint32(info[3]);
  if (uint64_t{offset} + length > bytes.ByteLength() || words.ElementLength() != 2) {
    Napi::RangeError::New(info.Env(), "outside of the bytes").ThrowAsJavaScriptException();
    return;
  }
  uint64_t sum;
  memcpy(&sum, words.Data(), sizeof sum);
  sum = base::crc64(sum, bytes.Data() + offset, length);
  memcpy(words.Data(), &sum, sizeof sum);
}

// sendDatagram(path, text)
void sendDatagram(const Napi::CallbackInfo& info) {
  const std::string path = info[0].As<Napi::String>().Utf8Value();
  const int result = net::sendDatagram(path, info[1].As<Napi::String>().Utf8Value());
  if (result < 0) systemError(info.Env(), -result, "send to " + path).ThrowAsJavaScriptException();
}

Napi::Value hasPrivateFiles(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), base::hasPrivateFiles());
}

void keepHeapSmall(const Napi::CallbackInfo&) { memory::keepHeapSmall(); }

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  exports.Set("Memory", MemoryObject::define(env));
  exports.Set("Reactor", ReactorObject::define(env));
  exports.Set("Soak", SoakObject::define(env));
  exports.Set("hashBytes", Napi::Function::New<hashBytes>(env));
  exports.Set("crc64", Napi::Function::New<crc64>(env));
  exports.Set("hasPrivateFiles", Napi::Function::New<hasPrivateFiles>(env));
  exports.Set("keepHeapSmall", Napi::Function::New<keepHeapSmall>(env));
  exports.Set("sendDatagram", Napi::Function::New<sendDatagram>(env));
  return exports;
}

}  // namespace

NODE_API_MODULE(millrace, initialize)

}  // namespace millrace
