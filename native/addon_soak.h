// What JavaScript sees of soak/generator.h: the class Soak.
#pragma once
#include <algorithm>
#include <memory>

#include "addon_values.h"
#include "soak/generator.h"

namespace millrace {

class SoakObject final : public Napi::ObjectWrap<SoakObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Soak",
                       {InstanceMethod<&SoakObject::enter>("enter"), InstanceMethod<&SoakObject::counts>("counts"),
                        InstanceMethod<&SoakObject::report>("report"),
                        InstanceMethod<&SoakObject::stop>("stop")});
  }

  explicit SoakObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<SoakObject>(info) {
    const auto options = info[0].As<Napi::Object>();
    const auto text = [&](const char* name) { return options.Get(name).As<Napi::String>().Utf8Value(); };
    soak::Plan plan;
    plan.host = text("host");
    plan.port = static_cast<uint16_t>(uint32Of(options, "port", plan.port));
    plan.password = text("password");
    plan.run = text("run");
    plan.connections = uint32Of(options, "connections", plan.connections);
    plan.threads = uint32Of(options, "threads", plan.threads);
    plan.addresses = uint32Of(options, "addresses", plan.addresses);
    plan.active = uint32Of(options, "active", plan.active);
    plan.subscribers = uint32Of(options, "subscribers", plan.subscribers);
    plan.pipeline = uint32Of(options, "pipeline", plan.pipeline);
    plan.privateFiles = options.Get("privateFiles").ToBoolean();
    plan.seed = uint32Of(options, "seed", 1);
    const auto weights = options.Get("weights").As<Napi::Array>();
    for (uint32_t i = 0; i < soak::kKinds; i++) plan.weights[i] = asUint32(weights.Get(i));
    std::string problem;
    generator_ = std::make_unique<soak::Generator>(plan, problem);
    if (!problem.empty()) Napi::RangeError::New(info.Env(), problem).ThrowAsJavaScriptException();
  }

 private:
  void enter(const Napi::CallbackInfo& info) { generator_->enter(static_cast<soak::Phase>(asUint32(info[0]))); }

  void stop(const Napi::CallbackInfo&) { generator_->stop(); }

  void counts(const Napi::CallbackInfo& info) {
    auto into = info[0].As<Napi::Float64Array>();
    uint64_t counts[soak::kCountCount];
    generator_->count(counts);
    for (uint32_t i = 0; i < std::min<size_t>(soak::kCountCount, into.ElementLength()); i++) {
      into[i] = static_cast<double>(counts[i]);
    }
  }

  Napi::Value report(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    base::Histogram latencies;
    std::vector<std::string> faults;
    generator_->report(latencies, faults);
    total_.add(latencies);
    Napi::Object result = Napi::Object::New(env);
    result.Set("latency", latencyOf(env, latencies));
    result.Set("totalLatency", latencyOf(env, total_));
    Napi::Array list = Napi::Array::New(env, faults.size());
    for (uint32_t i = 0; i < faults.size(); i++) list.Set(i, faults[i]);
    result.Set("faults", list);
    return result;
  }

  static Napi::Object latencyOf(Napi::Env env, const base::Histogram& latencies) {
    Napi::Object result = Napi::Object::New(env);
    const auto set = [&](const char* name, uint64_t ns) { result.Set(name, static_cast<double>(ns) / 1e6); };
    result.Set("count", static_cast<double>(latencies.total()));
    set("p50Ms", latencies.quantileNs(0.5));
    set("p99Ms", latencies.quantileNs(0.99));
    set("p999Ms", latencies.quantileNs(0.999));
    set("maxMs", latencies.maxNs());
    return result;
  }

  std::unique_ptr<soak::Generator> generator_;
  base::Histogram total_;
};

}  // namespace millrace
