#include "server/routes/parameters.h"

#include <algorithm>
#include <charconv>

#include "server/routes/long_polls.h"
#include "server/routes/problem_response.h"

namespace outpost::server {
namespace {

Problem Invalid(std::string detail) { return MakeProblem(ProblemCode::kInvalidParameter, std::move(detail)); }

std::optional<int> ReadNumber(std::string_view text) {
  int number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || stop != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

}  // namespace

std::variant<int, Problem> ReadLimit(std::string_view text, int fallback) {
  if (text.empty()) return fallback;
  const std::optional<int> number = ReadNumber(text);
  if (!number || *number < 1 || *number > kPageLimitMax)
    return Invalid("limit must be from 1 to " + std::to_string(kPageLimitMax));
  return *number;
}

std::variant<std::chrono::milliseconds, Problem> ReadWait(std::string_view text) {
  if (text.empty()) return std::chrono::milliseconds(0);
  std::int64_t unit_ms = 1000;
  if (text.size() > 2 && text.substr(text.size() - 2) == "ms") {
    unit_ms = 1;
    text.remove_suffix(2);
  } else if (text.back() == 's') {
    text.remove_suffix(1);
  }
  const std::optional<int> number = ReadNumber(text);
  if (!number) return Invalid("wait must be a time such as 25s");
  return std::min(std::chrono::milliseconds(*number * unit_ms), kLongPollMax);
}

std::variant<std::vector<CollectionName>, Problem> ReadCollections(std::string_view text, const Collections& known) {
  std::vector<CollectionName> names;
  while (!text.empty()) {
    const std::size_t end = text.find(',');
    const std::string_view name = text.substr(0, end);
    if (known.Find(name) == nullptr) return Invalid("unknown collection \"" + std::string(name.substr(0, 64)) + "\"");
    names.emplace_back(std::string(name));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
    if (text.empty()) return Invalid("collections must be names separated by commas");
  }
  return names;
}

std::variant<std::optional<DeviceRef>, Problem> ReadDevice(std::string_view text) {
  if (text.empty()) return std::optional<DeviceRef>();
  const std::size_t space = text.find(' ');
  const std::string_view device = text.substr(0, space);
  const std::string_view incarnation = space == std::string_view::npos ? std::string_view() : text.substr(space + 1);
  if (!IsValidId(device) || !IsValidId(incarnation)) return Invalid("Outpost-Device must be <deviceId> <incarnation>");
  return std::optional<DeviceRef>(DeviceRef{DeviceId(std::string(device)), Incarnation(std::string(incarnation))});
}

}  // namespace outpost::server
