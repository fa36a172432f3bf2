// World: which faults strike when.
#include <iterator>
#include <utility>

#include "sim/seed.h"
#include "sim/world.h"

namespace outpost::sim {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;

}  // namespace

void World::Repeat(double minutes, const std::string& purpose, std::function<void(Random&)> strike) {
  if (minutes <= 0) return;
  struct Loop {
    World* world;
    Random random;
    std::int64_t pause_ms_max;
    std::function<void(Random&)> strike;
  };
  auto loop = std::make_shared<Loop>(Loop{this, RandomFor(options_.seed, purpose),
                                          static_cast<std::int64_t>(minutes * 2 * kMinuteMs), std::move(strike)});
  // The scheduler holds the loop; it ends with the faults.
  auto next = std::make_shared<std::function<void()>>();
  *next = [loop, weak = std::weak_ptr(next)] {
    if (loop->world->faults_over_) return;
    loop->strike(loop->random);
    loop->world->environment_.scheduler.After(Between(loop->random, 0, loop->pause_ms_max),
                                              [next = weak.lock()] { (*next)(); });
  };
  environment_.scheduler.After(Between(loop->random, 0, loop->pause_ms_max), [next] { (*next)(); });
}

void World::PlanFaults() {
  Repeat(plan_.server_crash_every, "server crash", [this](Random& random) {
    if (!server_->up()) return;
    if (!Chance(random, plan_.crash_inside_commit)) return server_->PowerCut();
    server_->disk().CrashAtOperation(1 + random.Below(30));
  });
  Repeat(plan_.server_io_error_every, "server io", [this](Random& random) {
    environment_.Count("server: I/O error planned");
    server_->disk().FailAtOperation(1 + random.Below(20));
  });
  Repeat(plan_.server_full_every, "server full", [this](Random& random) {
    environment_.Count("server: disk full");
    server_->disk().SetFull(true);
    environment_.scheduler.After(Between(random, 1'000, 30'000), [this] { server_->disk().SetFull(false); });
  });
  Repeat(plan_.server_purge_every, "server purge", [this](Random&) { server_->Purge(); });
  Repeat(plan_.server_restore_every, "server restore", [this](Random& random) { RestoreServer(random); });
  if (server_->processes() > 1) {
    Repeat(plan_.process_kill_every, "kill server process",
           [this](Random& random) { server_->KillProcess(random.Below(server_->processes())); });
  }
  for (std::size_t i = 0; i < devices_.size(); ++i) PlanDeviceFaults(i);
}

void World::PlanDeviceFaults(std::size_t index) {
  DeviceNode& device = *devices_[index];
  const std::string& name = device.name();
  Repeat(plan_.clock_jump_every, "clock " + name, [&device](Random& random) {
    static constexpr std::int64_t kJumpsMs[] = {0, 1'000, 60'000, 3'600'000, 86'400'000, 10ll * 365 * 86'400'000};
    const std::int64_t jump = kJumpsMs[random.Below(std::size(kJumpsMs))];
    device.SetClock(random.OneIn(2) ? jump : -jump);
  });
  if (device.is_first()) PlanStoreFaults(index);
  Repeat(plan_.pause_every, "pause " + name,
         [&device](Random& random) { device.Pause(Between(random, 1'000, random.OneIn(3) ? 120'000 : 20'000)); });
  Repeat(plan_.rights_every, "rights " + name, [this, index](Random& random) { TakeRights(index, random); });
  Repeat(plan_.foreign_token_every, "foreign token " + name,
         [this, index](Random& random) { GiveForeignToken(index, random); });
  Repeat(plan_.flap_line_every, "flap " + name, [this, index](Random& random) { FlapLine(index, random, 8); });
  Repeat(plan_.token_expiry_every, "token " + name,
         [this, &device](Random&) { server_->SetTokenExpired(device.settings().user, true); });
  Repeat(plan_.portal_every, "portal " + name, [this, index](Random& random) {
    network_->SetPortal(index, true);
    environment_.scheduler.After(Between(random, 1'000, 2 * kMinuteMs),
                                 [this, index] { network_->SetPortal(index, false); });
  });
  Repeat(plan_.cut_line_every, "line " + name, [this, index](Random& random) { CutLine(index, random); });
}

// What strikes a machine's disk, whoever of its processes uses it.
void World::PlanStoreFaults(std::size_t index) {
  DeviceNode& device = *devices_[index];
  const std::string& name = device.name();
  Repeat(plan_.device_crash_every, "crash " + name, [this, &device](Random& random) {
    if (!device.up()) return;
    if (!Chance(random, plan_.crash_inside_commit)) return device.PowerCut();
    device.disk().CrashAtOperation(1 + random.Below(30));
  });
  Repeat(plan_.device_io_error_every, "io " + name, [this, &device](Random& random) {
    environment_.Count("device: I/O error planned");
    device.disk().FailAtOperation(1 + random.Below(20));
  });
  Repeat(plan_.device_full_every, "full " + name, [this, &device](Random& random) {
    environment_.Count("device: disk full");
    device.disk().SetFull(true);
    environment_.scheduler.After(Between(random, 1'000, 30'000), [&device] { device.disk().SetFull(false); });
  });
  Repeat(plan_.device_restore_every, "restore " + name,
         [this, index](Random& random) { RestoreDevice(index, random); });
  Repeat(plan_.device_loss_every, "loss " + name,
         [this, index](Random&) { ReplaceStore(index, {}, "lost its store"); });
  if (index == 1) Repeat(plan_.device_clone_every, "clone", [this](Random& random) { CloneDevice(random); });
}

void World::CutLine(std::size_t index, Random& random) {
  if (!network_->line_up(index)) return;
  environment_.Count("network: line cut");
  const bool told = plan_.hide_line_changes == 0;
  if (!told) environment_.Count("network: line cut, and nobody told");
  network_->SetLine(index, false);
  environment_.Log(devices_[index]->name(), "line cut");
  if (told) devices_[index]->Tell(engine::NetworkChanged{false});
  const std::int64_t pause =
      random.OneIn(4) ? Between(random, kMinuteMs, 20 * kMinuteMs) : Between(random, 200, kMinuteMs);
  environment_.scheduler.After(pause, [this, index, told] {
    if (network_->line_up(index)) return;
    network_->SetLine(index, true);
    environment_.Log(devices_[index]->name(), "line back");
    if (told) devices_[index]->Tell(engine::NetworkChanged{true});
  });
}

void World::ReplaceStore(std::size_t index, const CrashVfs::Image& image, const char* what) {
  environment_.Count(std::string("device: ") + what);
  for (std::size_t i = 0; i < devices_.size(); ++i) {
    if (&devices_[i]->machine() == &devices_[index]->machine()) people_[i]->Forget();
  }
  devices_[index]->PutBack(image);
}

// A backup is made, and some time later put back.
void World::RestoreDevice(std::size_t index, Random& random) {
  if (!devices_[index]->up()) return;
  if (backups_.contains(index) && random.OneIn(2)) {
    return ReplaceStore(index, backups_.extract(index).mapped(), "restored from a backup");
  }
  backups_[index] = devices_[index]->disk().Contents();
}

// As with `outpost restore`: another life, in which nothing is known of what happened since.
void World::RestoreServer(Random& random) {
  if (!server_->up()) return;
  if (!server_backup_ || random.OneIn(2)) {
    server_backup_ = {server_->Backup(), truth_.moment()};
    return;
  }
  const ServerBackup backup = *std::exchange(server_backup_, std::nullopt);
  environment_.Count("server: restored from a backup");
  environment_.Log("server", "restored from a backup");
  truth_.PutBack(backup.moment);
  if (!server_->Restore(backup.image, ServerNode::RestoreAs::kNewEpoch)) {
    environment_.Fail("server", "does not come back from a backup");
  }
}

// The second device goes on with a copy of the first's files: only the same person may open them.
void World::CloneDevice(Random&) {
  DeviceNode& original = *devices_[0];
  if (!original.up() || !devices_[1]->is_first()) return;
  if (original.settings().user != devices_[1]->settings().user) return;
  devices_[1]->checker().Inherit(original.checker());
  ReplaceStore(1, original.disk().Contents(), "cloned");
}

void World::TakeRights(std::size_t index, Random& random) {
  environment_.Count("server: rights taken");
  callers_[index].roles = {"kitchen"};
  devices_[index]->checker().RightsTaken();
  environment_.scheduler.After(Between(random, 1'000, 3 * kMinuteMs),
                               [this, index] { callers_[index].roles = {"staff"}; });
}

// Somebody's mistake, or a token that was copied with a device's settings.
void World::GiveForeignToken(std::size_t index, Random& random) {
  environment_.Count("server: token of another device");
  callers_[index].device = DeviceId("another");
  environment_.scheduler.After(Between(random, 1'000, 3 * kMinuteMs),
                               [this, index] { callers_[index].device.reset(); });
}

void World::FlapLine(std::size_t index, Random& random, int times) {
  if (times == 0 || faults_over_) return;
  const bool up = times % 2 == 1;
  if (times == 8) {
    if (!network_->line_up(index)) return;
    environment_.Count("network: line flaps");
  }
  network_->SetLine(index, up);
  if (plan_.hide_line_changes == 0) devices_[index]->Tell(engine::NetworkChanged{up});
  const std::int64_t pause = Between(random, 50, 1'500);
  environment_.scheduler.After(pause,
                               [this, index, times, later = random]() mutable { FlapLine(index, later, times - 1); });
}

}  // namespace outpost::sim
