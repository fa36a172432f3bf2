#include "engine/model/touch.h"

#include <map>

namespace outpost::engine {
namespace {

constexpr char kFieldEnd = '\x1f';
constexpr char kTouchEnd = '\x1e';

json::object ObjectOr(const json::object& object, std::string_view name) {
  const json::value* value = Find(object, name);
  return value != nullptr && value->is_object() ? value->get_object() : json::object();
}

}  // namespace

// JSON escapes control characters, so that no separator can be in it.
std::string EncodeSum(const rules::Add& add) {
  json::object deltas;
  for (const auto& [field, delta] : add.deltas) deltas[field] = delta;
  json::object sum{{"add", std::move(deltas)}};
  if (!add.defaults.empty()) sum["new"] = add.defaults;
  if (!add.constants.empty()) sum["set"] = add.constants;
  return ToJson(sum);
}

Result<rules::Add> DecodeSum(std::string_view text) {
  const auto parsed = ParseJson(text);
  if (!parsed.ok() || !parsed.value().is_object()) return Error{ErrorCode::kCorrupt, "unreadable sum"};
  const json::object& sum = parsed.value().get_object();
  rules::Add add;
  for (const auto& field : ObjectOr(sum, "add")) {
    if (!IsInteger(field.value())) return Error{ErrorCode::kCorrupt, "a sum that is no whole number"};
    add.deltas[std::string(field.key())] = AsInteger(field.value());
  }
  add.defaults = ObjectOr(sum, "new");
  add.constants = ObjectOr(sum, "set");
  return add;
}

std::vector<Touch> TouchesOf(rules::Execution& execution) {
  std::map<DocumentKey, const rules::Add*> added;
  for (const auto& [key, add] : execution.added) added[key] = &add;
  std::vector<Touch> touches;
  touches.reserve(execution.touched.size());
  for (auto& [key, access] : execution.touched) {
    const auto sum = added.find(key);
    const bool is_sum = sum != added.end() && access == rules::Access::kCommutes;
    touches.push_back({std::move(key), access, is_sum ? EncodeSum(*sum->second) : std::string()});
  }
  return touches;
}

std::string EncodeTouches(const std::vector<Touch>& touches) {
  std::string text;
  for (const Touch& touch : touches) {
    text += touch.key.collection.value;
    text += kFieldEnd;
    text += touch.key.id.value;
    text += kFieldEnd;
    text += static_cast<char>('0' + static_cast<int>(touch.access));
    text += touch.sum;
    text += kTouchEnd;
  }
  return text;
}

Result<std::vector<Touch>> DecodeTouches(std::string_view text) {
  std::vector<Touch> touches;
  while (!text.empty()) {
    const std::size_t end = text.find(kTouchEnd);
    const std::size_t first = text.find(kFieldEnd);
    const std::size_t second = first == std::string_view::npos ? first : text.find(kFieldEnd, first + 1);
    if (end == std::string_view::npos || second == std::string_view::npos || second + 2 > end) {
      return Error{ErrorCode::kCorrupt, "unreadable list of touched documents"};
    }
    const int access = text[second + 1] - '0';
    if (access < 0 || access > static_cast<int>(rules::Access::kReads)) {
      return Error{ErrorCode::kCorrupt, "unknown access in a list of touched documents"};
    }
    touches.push_back({{CollectionName(std::string(text.substr(0, first))),
                        DocumentId(std::string(text.substr(first + 1, second - first - 1)))},
                       static_cast<rules::Access>(access),
                       std::string(text.substr(second + 2, end - second - 2))});
    if (touches.back().is_sum()) OUTPOST_CHECK(DecodeSum(touches.back().sum));
    text.remove_prefix(end + 1);
  }
  return touches;
}

}  // namespace outpost::engine
