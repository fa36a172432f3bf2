#include "server/postgres/parameters.h"

namespace outpost::postgres {
namespace {

// Of pg_type: fixed for all releases.
constexpr std::uint32_t kBytesType = 17;
constexpr std::uint32_t kIntegerType = 20;
constexpr std::uint32_t kTextType = 25;
constexpr std::uint32_t kNullLength = 0xffffffff;

void AppendWord(std::string& out, std::uint32_t word) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>((word >> shift) & 0xff));
}

void AppendLong(std::string& out, std::uint64_t word) {
  AppendWord(out, static_cast<std::uint32_t>(word >> 32));
  AppendWord(out, static_cast<std::uint32_t>(word));
}

}  // namespace

Texts::Texts() : Array(kTextType) {}
Integers::Integers() : Array(kIntegerType) {}
Bytes::Bytes() : Array(kBytesType) {}

Array& Array::Add(std::string_view bytes) {
  AppendWord(elements_, static_cast<std::uint32_t>(bytes.size()));
  elements_.append(bytes);
  ++count_;
  return *this;
}

Array& Array::AddInteger(std::int64_t value) {
  AppendWord(elements_, 8);
  AppendLong(elements_, static_cast<std::uint64_t>(value));
  ++count_;
  return *this;
}

Array& Array::AddNull() {
  AppendWord(elements_, kNullLength);
  has_null_ = true;
  ++count_;
  return *this;
}

std::string Array::Encode() const {
  std::string out;
  out.reserve(20 + elements_.size());
  AppendWord(out, count_ == 0 ? 0 : 1);  // dimensions
  AppendWord(out, has_null_ ? 1 : 0);
  AppendWord(out, element_type_);
  if (count_ == 0) return out;
  AppendWord(out, count_);
  AppendWord(out, 1);  // the first element's index
  return out + elements_;
}

Parameters& Parameters::Integer(std::int64_t value) {
  std::string bytes;
  AppendLong(bytes, static_cast<std::uint64_t>(value));
  values_.emplace_back(std::move(bytes));
  return *this;
}

Parameters& Parameters::Text(std::string_view text) {
  values_.emplace_back(text);
  return *this;
}

Parameters& Parameters::Flag(bool value) {
  values_.emplace_back(std::string(1, value ? '\1' : '\0'));
  return *this;
}

Parameters& Parameters::Null() {
  values_.emplace_back();
  return *this;
}

Parameters& Parameters::Add(const Array& array) {
  values_.emplace_back(array.Encode());
  return *this;
}

}  // namespace outpost::postgres
