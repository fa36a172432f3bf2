// outpost-mutants [NAME…]: first plays every story with no bug switched on, then switches planted bugs on, one at a
// time, and says what noticed each: a scenario, or the first seed of the simulator that broke a law. A bug that nothing
// notices is a missing check. 0: all were noticed.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/mutant.h"
#include "scenarios/player.h"
#include "sim/children.h"
#include "sim/world.h"
#include "tests/mutants/catalog.h"

namespace outpost::mutants {
namespace {

constexpr std::uint64_t kSeedsMax = 120;
constexpr int kSteps = 200;
constexpr std::chrono::seconds kPatience{90};

using Clock = std::chrono::steady_clock;

struct Case {
  const Mutant* mutant = nullptr;
  Clock::time_point began;
  std::string last;  // what it was at when it was last heard of
  std::string noticed;
};

// Says what it is at ("at …") and, once something noticed, what ("noticed …").
void Try(const Mutant& mutant, std::FILE* out) {
  SwitchMutant(mutant.name);
  const auto stories = scenarios::StoryFiles(OUTPOST_STORIES);
  for (const std::string& file : stories.ok() ? stories.value() : std::vector<std::string>()) {
    std::fprintf(out, "at %s\n", file.substr(file.rfind('/') + 1).c_str());
    const scenarios::Played played = scenarios::PlayFile(file);
    if (played.broken.empty()) continue;
    std::fprintf(out, "noticed %s, %s\n", played.file.c_str(), played.broken.c_str());
    return;
  }
  for (std::uint64_t seed = 1; seed <= kSeedsMax; ++seed) {
    std::fprintf(out, "at seed %llu\n", static_cast<unsigned long long>(seed));
    sim::WorldOptions options;
    options.seed = seed;
    options.steps = kSteps;
    const sim::WorldReport report = sim::World(options).Run();
    if (report.broken.empty()) continue;
    std::fprintf(out, "noticed seed %llu: %s\n", static_cast<unsigned long long>(seed), report.broken.front().c_str());
    return;
  }
}

class Hunt {
 public:
  explicit Hunt(std::vector<Mutant> mutants) : mutants_(std::move(mutants)), cases_(mutants_.size()) {}

  std::size_t Run() {
    const unsigned at_once = sim::ProcessorCount();
    while (next_ < mutants_.size() || children_.running() > 0) {
      while (next_ < mutants_.size() && children_.running() < at_once) Begin(next_++);
      const auto event = children_.Next(1'000);
      GiveUpOnTheSlow();
      if (!event) continue;
      event->line ? Hear(event->tag, *event->line) : End(event->tag, event->crashed);
    }
    return caught_;
  }

 private:
  void Begin(std::size_t tag) {
    cases_[tag].mutant = &mutants_[tag];
    cases_[tag].began = Clock::now();
    if (!children_.Start(tag, [mutant = mutants_[tag]](std::FILE* out) { Try(mutant, out); })) std::abort();
  }
  void Hear(std::size_t tag, const std::string& line) {
    if (line.starts_with("at ")) cases_[tag].last = line.substr(3);
    if (line.starts_with("noticed ")) cases_[tag].noticed = line.substr(8);
  }
  void GiveUpOnTheSlow() {
    for (std::size_t tag = 0; tag < next_; ++tag) {
      Case& one = cases_[tag];
      if (one.mutant == nullptr || Clock::now() - one.began < kPatience) continue;
      slow_.push_back(tag);
      one.began = Clock::time_point::max();
      children_.Kill(tag);
    }
  }
  void End(std::size_t tag, bool crashed) {
    Case& one = cases_[tag];
    const bool slow = std::find(slow_.begin(), slow_.end(), tag) != slow_.end();
    if (one.noticed.empty() && crashed && !slow) one.noticed = one.last + ": an assertion";
    caught_ += one.noticed.empty() ? 0 : 1;
    const std::string verdict = !one.noticed.empty() ? one.noticed
                                : slow               ? "NOT NOTICED in time, last at " + one.last
                                                     : "NOT NOTICED";
    std::printf("%-30s %s\n", std::string(one.mutant->name).c_str(), verdict.c_str());
    std::fflush(stdout);
    one.mutant = nullptr;
  }

  std::vector<Mutant> mutants_;
  std::vector<Case> cases_;
  std::vector<std::size_t> slow_;
  sim::Children children_;
  std::size_t next_ = 0;
  std::size_t caught_ = 0;
};

// Nothing planted: nothing may be noticed.
bool StoriesHold() {
  const auto stories = scenarios::StoryFiles(OUTPOST_STORIES);
  if (!stories.ok()) return std::fprintf(stderr, "%s\n", stories.error().message.c_str()), false;
  bool held = true;
  for (const std::string& file : stories.value()) {
    const scenarios::Played played = scenarios::PlayFile(file);
    if (played.broken.empty()) continue;
    std::printf("without any bug: %s: %s\n", played.file.c_str(), played.broken.c_str());
    held = false;
  }
  return held;
}

int Main(int argc, char** argv) {
  if (!StoriesHold()) return 1;
  std::vector<Mutant> chosen;
  for (const Mutant& mutant : Catalog()) {
    const bool named = std::find(argv + 1, argv + argc, mutant.name) != argv + argc;
    if (argc == 1 || named) chosen.push_back(mutant);
  }
  if (chosen.empty()) {
    std::fprintf(stderr, "no planted bug has that name; see tests/mutants/catalog.cc\n");
    return 2;
  }
  const std::size_t count = chosen.size();
  const std::size_t caught = Hunt(std::move(chosen)).Run();
  std::printf("%zu of %zu caught\n", caught, count);
  return caught == count ? 0 : 1;
}

}  // namespace
}  // namespace outpost::mutants

int main(int argc, char** argv) { return outpost::mutants::Main(argc, argv); }
