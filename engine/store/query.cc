#include "engine/store/query.h"

#include <algorithm>

namespace outpost::engine {
namespace {

bool IsFieldCharacter(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '-';
}

Error BadField(const std::string& field) {
  return {ErrorCode::kInvalidArgument,
          "'" + field + "' is no field: names of letters, digits, _ and -, joined by dots"};
}

}  // namespace

bool IsValidField(std::string_view field) {
  if (field.empty() || field.size() > kFieldLengthMax || field.front() == '.' || field.back() == '.') return false;
  if (field.find("..") != std::string_view::npos) return false;
  return std::all_of(field.begin(), field.end(), [](char c) { return c == '.' || IsFieldCharacter(c); });
}

Status Validate(const Query& query) {
  if (!IsValidId(query.collection.value)) {
    return Error{ErrorCode::kInvalidArgument, "'" + query.collection.value + "' is no collection"};
  }
  if (query.where.size() > kQueryConditionsMax) {
    return Error{ErrorCode::kInvalidArgument,
                 "a query has at most " + std::to_string(kQueryConditionsMax) + " conditions"};
  }
  for (const Condition& condition : query.where) {
    if (!IsValidField(condition.field)) return BadField(condition.field);
    const bool null = std::holds_alternative<std::monostate>(condition.value);
    if (null && condition.comparison != Comparison::kEqual) {
      return Error{ErrorCode::kInvalidArgument, "nothing is less or greater than null: " + condition.field};
    }
  }
  if (query.order && !IsValidField(query.order->field)) return BadField(query.order->field);
  return {};
}

Status Validate(const IndexDeclaration& index) {
  if (!IsValidId(index.collection.value)) {
    return Error{ErrorCode::kInvalidArgument, "'" + index.collection.value + "' is no collection"};
  }
  if (index.fields.empty() || index.fields.size() > kIndexFieldsMax) {
    return Error{ErrorCode::kInvalidArgument, "an index has 1 to " + std::to_string(kIndexFieldsMax) + " fields"};
  }
  for (const std::string& field : index.fields) {
    if (!IsValidField(field)) return BadField(field);
  }
  return {};
}

}  // namespace outpost::engine
