#include "bench/workloads/limits.h"

namespace outpost::bench {

RawTable::RawTable(const std::string& path) {
  sqlite::OpenOptions options;
  options.path = path;
  connection_ = sqlite::Connection::Open(options).value();
  connection_.Execute("CREATE TABLE docs(id TEXT PRIMARY KEY, body TEXT)").value();
  insert_ = connection_.Prepare("INSERT OR REPLACE INTO docs VALUES(?1,?2)").value();
}

void RawTable::Insert(std::string_view id, std::string_view body) { insert_.Bind(1, id).Bind(2, body).Run().value(); }

void RawTable::InsertAlone(std::string_view id, std::string_view body) { Insert(id, body); }

void RawTable::InsertTogether(const std::vector<std::pair<std::string_view, std::string_view>>& rows) {
  auto transaction = sqlite::Transaction::Begin(connection_, "insert").value();
  for (const auto& [id, body] : rows) Insert(id, body);
  transaction.Commit().value();
}

}  // namespace outpost::bench
