// Values of one execution of a statement, in libpq's binary format. Arrays travel as one parameter, so that a statement
// handles a whole set in one round trip (`FROM unnest($2::text[], $3::bigint[])`).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace outpost::postgres {

// One-dimensional array. Elements in the order of Add.
class Array {
 public:
  Array& Add(std::string_view bytes);
  Array& AddInteger(std::int64_t value);
  Array& AddNull();
  std::size_t size() const { return count_; }
  // The array as a parameter; its elements have this type.
  std::string Encode() const;

 protected:
  explicit Array(std::uint32_t element_type) : element_type_(element_type) {}

 private:
  std::uint32_t element_type_;
  std::uint32_t count_ = 0;
  bool has_null_ = false;
  std::string elements_;
};

class Texts : public Array {
 public:
  Texts();
  Texts& AddIf(bool present, std::string_view text) {
    present ? Add(text) : AddNull();
    return *this;
  }
};

class Integers : public Array {
 public:
  Integers();
  Integers& AddIf(const std::optional<std::int64_t>& value) {
    value ? AddInteger(*value) : AddNull();
    return *this;
  }
};

class Bytes : public Array {
 public:
  Bytes();
};

class Parameters {
 public:
  Parameters& Integer(std::int64_t value);
  Parameters& Text(std::string_view text);
  Parameters& Flag(bool value);
  Parameters& Null();
  Parameters& Add(const Array& array);
  Parameters& TextIf(bool present, std::string_view text) { return present ? Text(text) : Null(); }
  Parameters& IntegerIf(const std::optional<std::int64_t>& value) { return value ? Integer(*value) : Null(); }

  const std::vector<std::optional<std::string>>& values() const { return values_; }

 private:
  std::vector<std::optional<std::string>> values_;
};

}  // namespace outpost::postgres
