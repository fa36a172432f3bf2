// Checks a payload against a schema written as code: one call per field, in any order, then Finish. Collects every
// error with its path ("items[0].quantity") instead of stopping at the first, and refuses fields nobody asked for.
// It checks and hands out nothing: a rule reads the checked payload itself.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/problem.h"

namespace outpost::rules {

// A field that may be left out may also be null.
enum class Presence { kRequired, kOptional };

inline constexpr std::size_t kFieldErrorsMax = 100;  // further ones are not told
inline constexpr std::int64_t kQuantityMax = 1'000'000'000;

struct Range {
  std::int64_t min = 0;
  std::int64_t max = 0;
};
inline constexpr Range kMoney{0, kIntegerMax};  // minor units
inline constexpr Range kSigned{-kIntegerMax, kIntegerMax};

// In characters (Unicode code points).
struct TextLength {
  std::size_t min = 0;
  std::size_t max = 1000;
};
inline constexpr TextLength kAnyText{0, 1000};
inline constexpr TextLength kFilledText{1, 1000};
inline constexpr TextLength kNoteText{0, 2000};

class PayloadReader {
 public:
  explicit PayloadReader(const json::object& object) : object_(object), errors_(own_errors_) {}
  PayloadReader(const PayloadReader&) = delete;
  PayloadReader& operator=(const PayloadReader&) = delete;

  void Id(std::string_view field, Presence presence);
  // An article's code where it names a document: an id, said in words a shopkeeper understands.
  void ArticleId(std::string_view field);
  void Text(std::string_view field, Presence presence, TextLength length);
  void Integer(std::string_view field, Presence presence, Range range);
  // A whole number that is not 0, at most kQuantityMax either way; negative is a return.
  void Quantity(std::string_view field, Presence presence);
  void OneOf(std::string_view field, std::span<const std::string_view> choices);

  // Whatever is in it is somebody else's to check.
  void AnyObject(std::string_view field, Presence presence) { BeginObject(field, presence); }
  void AnyArray(std::string_view field, Presence presence, Range count) { BeginArray(field, presence, count); }

  // visit(reader of the object): calls nothing when the field is absent or wrong.
  template <class Visit>
  void Object(std::string_view field, Presence presence, Visit visit) {
    if (const json::object* object = BeginObject(field, presence)) {
      PayloadReader nested(*this, field, kNoIndex, *object);
      visit(nested);
      nested.ReportUnknown();
    }
  }
  // visit(reader of the element) for each element; each has to be an object.
  template <class Visit>
  void Objects(std::string_view field, Presence presence, Range count, Visit visit) {
    const json::array* array = BeginArray(field, presence, count);
    for (std::size_t i = 0; array != nullptr && i < array->size(); ++i) {
      const json::object* object = ElementObject(field, i, (*array)[i]);
      if (object == nullptr) continue;
      PayloadReader nested(*this, field, i, *object);
      visit(nested);
      nested.ReportUnknown();
    }
  }

  // An error that the caller found by itself.
  void Fail(std::string_view field, std::string message);
  // Once, on the outermost reader. Empty: well-formed.
  std::vector<FieldError> Finish();

 private:
  static constexpr std::size_t kNoIndex = static_cast<std::size_t>(-1);
  static constexpr std::size_t kFieldsMax = 16;

  PayloadReader(const PayloadReader& parent, std::string_view field, std::size_t index, const json::object& object)
      : object_(object), errors_(parent.errors_), parent_(&parent), field_(field), index_(index) {}

  // The value of a field that is present and not null; else null, and an error if it is required.
  const json::value* Take(std::string_view field, Presence presence);
  const json::object* BeginObject(std::string_view field, Presence presence);
  const json::array* BeginArray(std::string_view field, Presence presence, Range count);
  const json::object* ElementObject(std::string_view field, std::size_t index, const json::value& element);
  void ReportUnknown();
  std::string PathOf(std::string_view field) const;

  const json::object& object_;
  std::vector<FieldError> own_errors_;
  std::vector<FieldError>& errors_;
  const PayloadReader* parent_ = nullptr;
  std::string_view field_;
  std::size_t index_ = kNoIndex;
  std::array<std::string_view, kFieldsMax> known_{};
  std::size_t known_count_ = 0;
  std::size_t present_count_ = 0;
};

}  // namespace outpost::rules
