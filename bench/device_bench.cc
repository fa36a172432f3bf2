// A device on a real disk: durable writes with their optimistic effect, and reads of what is visible.
#include <benchmark/benchmark.h>

#include "bench/orders.h"
#include "bench/scratch.h"
#include "engine/device/device.h"

namespace outpost::engine {
namespace {

constexpr Timestamp kNow{1'790'000'000'000};

class Till {
 public:
  explicit Till(const std::string& name) : scratch_(name) {
    DeviceOptions options;
    options.store.path = scratch_.File("device.db");
    options.workspace = WorkspaceId("bench");
    options.user = UserId("anna");
    auto opened = Device::Open(std::move(options), kNow, random_);
    OUTPOST_ASSERT(opened.ok());
    device_ = std::move(opened).value();
  }

  void CreateOrder() {
    Intent intent;
    intent.type = "ORDER_CREATE_V1";
    intent.payload = bench::OrderPayload("order-" + std::to_string(++orders_));
    OUTPOST_ASSERT(device_->Execute(intent, kNow).ok());
  }
  Device& device() { return *device_; }
  DocumentKey AnyOrder() {
    return {CollectionName("orders"), DocumentId("order-" + std::to_string(1 + random_.Below(orders_)))};
  }

 private:
  bench::Scratch scratch_;
  Random random_{1};
  std::unique_ptr<Device> device_;
  std::uint64_t orders_ = 0;
};

// W1: each write is on disk before the call returns.
void ExecuteOrder(benchmark::State& state) {
  Till till("execute");
  for (auto _ : state) till.CreateOrder();
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(ExecuteOrder)->Unit(benchmark::kMicrosecond)->Iterations(2000)->UseRealTime();

void GetPendingOrder(benchmark::State& state) {
  Till till("get");
  for (int i = 0; i < 2000; ++i) till.CreateOrder();
  for (auto _ : state) benchmark::DoNotOptimize(till.device().Get(till.AnyOrder()).ok());
}
BENCHMARK(GetPendingOrder)->Unit(benchmark::kMicrosecond)->Iterations(20000);

void ListPendingOrders(benchmark::State& state) {
  Till till("list");
  for (int i = 0; i < 1000; ++i) till.CreateOrder();
  for (auto _ : state) benchmark::DoNotOptimize(till.device().List(CollectionName("orders")).ok());
  state.SetItemsProcessed(1000 * state.iterations());
}
BENCHMARK(ListPendingOrders)->Unit(benchmark::kMillisecond)->Iterations(50);

}  // namespace
}  // namespace outpost::engine
