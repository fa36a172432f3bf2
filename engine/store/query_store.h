// Answers queries over what is visible, overlay before base, and keeps the declared indexes. Each query is one prepared
// UNION ALL of both tables, whose indexes have equal shape, so that SQLite merges two sorted runs and stops at the
// limit. Field names are validated, values always bound.
#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "engine/store/documents.h"
#include "engine/store/query.h"

namespace outpost::engine {

inline constexpr std::size_t kPreparedQueriesMax = 64;

// What a row is ordered by, and by id within it.
using SortValue = std::variant<std::monostate, std::int64_t, double, std::string>;
// Absent and null < numbers < texts: as the database orders them.
bool SortsBefore(const SortValue& a, const SortValue& b);

struct QueryRow {
  VisibleRow row;
  SortValue sort;
};

class QueryStore {
 public:
  void Attach(sqlite::Connection& connection) { connection_ = &connection; }

  // Makes the indexes of the file those that are declared: creates what is missing, drops what is not declared any
  // more. Inside a transaction.
  Status KeepIndexes(const std::vector<IndexDeclaration>& declared);

  Result<std::vector<QueryRow>> Find(const Query& query);
  // All that fit, whatever the limit.
  Result<std::int64_t> Count(const Query& query);
  // The document, if it fits the query.
  Result<std::optional<QueryRow>> FindOne(const Query& query, const DocumentId& id);
  // How SQLite would go about it; for tests.
  Result<std::string> Explain(const Query& query);

 private:
  enum class Form { kList, kOne, kCount };

  const IndexDeclaration* BestIndex(const Query& query) const;
  Result<sqlite::Statement*> Prepared(const std::string& sql);
  Result<sqlite::Statement*> Start(const Query& query, Form form);

  sqlite::Connection* connection_ = nullptr;
  std::vector<IndexDeclaration> declared_;
  std::map<std::string, sqlite::Statement> prepared_;
};

}  // namespace outpost::engine
