// What every command passes on both sides: parsing, canonical text, fingerprint.
#include <benchmark/benchmark.h>

#include "base/sha256.h"
#include "bench/orders.h"
#include "protocol/command.h"
#include "protocol/json.h"

namespace outpost {
namespace {

void ParseOrder(benchmark::State& state) {
  const std::string text = ToJson(json::value(bench::OrderPayload("order-1")));
  for (auto _ : state) benchmark::DoNotOptimize(ParseJson(text).ok());
  state.SetBytesProcessed(static_cast<std::int64_t>(text.size()) * state.iterations());
}
BENCHMARK(ParseOrder);

void CanonicalOrder(benchmark::State& state) {
  const json::value order(bench::OrderPayload("order-1"));
  for (auto _ : state) benchmark::DoNotOptimize(CanonicalJson(order).size());
}
BENCHMARK(CanonicalOrder);

void FingerprintOrder(benchmark::State& state) {
  const json::object order = bench::OrderPayload("order-1");
  for (auto _ : state) benchmark::DoNotOptimize(FingerprintOf("ORDER_CREATE", order));
}
BENCHMARK(FingerprintOrder);

void HashKilobyte(benchmark::State& state) {
  const std::string text(1024, 'x');
  for (auto _ : state) benchmark::DoNotOptimize(Sha256Of(text));
  state.SetBytesProcessed(1024 * state.iterations());
}
BENCHMARK(HashKilobyte);

}  // namespace
}  // namespace outpost
