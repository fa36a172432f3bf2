// What people do: orders, items on their own and others' orders, kitchen, cash, cancellations, stock and catalog, and
// documents of declared collections; on few articles and by several people at once, so that they meet. Draws what a
// person at this device could see and type.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "engine/device/device.h"
#include "sim/environment.h"

namespace outpost::sim {

struct WorkloadSettings {
  double documents = 0;  // chance that something is done to declared collections
  // What the program at this device writes: an older release knows only older versions.
  enum class Release { kOld, kNew } release = Release::kNew;
};

class Workload {
 public:
  Workload(Environment& environment, Random random, std::string name, WorkloadSettings settings = {});

  // The next thing this person does.
  engine::Intent Next(engine::Device& device);
  // What came of it: the person may press the same button again, or build on it.
  void Done(const engine::Intent& intent, const Result<engine::Accepted>& result);
  // The device was given another store: what was done on the old one is not there to build on.
  void Forget();

 private:
  struct Seen {
    DocumentId id;
    Version version;
    json::object body;
  };

  engine::Intent Draw(engine::Device& device);
  engine::Intent CreateOrder();
  engine::Intent OnOrder(engine::Device& device);
  engine::Intent CloseOrder(const Seen& order);
  engine::Intent OnLine(const Seen& order);
  engine::Intent OnTicket(engine::Device& device);
  engine::Intent OnStock(engine::Device& device);
  engine::Intent PutProduct(engine::Device& device);
  engine::Intent AdjustStock();
  engine::Intent OnDocument(engine::Device& device);
  engine::Intent MakeDocument(const char* collection);
  engine::Intent AddToDocument(json::object payload);
  engine::Intent PatchDocument(const Seen& seen, json::object payload);
  std::string Word();
  // Something a schema refuses at once.
  engine::Intent Malformed();

  // One that this device shows now; the recent ones more often.
  std::optional<Seen> Pick(engine::Device& device, const char* collection);
  json::array Items();
  std::string Sku();
  // Sometimes the version seen, sometimes that of the own last command.
  void Expect(engine::Intent& intent, const Seen& seen);

  Environment& environment_;
  Random random_;
  std::string name_;
  WorkloadSettings settings_;
  std::uint64_t made_ = 0;
  std::optional<engine::Intent> repeatable_;
  std::vector<CommandId> accepted_;
};

}  // namespace outpost::sim
