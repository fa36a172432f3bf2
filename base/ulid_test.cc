#include "base/ulid.h"

#include <gtest/gtest.h>

#include <set>

namespace outpost {
namespace {

TEST(Ulid, HasTheTimeInItsFirstTenCharacters) {
  Random random(1);
  UlidGenerator generator(random);
  const std::string ulid = generator.Next({1'469'918'176'385});  // the example of the specification
  EXPECT_EQ(ulid.substr(0, 10), "01ARYZ6S41");
  EXPECT_TRUE(IsUlid(ulid));
}

TEST(Ulid, RisesStrictlyWhileTheClockStandsGoesBackAndJumps) {
  Random random(2);
  UlidGenerator generator(random);
  std::string previous;
  Timestamp now{1'000'000};
  for (int i = 0; i < 10'000; ++i) {
    switch (random.Below(4)) {
      case 0:
        now.ms += static_cast<std::int64_t>(random.Below(5));
        break;
      case 1:
        now.ms -= static_cast<std::int64_t>(random.Below(1'000'000'000));
        break;
      case 2:
        now.ms += 3'600'000;
        break;
      default:
        break;
    }
    const std::string next = generator.Next(now);
    ASSERT_LT(previous, next);
    ASSERT_TRUE(IsUlid(next));
    previous = next;
  }
}

TEST(Ulid, TwoDevicesWhoseClocksSay1970StillDiffer) {
  Random first_random(1);
  Random second_random(2);
  UlidGenerator first(first_random);
  UlidGenerator second(second_random);
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(seen.insert(first.Next({-5})).second);
    EXPECT_TRUE(seen.insert(second.Next({0})).second);
  }
}

TEST(Ulid, AClockBeyondItsRangeIsClamped) {
  Random random(1);
  UlidGenerator generator(random);
  const std::string ulid = generator.Next({std::int64_t{1} << 60});
  EXPECT_EQ(ulid.substr(0, 10), "7ZZZZZZZZZ");
  EXPECT_LT(ulid, generator.Next({0}));
}

TEST(Ulid, OnlyUpperCaseCrockfordOfTheRightLengthIsOne) {
  EXPECT_TRUE(IsUlid("01ARZ3NDEKTSV4RRFFQ69G5FAV"));
  EXPECT_TRUE(IsUlid("7ZZZZZZZZZZZZZZZZZZZZZZZZZ"));
  for (const char* text : {"", "01ARZ3NDEKTSV4RRFFQ69G5FA", "01ARZ3NDEKTSV4RRFFQ69G5FAVX", "81ARZ3NDEKTSV4RRFFQ69G5FAV",
                           "01arz3ndektsv4rrffq69g5fav", "01ARZ3NDEKTSV4RRFFQ69G5FAI", "01ARZ3NDEKTSV4RRFFQ69G5FA-"}) {
    EXPECT_FALSE(IsUlid(text)) << text;
  }
}

}  // namespace
}  // namespace outpost
