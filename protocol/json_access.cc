#include <cmath>
#include <cstdint>

#include "protocol/json.h"

namespace outpost {

const json::value* Find(const json::object& object, std::string_view name) { return object.if_contains(name); }

std::string_view StringOr(const json::object& object, std::string_view name, std::string_view fallback) {
  const json::value* member = Find(object, name);
  if (member == nullptr || !member->is_string()) return fallback;
  return {member->get_string().data(), member->get_string().size()};
}

std::int64_t IntegerOr(const json::object& object, std::string_view name, std::int64_t fallback) {
  const json::value* member = Find(object, name);
  return member != nullptr && IsInteger(*member) ? AsInteger(*member) : fallback;
}

bool IsInteger(const json::value& value) {
  if (value.is_int64()) return true;
  if (value.is_uint64()) return value.get_uint64() <= static_cast<std::uint64_t>(INT64_MAX);
  if (!value.is_double()) return false;
  const double number = value.get_double();
  return std::fabs(number) <= static_cast<double>(kIntegerMax) && number == std::floor(number);
}

std::int64_t AsInteger(const json::value& value) {
  OUTPOST_ASSERT(IsInteger(value));
  if (value.is_int64()) return value.get_int64();
  if (value.is_uint64()) return static_cast<std::int64_t>(value.get_uint64());
  return static_cast<std::int64_t>(value.get_double());
}

}  // namespace outpost
