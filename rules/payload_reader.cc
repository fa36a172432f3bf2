#include "rules/payload_reader.h"

#include <algorithm>

#include "base/assert.h"

namespace outpost::rules {
namespace {

std::size_t CountCharacters(std::string_view text) {
  const auto starts = [](char c) { return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u; };
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts));
}

std::string Describe(Range range) {
  return "must be a whole number from " + std::to_string(range.min) + " to " + std::to_string(range.max);
}

bool IsWithin(const json::value& value, Range range) {
  if (!IsInteger(value)) return false;
  const std::int64_t number = AsInteger(value);
  return number >= range.min && number <= range.max;
}

}  // namespace

const json::value* PayloadReader::Take(std::string_view field, Presence presence) {
  OUTPOST_ASSERT(known_count_ < kFieldsMax);
  known_[known_count_++] = field;
  const json::value* value = Find(object_, field);
  if (value != nullptr) ++present_count_;
  if (value != nullptr && !value->is_null()) return value;
  if (presence == Presence::kRequired) Fail(field, "is required");
  return nullptr;
}

void PayloadReader::Id(std::string_view field, Presence presence) {
  const json::value* value = Take(field, presence);
  if (value == nullptr || (value->is_string() && IsValidId(value->get_string()))) return;
  Fail(field, "must be an id: 1 to 128 of the characters A-Z a-z 0-9 _ . : -");
}

void PayloadReader::ArticleId(std::string_view field) {
  const json::value* value = Take(field, Presence::kRequired);
  if (value == nullptr || (value->is_string() && IsValidId(value->get_string()))) return;
  Fail(field,
       "an article kept in catalog or stock needs a code of 1 to 128 of the characters A-Z a-z 0-9 _ . : - "
       "(no spaces)");
}

void PayloadReader::Text(std::string_view field, Presence presence, TextLength length) {
  const json::value* value = Take(field, presence);
  if (value == nullptr) return;
  if (!value->is_string()) return Fail(field, "must be a text");
  const std::string_view text = value->get_string();
  if (text.size() < length.min) return Fail(field, "must not be empty");
  if (text.size() > length.max && CountCharacters(text) > length.max) {
    Fail(field, "must be at most " + std::to_string(length.max) + " characters long");
  }
}

void PayloadReader::Integer(std::string_view field, Presence presence, Range range) {
  const json::value* value = Take(field, presence);
  if (value != nullptr && !IsWithin(*value, range)) Fail(field, Describe(range));
}

void PayloadReader::Quantity(std::string_view field, Presence presence) {
  const json::value* value = Take(field, presence);
  if (value == nullptr) return;
  const Range range{-kQuantityMax, kQuantityMax};
  if (!IsWithin(*value, range)) return Fail(field, Describe(range));
  if (AsInteger(*value) == 0) Fail(field, "must not be 0");
}

void PayloadReader::OneOf(std::string_view field, std::span<const std::string_view> choices) {
  const json::value* value = Take(field, Presence::kRequired);
  if (value == nullptr) return;
  if (value->is_string()) {
    const std::string_view text = value->get_string();
    if (std::find(choices.begin(), choices.end(), text) != choices.end()) return;
  }
  std::string message = "must be one of";
  for (const std::string_view choice : choices) message.append(" ").append(choice);
  Fail(field, std::move(message));
}

const json::object* PayloadReader::BeginObject(std::string_view field, Presence presence) {
  const json::value* value = Take(field, presence);
  if (value == nullptr) return nullptr;
  if (value->is_object()) return &value->get_object();
  Fail(field, "must be an object");
  return nullptr;
}

const json::array* PayloadReader::BeginArray(std::string_view field, Presence presence, Range count) {
  const json::value* value = Take(field, presence);
  if (value == nullptr) return nullptr;
  if (value->is_array()) {
    const auto size = static_cast<std::int64_t>(value->get_array().size());
    if (size >= count.min && size <= count.max) return &value->get_array();
  }
  Fail(field, "must be a list of " + std::to_string(count.min) + " to " + std::to_string(count.max) + " entries");
  return nullptr;
}

const json::object* PayloadReader::ElementObject(std::string_view field, std::size_t index,
                                                 const json::value& element) {
  if (element.is_object()) return &element.get_object();
  Fail(std::string(field) + "[" + std::to_string(index) + "]", "must be an object");
  return nullptr;
}

void PayloadReader::ReportUnknown() {
  if (present_count_ == object_.size()) return;
  const auto known_end = known_.begin() + known_count_;
  for (const auto& member : object_) {
    const std::string_view name = member.key();
    if (std::find(known_.begin(), known_end, name) == known_end) Fail(name, "is not a known field");
  }
}

std::string PayloadReader::PathOf(std::string_view field) const {
  if (parent_ == nullptr) return std::string(field);
  std::string path = parent_->PathOf(field_);
  if (index_ != kNoIndex) path.append("[").append(std::to_string(index_)).append("]");
  return path.append(".").append(field);
}

void PayloadReader::Fail(std::string_view field, std::string message) {
  if (errors_.size() < kFieldErrorsMax) errors_.push_back({PathOf(field), std::move(message)});
}

std::vector<FieldError> PayloadReader::Finish() {
  OUTPOST_ASSERT(parent_ == nullptr);
  ReportUnknown();
  return std::move(own_errors_);
}

}  // namespace outpost::rules
