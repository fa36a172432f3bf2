#include "cli/replay_run.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <utility>

#include "base/ulid.h"
#include "protocol/json.h"

namespace outpost::cli {
namespace {

// What one ORDER_CREATE or ORDER_ADD_ITEMS takes.
constexpr std::size_t kLinesPerCommand = 1000;

std::string RunFile(const std::string& data) { return (std::filesystem::path(data) / "run.json").string(); }

std::string NewRunId(Timestamp now) {
  Random random(SystemEntropy());
  return UlidGenerator(random).Next(now);
}

// Written beside and renamed: a run.json is whole or not there.
Status Save(const std::string& data, const ReplayRun& run) {
  const json::object object = {{"run", run.id}, {"orders", run.digest}, {"devices", run.devices}};
  const std::string path = RunFile(data);
  const std::string text = ToJson(object) + "\n";
  const int file = open((path + ".new").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return Error{ErrorCode::kIo, path + " cannot be written"};
  const bool written = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(file) == 0;
  close(file);
  std::error_code error;
  if (written) std::filesystem::rename(path + ".new", path, error);
  if (!written || error) return Error{ErrorCode::kIo, path + " cannot be written"};
  return {};
}

json::array ItemsOf(std::span<const BookLine> lines) {
  json::array items;
  for (const BookLine& line : lines) {
    json::object item = {
        {"sku", line.article}, {"name", line.name}, {"quantity", line.quantity}, {"unitPrice", line.unit_price}};
    if (!line.station.empty()) item["station"] = line.station;
    items.push_back(std::move(item));
  }
  return items;
}

engine::Intent Step(const DocumentId& order, const std::string& step, const char* type, json::object payload) {
  payload["id"] = order.value;
  engine::Intent intent;
  intent.type = type;
  intent.payload = std::move(payload);
  intent.key = IdempotencyKey(order.value + ":" + step);
  return intent;
}

}  // namespace

Result<FolderLock> FolderLock::Take(const std::string& folder, Milliseconds patience) {
  using Clock = std::chrono::steady_clock;
  constexpr int kAskAgainMs = 20;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  const std::string path = (std::filesystem::path(folder) / "lock").string();
  FolderLock lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (lock.file_ < 0) return Error{ErrorCode::kIo, folder + " cannot be written"};
  const Clock::time_point deadline = Clock::now() + patience;
  while (flock(lock.file_, LOCK_EX | LOCK_NB) != 0) {
    if (Clock::now() >= deadline) return Error{ErrorCode::kBusy, "another replay works in " + folder};
    poll(nullptr, 0, kAskAgainMs);
  }
  return lock;
}

FolderLock::FolderLock(FolderLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

FolderLock::~FolderLock() {
  if (file_ >= 0) close(file_);
}

Result<ReplayRun> LoadReplayRun(const std::string& data) {
  std::ifstream file(RunFile(data), std::ios::binary);
  if (!file) return Error{ErrorCode::kNotFound, RunFile(data) + " cannot be read"};
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto value = ParseJson(text);
  if (!value.ok() || !value.value().is_object()) return Error{ErrorCode::kCorrupt, RunFile(data) + " is damaged"};
  const json::object& object = value.value().get_object();
  ReplayRun run;
  run.id = StringOr(object, "run");
  run.digest = StringOr(object, "orders");
  run.devices = static_cast<int>(IntegerOr(object, "devices", 0));
  if (!IsUlid(run.id) || run.devices < 1) return Error{ErrorCode::kCorrupt, RunFile(data) + " is damaged"};
  return run;
}

Result<ReplayRun> OpenReplayRun(const ReplayOptions& options, const std::string& digest, Timestamp now) {
  auto loaded = LoadReplayRun(options.data);
  if (!loaded.ok() && loaded.error().code != ErrorCode::kNotFound) return loaded;
  if (!loaded.ok()) {
    const ReplayRun run = {NewRunId(now), digest, options.devices};
    OUTPOST_CHECK(Save(options.data, run));
    return run;
  }
  if (loaded.value().digest != digest) {
    return Error{ErrorCode::kInvalidArgument, options.data + " holds a run of other orders; take an empty folder"};
  }
  if (loaded.value().devices != options.devices) {
    return Error{ErrorCode::kInvalidArgument, options.data + " holds a run with " +
                                                  std::to_string(loaded.value().devices) +
                                                  " devices; take an empty folder"};
  }
  return loaded;
}

std::uint64_t SystemEntropy() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32) | device();
}

std::string DeviceFolder(const std::string& data, int device) {
  return (std::filesystem::path(data) / ("device-" + std::to_string(device))).string();
}

DocumentId OrderIdOf(const ReplayRun& run, std::size_t position) {
  return DocumentId(run.id + "-" + std::to_string(position + 1));
}

std::vector<engine::Intent> IntentsOf(const BookOrder& order, const DocumentId& id) {
  std::vector<engine::Intent> intents;
  const std::span<const BookLine> lines = order.lines;
  for (std::size_t from = 0; from < lines.size(); from += kLinesPerCommand) {
    json::array items = ItemsOf(lines.subspan(from, std::min(kLinesPerCommand, lines.size() - from)));
    if (from == 0) {
      intents.push_back(Step(id, "create", "ORDER_CREATE_V1", {{"items", std::move(items)}}));
    } else {
      intents.push_back(Step(id, "add-" + std::to_string(from), "ORDER_ADD_ITEMS_V1", {{"items", std::move(items)}}));
    }
  }
  intents.push_back(Step(id, "send", "ORDER_SEND_TO_KITCHEN_V1", {}));
  json::object payment = {{"method", "CASH"}, {"amount", order.total}};
  intents.push_back(Step(id, "close", "ORDER_CLOSE_V1", {{"payment", std::move(payment)}}));
  return intents;
}

}  // namespace outpost::cli
