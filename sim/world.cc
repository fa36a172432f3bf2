#include "sim/world.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "server/sqlite/sqlite_store.h"
#include "sim/seed.h"

namespace outpost::sim {
namespace {

constexpr Timestamp kStart{1'795'200'000'000};  // 2026-11-20, as good as any
constexpr std::int64_t kMinuteMs = 60'000;
// Longest backoff (120 s, + 20 % jitter) several times over, and a poll.
constexpr std::int64_t kQuietWithinMs = 15 * kMinuteMs;
constexpr int kEventsInOneMomentMax = 2'000;

}  // namespace

Result<std::unique_ptr<server::Store>> OpenSqliteStore(const CrashVfs& disk, Random& random) {
  server::SqliteStoreOptions options;
  options.path = "server.db";
  options.vfs = disk.name();
  options.exclusive_locking = true;
  options.cache_kib = 1024;
  options.wal_pages_max = 100;
  OUTPOST_TRY(auto store, server::SqliteStore::Open(options, random));
  return std::unique_ptr<server::Store>(std::move(store));
}

World::World(WorldOptions options)
    : options_(std::move(options)),
      plan_(DrawFaults(options_.seed, options_.without, options_.with)),
      environment_(kStart, Trace(options_.trace_lines, options_.echo)),
      truth_(environment_) {
  // SQLite's own generator (salts, temporary names) is one per process; from here on it follows the seed too.
  sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, static_cast<int>(options_.seed % 0x7fffffff) + 1, nullptr);
  if (!options_.open_store) options_.open_store = OpenSqliteStore;
  Random random = RandomFor(options_.seed, "fleet");
  if (options_.devices == 0) options_.devices = static_cast<int>(Between(random, 2, 5));
  server_ = std::make_unique<ServerNode>(environment_, truth_, plan_, options_.seed, options_.open_store);
  MakeDevices();
}

World::~World() = default;

void World::MakeDevices() {
  Random random = RandomFor(options_.seed, "devices");
  const auto count = static_cast<std::size_t>(options_.devices);
  const bool islands = random.OneIn(3);
  const bool one_person = random.OneIn(3) || plan_.device_clone_every > 0;
  const bool skewed = random.OneIn(2);
  const int page_limit = random.OneIn(3) ? static_cast<int>(Between(random, 1, 10)) : 200;
  const int batch = random.OneIn(3) ? static_cast<int>(Between(random, 1, 5)) : 100;
  journal_.Devices(count);
  const std::size_t clients = count + (plan_.second_process > 0 ? 1 : 0);
  network_ =
      std::make_unique<Network>(environment_, plan_, options_.seed, clients,
                                [this](std::size_t client, const engine::HttpRequest& request, Network::Reply reply) {
                                  server_->Serve(callers_.at(client), request, std::move(reply));
                                });
  for (std::size_t i = 0; i < count; ++i) {
    DeviceNodeSettings settings;
    settings.index = i;
    settings.workspace = WorkspaceId(islands && i % 2 == 1 ? "island" : "mainland");
    // One person at two devices: the same author, and now and then the same key.
    const std::size_t person = one_person && !islands && i == 1 ? 0 : i;
    settings.user = UserId("user-" + std::to_string(person));
    settings.page_limit = page_limit;
    settings.batch_commands_max = batch;
    if (skewed) settings.clock_skew_ms = Between(random, -10, 10) * (random.OneIn(2) ? 365ll * 86'400'000 : 3'600'000);
    if (i > 0 && random.OneIn(4)) {
      settings.collections = {CollectionName("orders"), CollectionName("tickets")};
    }
    if (i == 0 && plan_.second_process > 0) settings.alone = false;
    AddPerson(settings, "p" + std::to_string(person));
    devices_.push_back(
        std::make_unique<DeviceNode>(environment_, *network_, journal_, truth_, options_.seed, std::move(settings)));
  }
  if (plan_.second_process > 0) AddSecondProcess();
}

void World::AddPerson(const DeviceNodeSettings& settings, const std::string& name) {
  const std::string index = std::to_string(settings.index);
  callers_.push_back({settings.workspace, settings.user, {"staff"}, std::nullopt, kStart + Milliseconds(1LL << 40)});
  WorkloadSettings workload;
  workload.documents = plan_.documents;
  Random random = RandomFor(options_.seed, "release " + index);
  if (Chance(random, plan_.old_releases)) workload.release = WorkloadSettings::Release::kOld;
  people_.push_back(
      std::make_unique<Workload>(environment_, RandomFor(options_.seed, "person " + index), name, workload));
  decisions_.emplace_back(environment_, RandomFor(options_.seed, "decisions " + index));
  pace_.push_back(RandomFor(options_.seed, "pace " + index));
}

// On the first device's store, by the same person.
void World::AddSecondProcess() {
  environment_.Count("fleet: two processes on one store");
  DeviceNodeSettings settings = devices_.front()->settings();
  settings.index = devices_.size();
  AddPerson(settings, "p0b");
  devices_.push_back(std::make_unique<DeviceNode>(*devices_.front(), std::move(settings)));
}

WorldReport World::Run() {
  if (options_.sabotage) options_.sabotage(*this);
  server_->Start();
  for (auto& device : devices_) device->Start();
  PlanFaults();
  acts_left_ = options_.steps;
  for (std::size_t i = 0; i < devices_.size(); ++i) ActLater(i);
  RunUntil(Timestamp{kStart.ms + 30LL * 24 * 60 * kMinuteMs}, [this] { return acts_left_ == 0; });

  if (!environment_.failed()) {
    Heal();
    // Who finds out in a last round that the server was restored offers what it lacks, and others must hear of that.
    std::uint64_t moment = 0;
    do {
      moment = truth_.moment();
      Calm();
    } while (!environment_.failed() && moment != truth_.moment());
  }
  if (!environment_.failed()) {
    std::vector<DeviceNode*> devices;
    for (auto& device : devices_) devices.push_back(device.get());
    FleetChecker(environment_, journal_, truth_).AtTheEnd(server_->store(), devices);
  }
  WorldReport report;
  report.broken = environment_.broken;
  report.trace.assign(environment_.trace.lines().begin(), environment_.trace.lines().end());
  report.trace_hash = environment_.trace.hash();
  report.acts = options_.steps - acts_left_;
  report.virtual_time = environment_.scheduler.elapsed();
  report.counters = environment_.counters;
  return report;
}

// Until nothing waits and every device has heard of everything.
void World::Calm() {
  const auto within = [this] { return environment_.now() + Milliseconds(kQuietWithinMs); };
  if (!RunUntil(within(), [this] { return NothingWaits() && network_->pushes_under_way() == 0; })) {
    if (!environment_.failed()) {
      environment_.Fail("fleet", "still waiting long after every fault ended: " + WhoWaits());
    }
    return;
  }
  // The second round that ends from here on began after the last effect: it must bring everything.
  std::vector<std::uint64_t> enough;
  for (auto& device : devices_) enough.push_back(device->rounds() + 2);
  if (!RunUntil(within(), [&] { return WhoIsBehind(enough).empty(); }) && !environment_.failed()) {
    environment_.Fail("fleet", "no longer pulls: " + WhoIsBehind(enough));
  }
}

bool World::RunUntil(Timestamp until, const std::function<bool()>& done) {
  while (!environment_.failed()) {
    if (done()) return true;
    const Timestamp before = environment_.now();
    if (!environment_.scheduler.RunOne(until)) return done();
    standing_ = environment_.now() == before ? standing_ + 1 : 0;
    if (standing_ > kEventsInOneMomentMax)
      environment_.Fail("fleet", "time stands still: somebody is busy with nothing");
  }
  return false;
}

void World::ActLater(std::size_t index) {
  Random& pace = pace_[index];
  const std::int64_t pause = pace.OneIn(3) ? Between(pace, 10'000, 60'000) : Between(pace, 50, 4'000);
  environment_.scheduler.After(pause, [this, index] {
    if (acts_left_ == 0) return;
    Act(index);
    ActLater(index);
  });
}

void World::Act(std::size_t index) {
  DeviceNode& device = *devices_[index];
  if (!device.up() || device.paused()) return;
  if (device.sign_in_wanted() && pace_[index].OneIn(2)) {
    server_->SetTokenExpired(device.settings().user, false);
    environment_.Count("workload: signed in again");
    return device.SignedIn();
  }
  --acts_left_;
  if (pace_[index].OneIn(25)) return device.Tell(engine::SyncNow{});
  if (Chance(pace_[index], plan_.people_decide)) return decisions_[index].Decide(device);
  const engine::Intent intent = people_[index]->Next(device.device());
  const auto accepted = device.Do(intent);
  people_[index]->Done(intent, accepted);
}

void World::Heal() {
  environment_.Log("fleet", "faults end");
  faults_over_ = true;
  network_->Heal();
  server_->Heal();
  for (server::Caller& caller : callers_) {
    caller.roles = {"staff"};
    caller.device.reset();
  }
  for (auto& device : devices_) device->Heal();
}

bool World::NothingWaits() const {
  return std::all_of(devices_.begin(), devices_.end(), [](const auto& device) {
    if (!device->up() || device->device().status().in_flight > 0) return false;
    if (device->settings().alone) return device->device().status().waiting == 0;
    // What a process knows may be behind what another did.
    const auto waiting = device->device().Queue(engine::CommandStatus::kPending, 1);
    return waiting.ok() && waiting.value().empty();
  });
}

std::string World::WhoWaits() const {
  std::string text;
  for (const auto& device : devices_) {
    if (!device->up()) {
      text += device->name() + " is down; ";
      continue;
    }
    const engine::SyncStatus status = device->device().status();
    if (status.waiting == 0) continue;
    text += device->name() + " " + std::to_string(status.waiting) + " of which in flight " +
            std::to_string(status.in_flight);
    const auto queue = device->device().Queue(engine::CommandStatus::kPending, 1);
    if (queue.ok() && !queue.value().empty()) {
      const engine::CommandRecord& first = queue.value().front();
      text += ", first " + first.id.value + " " + first.type + " after " + std::to_string(first.attempts) + " attempts";
    }
    text += "; ";
  }
  return text;
}

std::string World::WhoIsBehind(const std::vector<std::uint64_t>& rounds) const {
  std::string text;
  for (std::size_t i = 0; i < devices_.size(); ++i) {
    if (!devices_[i]->up() || devices_[i]->rounds() < rounds[i]) text += devices_[i]->name() + " ";
  }
  return text;
}

}  // namespace outpost::sim
