// The rows one statement gave back, in binary format. Views live as long as the Rows.
#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace outpost::postgres {

class Rows {
 public:
  explicit Rows(PGresult* result) : result_(result) {}

  int size() const { return PQntuples(result_.get()); }
  bool IsNull(int row, int column) const { return PQgetisnull(result_.get(), row, column) != 0; }
  // bigint, integer or smallint; 0 for NULL.
  std::int64_t Integer(int row, int column) const;
  bool Flag(int row, int column) const { return Integer(row, column) != 0; }
  // text or bytea; empty for NULL.
  std::string_view Text(int row, int column) const;
  std::string String(int row, int column) const { return std::string(Text(row, column)); }
  // "COMMIT", "UPDATE 3".
  std::string_view tag() const { return PQcmdStatus(result_.get()); }

 private:
  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  std::unique_ptr<PGresult, Clear> result_;
};

}  // namespace outpost::postgres
