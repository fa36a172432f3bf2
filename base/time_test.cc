#include "base/time.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/random.h"

namespace outpost {
namespace {

std::int64_t Parsed(std::string_view text) {
  const auto time = ParseRfc3339(text);
  EXPECT_TRUE(time.ok()) << text;
  return time.ok() ? time.value().ms : std::numeric_limits<std::int64_t>::min();
}

TEST(Rfc3339, WritesUtcWithMilliseconds) {
  EXPECT_EQ(ToRfc3339({0}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(ToRfc3339({-1}), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(ToRfc3339({1'795'187'878'123}), "2026-11-20T15:17:58.123Z");
  EXPECT_EQ(ToRfc3339({951'782'400'000}), "2000-02-29T00:00:00.000Z");
  EXPECT_EQ(ToRfc3339({4'107'542'400'000}), "2100-03-01T00:00:00.000Z");
}

TEST(Rfc3339, ClampsClocksOutsideFourDigitYears) {
  EXPECT_EQ(ToRfc3339({std::numeric_limits<std::int64_t>::min()}), "0000-01-01T00:00:00.000Z");
  EXPECT_EQ(ToRfc3339({std::numeric_limits<std::int64_t>::max()}), "9999-12-31T23:59:59.999Z");
}

TEST(Rfc3339, ReadsFractionsAndOffsets) {
  EXPECT_EQ(Parsed("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(Parsed("1970-01-01t00:00:00.5z"), 500);
  EXPECT_EQ(Parsed("1970-01-01T00:00:00.0129999Z"), 12);
  EXPECT_EQ(Parsed("1969-12-31T23:59:59.999Z"), -1);
  EXPECT_EQ(Parsed("2026-11-20T15:17:58.123Z"), 1'795'187'878'123);
  EXPECT_EQ(Parsed("2026-11-20T18:47:58.123+03:30"), 1'795'187'878'123);
  EXPECT_EQ(Parsed("2026-11-20T10:17:58.123-05:00"), 1'795'187'878'123);
  EXPECT_EQ(Parsed("2016-12-31T23:59:60Z"), Parsed("2017-01-01T00:00:00Z"));
}

TEST(Rfc3339, KnowsLeapYears) {
  EXPECT_EQ(Parsed("2024-02-29T00:00:00Z") + 86'400'000, Parsed("2024-03-01T00:00:00Z"));
  EXPECT_EQ(Parsed("2000-02-29T12:00:00Z"), 951'825'600'000);
  EXPECT_FALSE(ParseRfc3339("1900-02-29T00:00:00Z").ok());
  EXPECT_FALSE(ParseRfc3339("2023-02-29T00:00:00Z").ok());
}

TEST(Rfc3339, RefusesWhatIsNoTime) {
  for (const char* text : {"",
                           "2026",
                           "2026-11-20",
                           "2026-11-20T15:17:58",
                           "2026-11-20 15:17:58Z",
                           "2026-11-20T15:17Z",
                           "2026-13-01T00:00:00Z",
                           "2026-00-01T00:00:00Z",
                           "2026-11-31T00:00:00Z",
                           "2026-11-00T00:00:00Z",
                           "2026-11-20T24:00:00Z",
                           "2026-11-20T15:60:00Z",
                           "2026-11-20T15:17:61Z",
                           "2026-11-20T15:17:58.Z",
                           "2026-11-20T15:17:58Z ",
                           "2026-11-20T15:17:58+0330",
                           "2026-11-20T15:17:58+24:00",
                           "2026-11-20T15:17:58+03:60",
                           "-026-11-20T15:17:58Z",
                           "20 6-11-20T15:17:58Z",
                           "2026-11-20T15:17:58ZZ"}) {
    const auto time = ParseRfc3339(text);
    ASSERT_FALSE(time.ok()) << text;
    EXPECT_EQ(time.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(Rfc3339, ReadsBackEveryTimeItWrote) {
  Random random(3);
  for (int i = 0; i < 20'000; ++i) {
    const auto ms = static_cast<std::int64_t>(random.Below(315'569'519'999'999)) - 62'167'219'200'000;
    ASSERT_EQ(Parsed(ToRfc3339({ms})), ms);
  }
}

TEST(UtcDay, IsTheDayInUtc) {
  EXPECT_EQ(UtcDay({1'795'187'878'123}), "20261120");
  EXPECT_EQ(UtcDay({-1}), "19691231");
  EXPECT_EQ(UtcDay({0}), "19700101");
}

}  // namespace
}  // namespace outpost
