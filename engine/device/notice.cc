#include <array>

#include "engine/device/device.h"

namespace outpost::engine {
namespace {

// In the order of the enumeration.
constexpr std::array<std::string_view, kNoticeKindCount> kNames = {
    "flush started",     "flush finished", "sent",           "retried",
    "conflict",          "failed",         "settled",        "needs attention",
    "too many waiting",  "sign in needed", "resync started", "round finished",
    "documents changed", "device cloned",  "discarded",      "already applied",
    "store behind",      "offered again",  "lease taken",    "lease lost"};
static_assert(static_cast<int>(Notice::Kind::kLeaseLost) + 1 == kNoticeKindCount);

}  // namespace

std::string_view Name(Notice::Kind kind) { return kNames[static_cast<std::size_t>(kind)]; }

}  // namespace outpost::engine
