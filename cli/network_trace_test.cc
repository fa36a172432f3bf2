#include "cli/network_trace.h"

#include <gtest/gtest.h>

namespace outpost::cli {
namespace {

using transport::Line;

std::vector<TraceStep> Trace(std::string_view text) {
  auto trace = ParseNetworkTrace(text);
  EXPECT_TRUE(trace.ok()) << trace.error().message;
  return std::move(trace).value();
}

constexpr char kTrace[] = R"([{"duration_ms": 1000, "bandwidth_kbps": 50, "latency_ms": 20},
                              {"duration_ms": 500.5, "bandwidth_kbps": 49.9, "latency_ms": 20},
                              {"duration_ms": 0, "bandwidth_kbps": 0, "latency_ms": 20}])";

TEST(NetworkTrace, ReadsSteps) {
  const auto trace = Trace(kTrace);
  ASSERT_EQ(trace.size(), 2u) << "a step without duration is none";
  EXPECT_EQ(trace[1].duration_ms, 500.5);
  EXPECT_EQ(trace[1].bandwidth_kbps, 49.9);
}

TEST(NetworkTrace, RefusesWhatIsNoTrace) {
  for (const char* text :
       {"", "{}", "[]", "[1]", R"([{"duration_ms":1000}])", R"([{"duration_ms":"1","bandwidth_kbps":1}])",
        R"([{"duration_ms":-1,"bandwidth_kbps":1}])", R"([{"duration_ms":0,"bandwidth_kbps":1}])"}) {
    EXPECT_FALSE(ParseNetworkTrace(text).ok()) << text;
  }
}

TEST(LineSchedule, FollowsTheTraceInALoop) {
  auto line = LineSchedule::Following(Trace(kTrace), 1.0, 0);
  EXPECT_EQ(line.At(0), Line::kOpen);
  EXPECT_EQ(line.At(999), Line::kOpen);
  EXPECT_EQ(line.At(1000), Line::kCut);
  EXPECT_EQ(line.At(1500), Line::kCut);
  EXPECT_EQ(line.At(1501), Line::kOpen);
  EXPECT_EQ(line.At(2501), Line::kCut);
}

TEST(LineSchedule, SpeedShortensTheTrace) {
  auto line = LineSchedule::Following(Trace(kTrace), 100.0, 0);
  EXPECT_EQ(line.At(9), Line::kOpen);
  EXPECT_EQ(line.At(11), Line::kCut);
  EXPECT_EQ(line.At(16), Line::kOpen);
}

TEST(LineSchedule, StartsInTheMiddleOfTheTrace) {
  auto line = LineSchedule::Following(Trace(kTrace), 1.0, 1500.5 * 3 + 1200);
  EXPECT_EQ(line.At(0), Line::kCut);
  EXPECT_EQ(line.At(300), Line::kCut);
  EXPECT_EQ(line.At(301), Line::kOpen);
}

double CutShareOver(LineSchedule line, int ms) {
  int cut = 0;
  for (int at = 0; at < ms; ++at) cut += line.At(at) == Line::kCut ? 1 : 0;
  return static_cast<double>(cut) / ms;
}

TEST(LineSchedule, TurnsKeepTheShareOfTimeCut) {
  for (const double share : {0.05, 0.2, 0.4, 0.5, 0.8, 0.97}) {
    EXPECT_NEAR(CutShareOver(LineSchedule::ByTurns(share, 200, 2000, Random(7)), 600'000), share, 0.01) << share;
  }
  EXPECT_EQ(CutShareOver(LineSchedule::ByTurns(0.0, 200, 2000, Random(7)), 10'000), 0.0);
  EXPECT_EQ(CutShareOver(LineSchedule::ByTurns(1.0, 200, 2000, Random(7)), 10'000), 1.0);
}

TEST(LineSchedule, TurnsLastBetweenTheirBounds) {
  auto line = LineSchedule::ByTurns(0.4, 200, 2000, Random(3));
  Line before = line.At(0);
  int since = 0;
  for (int at = 1; at < 100'000; ++at) {
    const Line now = line.At(at);
    if (now == before) continue;
    EXPECT_GE(at - since, 199);
    EXPECT_LE(at - since, 2001);
    since = at;
    before = now;
  }
  EXPECT_GT(since, 0);
}

TEST(LineSchedule, TheSameSeedGivesTheSameTurns) {
  auto one = LineSchedule::ByTurns(0.4, 200, 2000, Random(3));
  auto two = LineSchedule::ByTurns(0.4, 200, 2000, Random(3));
  auto other = LineSchedule::ByTurns(0.4, 200, 2000, Random(4));
  bool differs = false;
  for (int at = 0; at < 20'000; ++at) {
    const Line line = one.At(at);
    EXPECT_EQ(line, two.At(at));
    differs = differs || line != other.At(at);
  }
  EXPECT_TRUE(differs);
}

}  // namespace
}  // namespace outpost::cli
