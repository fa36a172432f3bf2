// What the machine itself allows, measured in the same run: raw SQLite inserting the same bytes.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sqlite/connection.h"

namespace outpost::bench {

class RawTable {
 public:
  explicit RawTable(const std::string& path);

  // One transaction of its own, synchronous=FULL.
  void InsertAlone(std::string_view id, std::string_view body);
  // All in one transaction.
  void InsertTogether(const std::vector<std::pair<std::string_view, std::string_view>>& rows);

 private:
  void Insert(std::string_view id, std::string_view body);

  sqlite::Connection connection_;
  sqlite::Statement insert_;
};

}  // namespace outpost::bench
