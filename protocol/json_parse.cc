#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <utility>

#include "protocol/json.h"

namespace outpost {
namespace {

constexpr std::size_t kStackBytes = 16 * 1024;  // room for a thousand values before the stack moves to the heap
constexpr std::size_t kNumberLengthMax = 1024;  // a longer spelling of one number is no number of ours

// Builds the tree from the parser's events and refuses what the protocol does and RFC 8259 does not.
class TreeBuilder {
 public:
  // The parser reads these four names.
  static constexpr std::size_t max_object_size = json::object::max_size();
  static constexpr std::size_t max_array_size = json::array::max_size();
  static constexpr std::size_t max_key_size = json::string::max_size();
  static constexpr std::size_t max_string_size = json::string::max_size();

  TreeBuilder(std::string_view text, json::storage_ptr storage) : text_(text), stack_({}, buffer_, sizeof(buffer_)) {
    stack_.reset(std::move(storage));
  }

  json::value Release() { return stack_.release(); }
  std::size_t keys() const { return keys_; }
  const char* reason() const { return reason_; }

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) { return true; }
  bool on_object_end(std::size_t size, json::error_code&) {
    stack_.push_object(size);
    keys_ += size;
    return true;
  }
  bool on_array_begin(json::error_code&) { return true; }
  bool on_array_end(std::size_t size, json::error_code&) {
    stack_.push_array(size);
    return true;
  }
  bool on_key_part(json::string_view part, std::size_t, json::error_code& error) { return OnPart(part, error); }
  bool on_key(json::string_view key, std::size_t, json::error_code& error) {
    if (HasNul(key)) return Refuse("NUL in a key", error);
    stack_.push_key(key);
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code& error) { return OnPart(part, error); }
  bool on_string(json::string_view string, std::size_t, json::error_code& error) {
    if (HasNul(string)) return Refuse("NUL in a string", error);
    stack_.push_string(string);
    return true;
  }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t number, json::string_view, json::error_code& error) {
    if (number > kIntegerMax || number < -kIntegerMax) return Refuse("number beyond 2^53-1", error);
    stack_.push_int64(number);
    return true;
  }
  bool on_uint64(std::uint64_t, json::string_view, json::error_code& error) {
    return Refuse("number beyond 2^53-1", error);  // the parser says uint64 only above 2^63
  }
  bool on_double(double, json::string_view text, json::error_code& error) {
    if (text.size() > kNumberLengthMax) return Refuse("number of too many digits", error);
    // The parser's own conversion is off by a unit in the last place now and then; strtod is exact.
    char terminated[kNumberLengthMax + 1];
    std::memcpy(terminated, text.data(), text.size());
    terminated[text.size()] = '\0';
    const double number = std::strtod(terminated, nullptr);
    if (!(std::fabs(number) <= static_cast<double>(kIntegerMax))) return Refuse("number beyond 2^53-1", error);
    stack_.push_double(number == 0 ? 0.0 : number);  // -0 is 0
    return true;
  }
  bool on_bool(bool value, json::error_code&) {
    stack_.push_bool(value);
    return true;
  }
  bool on_null(json::error_code&) {
    stack_.push_null();
    return true;
  }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  bool Refuse(const char* reason, json::error_code& error) {
    reason_ = reason;
    error = json::error::syntax;
    return false;
  }

  bool OnPart(json::string_view part, json::error_code& error) {
    if (HasNul(part)) return Refuse("NUL in a string", error);
    stack_.push_chars(part);
    return true;
  }

  // Text without escapes is handed over where it stands in the input, and there the parser refuses control characters
  // itself; only what it unescaped can hold a NUL.
  bool HasNul(json::string_view part) const {
    const std::less<const char*> before;
    if (!before(part.data(), text_.data()) && before(part.data(), text_.data() + text_.size())) return false;
    return !part.empty() && std::memchr(part.data(), '\0', part.size()) != nullptr;
  }

  std::string_view text_;
  std::size_t keys_ = 0;
  const char* reason_ = nullptr;
  alignas(json::value) unsigned char buffer_[kStackBytes];
  json::value_stack stack_;
};

// The stack keeps the last of two equal keys, so a tree with fewer keys than were read had a duplicate.
std::size_t CountKeys(const json::value& value) {
  std::size_t count = 0;
  if (const json::object* object = value.if_object()) {
    count = object->size();
    for (const json::key_value_pair& member : *object) {
      if (member.value().is_structured()) count += CountKeys(member.value());
    }
  } else if (const json::array* array = value.if_array()) {
    for (const json::value& element : *array) {
      if (element.is_structured()) count += CountKeys(element);
    }
  }
  return count;
}

Error Malformed(const std::string& reason, std::size_t position) {
  return Error{ErrorCode::kInvalidArgument, "JSON at byte " + std::to_string(position) + ": " + reason};
}

}  // namespace

Result<json::value> ParseJson(std::string_view text, json::storage_ptr storage) {
  json::parse_options options;
  options.max_depth = kJsonDepthMax;
  json::basic_parser<TreeBuilder> parser(options, text, std::move(storage));
  json::error_code error;
  const std::size_t consumed = parser.write_some(false, text.data(), text.size(), error);
  if (error) {
    const char* reason = parser.handler().reason();
    return Malformed(reason != nullptr ? reason : error.message(), consumed);
  }
  if (consumed < text.size()) return Malformed("something after the value", consumed);
  json::value tree = parser.handler().Release();
  if (CountKeys(tree) != parser.handler().keys()) return Malformed("duplicate key", consumed);
  return tree;
}

}  // namespace outpost
