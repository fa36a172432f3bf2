#include "cli/network_trace.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>
#include <utility>

#include "protocol/json.h"

namespace outpost::cli {
namespace {

using transport::Line;

constexpr double kTraceMsMax = 1e12;

// A finite number of at least 0, or nothing.
Result<double> NumberIn(const json::value& entry, std::string_view name, std::size_t index) {
  const json::object* object = entry.if_object();
  const json::value* member = object == nullptr ? nullptr : Find(*object, name);
  boost::system::error_code error;
  const double number = member == nullptr ? -1.0 : member->to_number<double>(error);
  if (error || !(number >= 0.0 && number <= kTraceMsMax)) {
    return Error{ErrorCode::kInvalidArgument,
                 "the trace's entry " + std::to_string(index) + " has no usable " + std::string(name)};
  }
  return number;
}

double LengthOf(const std::vector<TraceStep>& trace) {
  double length = 0;
  for (const TraceStep& step : trace) length += step.duration_ms;
  return length;
}

}  // namespace

Result<std::vector<TraceStep>> ParseNetworkTrace(std::string_view text) {
  OUTPOST_TRY(const json::value value, ParseJson(text));
  const json::array* entries = value.if_array();
  if (entries == nullptr) return Error{ErrorCode::kInvalidArgument, "the trace is no JSON array"};
  std::vector<TraceStep> trace;
  for (std::size_t i = 0; i < entries->size(); ++i) {
    OUTPOST_TRY(const double duration_ms, NumberIn((*entries)[i], "duration_ms", i));
    OUTPOST_TRY(const double bandwidth_kbps, NumberIn((*entries)[i], "bandwidth_kbps", i));
    if (duration_ms > 0) trace.push_back({duration_ms, bandwidth_kbps});
  }
  // A loop has to take time.
  if (LengthOf(trace) < 1.0) return Error{ErrorCode::kInvalidArgument, "the trace lasts no time"};
  return trace;
}

Result<std::vector<TraceStep>> ReadNetworkTrace(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{ErrorCode::kNotFound, path + " cannot be read"};
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  auto trace = ParseNetworkTrace(text);
  if (!trace.ok()) return Error{trace.error().code, path + ": " + trace.error().message};
  return trace;
}

LineSchedule::LineSchedule(std::function<Turn()> next)
    : next_(std::move(next)), turn_(next_()), turn_ends_ms_(turn_.duration_ms) {}

Line LineSchedule::At(double elapsed_ms) {
  while (elapsed_ms >= turn_ends_ms_) {
    turn_ = next_();
    turn_ends_ms_ += turn_.duration_ms;
  }
  return turn_.line;
}

LineSchedule LineSchedule::AlwaysOpen() {
  return LineSchedule([] { return Turn{std::numeric_limits<double>::infinity(), Line::kOpen}; });
}

LineSchedule LineSchedule::ByTurns(double cut_share, double turn_ms_min, double turn_ms_max, Random random) {
  if (cut_share <= 0.0) return AlwaysOpen();
  if (cut_share >= 1.0) {
    return LineSchedule([] { return Turn{std::numeric_limits<double>::infinity(), Line::kCut}; });
  }
  const double ratio = std::min(cut_share, 1.0 - cut_share) / std::max(cut_share, 1.0 - cut_share);
  const double longer_min = std::min(turn_ms_min / ratio, turn_ms_max);
  Line line = random.Fraction() < cut_share ? Line::kCut : Line::kOpen;
  bool first_of_pair = true;
  double longer = 0;
  return LineSchedule([=]() mutable {
    if (first_of_pair) longer = longer_min + random.Fraction() * (turn_ms_max - longer_min);
    first_of_pair = !first_of_pair;
    const bool is_longer = (line == Line::kCut) == (cut_share >= 0.5);
    const Turn turn = {is_longer ? longer : longer * ratio, line};
    line = line == Line::kCut ? Line::kOpen : Line::kCut;
    return turn;
  });
}

LineSchedule LineSchedule::Following(std::vector<TraceStep> trace, double speed, double offset_ms) {
  OUTPOST_ASSERT(!trace.empty() && speed > 0);
  std::size_t at = 0;
  double skip_ms = std::fmod(offset_ms, LengthOf(trace));
  while (skip_ms >= trace[at].duration_ms) {
    skip_ms -= trace[at].duration_ms;
    at = (at + 1) % trace.size();
  }
  return LineSchedule([trace = std::move(trace), speed, at, skip_ms]() mutable {
    const TraceStep& step = trace[at];
    at = (at + 1) % trace.size();
    const double duration_ms = step.duration_ms - std::exchange(skip_ms, 0.0);
    return Turn{duration_ms / speed, step.bandwidth_kbps < kCutBelowKbps ? Line::kCut : Line::kOpen};
  });
}

}  // namespace outpost::cli
