// The few facts a store keeps about itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sqlite/connection.h"

namespace outpost::engine {

class Meta {
 public:
  Status Prepare(sqlite::Connection& connection);

  Result<std::optional<std::string>> Get(std::string_view key);
  Result<std::int64_t> GetInteger(std::string_view key, std::int64_t fallback);
  Status Set(std::string_view key, std::string_view value);
  Status Set(std::string_view key, std::int64_t value);

 private:
  sqlite::Statement get_;
  sqlite::Statement set_;
};

}  // namespace outpost::engine
