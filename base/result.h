// Result<T>: a value, or an Error that says why there is none. For failures that are expected (disk full, bad input,
// peer gone); a bug is an assertion instead. The message is for a person; code decides what the program does.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/assert.h"

namespace outpost {

enum class ErrorCode {
  kInvalidArgument,  // the caller handed over something malformed
  kNotFound,         // no such row, file or setting
  kAlreadyExists,    // an id is taken
  kCorrupt,          // stored data breaks a rule it was written under
  kIo,               // the disk or the socket failed
  kFull,             // disk, quota or a named limit is exhausted
  kBusy,             // somebody else holds it; trying again later can work
  kRefused,          // a business rule or a right says no
  kUnavailable,      // a peer did not answer
};

struct Error {
  ErrorCode code;
  std::string message;
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return state_.index() == 0; }
  const T& value() const& {
    OUTPOST_ASSERT(ok());
    return std::get<0>(state_);
  }
  T& value() & {
    OUTPOST_ASSERT(ok());
    return std::get<0>(state_);
  }
  T&& value() && {
    OUTPOST_ASSERT(ok());
    return std::get<0>(std::move(state_));
  }
  const Error& error() const {
    OUTPOST_ASSERT(!ok());
    return std::get<1>(state_);
  }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return !error_.has_value(); }
  void value() const { OUTPOST_ASSERT(ok()); }
  const Error& error() const {
    OUTPOST_ASSERT(!ok());
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace outpost

#define OUTPOST_CONCAT_INNER(a, b) a##b
#define OUTPOST_CONCAT(a, b) OUTPOST_CONCAT_INNER(a, b)

// OUTPOST_TRY(auto row, store.Load(id)); hands the error up, or binds the value.
#define OUTPOST_TRY(declaration, expression) OUTPOST_TRY_INNER(declaration, expression, OUTPOST_CONCAT(try_, __LINE__))
#define OUTPOST_TRY_INNER(declaration, expression, name) \
  auto name = (expression);                              \
  if (!name.ok()) return name.error();                   \
  declaration = std::move(name).value()

// OUTPOST_CHECK(transaction.Commit()); hands the error up of something that yields no value.
#define OUTPOST_CHECK(expression) OUTPOST_CHECK_INNER(expression, OUTPOST_CONCAT(check_, __LINE__))
#define OUTPOST_CHECK_INNER(expression, name) \
  do {                                        \
    auto name = (expression);                 \
    if (!name.ok()) return name.error();      \
  } while (false)
