// A device's store as the tools of `outpost queue` open it: whose it is they read from it, and leave its subscription
// as it is. The device's own program may run meanwhile: it learns what was decided here, and sends.
#pragma once

#include <memory>
#include <string>

#include "base/random.h"
#include "base/result.h"
#include "engine/device/device.h"

namespace outpost::cli {

struct QueueOptions {
  std::string data;  // the device's directory; its store is outpost.db in it
  std::string file;
  std::string workspace, user;  // of an empty store, for import
  std::string id;               // of the operation in question
  std::string payload;          // edit: a file with the new payload, "-": standard input; empty: the person's editor
  bool plan = false;            // discard: only say what would fall
};

struct QueueStore {
  Random random;
  std::unique_ptr<engine::Device> device;
};

std::string StorePath(const QueueOptions& options);
// kNotFound: there is none; `settings` are what it is opened with besides.
Result<std::unique_ptr<QueueStore>> OpenQueueStore(const QueueOptions& options, engine::DeviceOptions settings = {});

// "PENDING  01J…  ORDER_CREATE_V1  anna  2026-…  reason", by tabs.
std::string LineOf(const engine::CommandRecord& command);

}  // namespace outpost::cli
