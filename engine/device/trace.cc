#include "engine/device/device_state.h"
#include "protocol/trace_context.h"

namespace outpost::engine {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";
constexpr std::string_view kCrockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kUlidLength = 26;

}  // namespace

// A ULID's 26 characters of five bits are 130, of which the first two are zero.
std::string TraceIdOf(std::string_view traceparent, std::string_view ulid) {
  if (const std::string_view trace = outpost::TraceIdOf(traceparent); !trace.empty()) return std::string(trace);
  if (ulid.size() != kUlidLength) return {};
  std::string digits;
  unsigned bits = 0;
  int have = -2;
  for (const char c : ulid) {
    const std::size_t value = kCrockford.find(c);
    if (value == std::string_view::npos) return {};
    bits = bits << 5 | static_cast<unsigned>(value);
    have += 5;
    for (; have >= 4; have -= 4) digits += kDigits[bits >> (have - 4) & 15u];
  }
  return digits;
}

}  // namespace outpost::engine
