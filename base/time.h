// Time as a value. Nothing below http/, transport/ and cli/ asks a clock: time comes in as an argument (law 9), so that
// a simulated year and a replayed failure need no waiting. Sequence numbers, never timestamps, decide order (law 6).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace outpost {

using Milliseconds = std::chrono::milliseconds;

// Milliseconds since 1970-01-01T00:00:00Z.
struct Timestamp {
  std::int64_t ms = 0;

  friend bool operator==(Timestamp a, Timestamp b) { return a.ms == b.ms; }
  friend bool operator!=(Timestamp a, Timestamp b) { return a.ms != b.ms; }
  friend bool operator<(Timestamp a, Timestamp b) { return a.ms < b.ms; }
  friend bool operator>(Timestamp a, Timestamp b) { return b < a; }
  friend bool operator<=(Timestamp a, Timestamp b) { return !(b < a); }
  friend bool operator>=(Timestamp a, Timestamp b) { return !(a < b); }
  friend Timestamp operator+(Timestamp a, Milliseconds d) { return {a.ms + d.count()}; }
  friend Timestamp operator-(Timestamp a, Milliseconds d) { return {a.ms - d.count()}; }
  friend Milliseconds operator-(Timestamp a, Timestamp b) { return Milliseconds(a.ms - b.ms); }
};

// "2026-11-20T15:17:58.123Z". Years outside 0000–9999 are clamped: a device's clock may be anything.
std::string ToRfc3339(Timestamp time);

// Accepts RFC 3339 with any number of fraction digits and any offset; kInvalidArgument otherwise.
Result<Timestamp> ParseRfc3339(std::string_view text);

// The UTC day as "20261120".
std::string UtcDay(Timestamp time);

}  // namespace outpost
