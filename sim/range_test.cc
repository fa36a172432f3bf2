// What a person gets from a seed that breaks a law: a smaller run that breaks one too, and the command for it.
#include "sim/range.h"

#include <gtest/gtest.h>

#include "sim/lying_store.h"
#include "sim/shrink.h"

namespace outpost::sim {
namespace {

// A server that skips a sequence number now and then: noticed in every run that is long enough.
WorldOptions Broken() {
  WorldOptions options;
  options.seed = 2;
  options.steps = 120;
  options.open_store = [](const CrashVfs& disk, Random& random) -> Result<std::unique_ptr<server::Store>> {
    OUTPOST_TRY(auto store, OpenSqliteStore(disk, random));
    return std::unique_ptr<server::Store>(std::make_unique<LyingStore>(std::move(store), Lie::kGapInSequence, 5));
  };
  return options;
}

TEST(Shrink, FindsASmallerRunThatBreaksALawToo) {
  WorldOptions options = Broken();
  WorldReport found = RunApart(options);
  ASSERT_FALSE(found.broken.empty());
  const WorldReport smaller = Shrink(options, std::move(found));
  EXPECT_LT(options.steps, 120);
  EXPECT_LT(options.devices, 3);
  EXPECT_FALSE(options.without.empty()) << "nothing but the store is needed";
  ASSERT_FALSE(smaller.broken.empty());
  EXPECT_EQ(World(options).Run().broken, smaller.broken) << "the same again";
}

TEST(Failure, ComesWithItsTraceAndTheCommandThatRepeatsIt) {
  WorldOptions options = Broken();
  options.devices = 2;
  options.with = {"pause"};
  options.without = {"lose answer", "portal"};
  const std::string said = DescribeFailure(options, World(options).Run());
  EXPECT_NE(said.find("seed 2 breaks a law:\n"), std::string::npos) << said;
  EXPECT_NE(said.find("the last of its trace:\n"), std::string::npos) << said;
  EXPECT_TRUE(
      said.ends_with("again: outpost sim --seed 2 --devices 2 --steps 120 --with 'pause' "
                     "--without 'lose answer' --without 'portal'\n"))
      << said;
}

TEST(Range, EndsWithWhatHappenedAndHowFast) {
  RangeOptions options;
  options.last = 2;
  options.steps = 40;
  const std::string said = DescribeRange(RunRange(options, [](const std::string&) {}), 2.0);
  for (const char* part : {"execute: accepted\n", "2 seeds, ", " virtual hours a second, ", "60 seeds a minute, "}) {
    EXPECT_NE(said.find(part), std::string::npos) << part << " in " << said;
  }
}

}  // namespace
}  // namespace outpost::sim
