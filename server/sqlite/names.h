// Names as integers: the writer's cache over the small tables author, family, shelf, scope and incarnation. A name made
// in a transaction that is rolled back must not stay cached, so a roll-back clears the whole cache.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "server/core/store.h"
#include "sqlite/connection.h"

namespace outpost::server {

// Row numbers, one type each.
using WorkspaceRow = Tagged<struct WorkspaceRowTag, std::int64_t>;
using AuthorRow = Tagged<struct AuthorRowTag, std::int64_t>;
using FamilyRow = Tagged<struct FamilyRowTag, std::int64_t>;
using ShelfRow = Tagged<struct ShelfRowTag, std::int64_t>;
using ScopeRow = Tagged<struct ScopeRowTag, std::int64_t>;
using IncarnationRow = Tagged<struct IncarnationRowTag, std::int64_t>;

class Names {
 public:
  static Result<Names> Prepare(sqlite::Connection& connection);

  // 0: no such name yet.
  Result<AuthorRow> Find(WorkspaceRow workspace, const UserId& user);
  Result<FamilyRow> Find(const std::string& family);
  Result<ShelfRow> Find(WorkspaceRow workspace, const CollectionName& collection);
  Result<ScopeRow> Find(ShelfRow shelf, const std::string& scope);
  Result<IncarnationRow> Find(WorkspaceRow workspace, const DeviceRef& device);
  // Made when absent.
  Result<AuthorRow> Intern(WorkspaceRow workspace, const UserId& user);
  Result<FamilyRow> Intern(const std::string& family);
  Result<ShelfRow> Intern(WorkspaceRow workspace, const CollectionName& collection);
  Result<ScopeRow> Intern(ShelfRow shelf, const std::string& scope);
  Result<IncarnationRow> Intern(WorkspaceRow workspace, const DeviceRef& device);

  Result<CollectionName> CollectionOf(ShelfRow shelf);
  Result<std::string> NameOf(ScopeRow scope);
  Result<UserId> NameOf(AuthorRow author);
  Result<std::string> NameOf(FamilyRow family);

  void Clear();

 private:
  // One small table: (owner, name) → row, and back.
  struct Table {
    sqlite::Statement find;                              // ?1 owner, ?2 name
    sqlite::Statement insert;                            // ?1 owner, ?2 name
    sqlite::Statement name;                              // ?1 row
    std::unordered_map<std::string, std::int64_t> rows;  // key: owner, a colon, the name
    std::unordered_map<std::int64_t, std::string> names;
  };
  static Result<Table> PrepareTable(sqlite::Connection& connection, const char* table, const char* owner);
  Result<std::int64_t> FindIn(Table& table, std::int64_t owner, const std::string& name);
  Result<std::int64_t> InternIn(Table& table, std::int64_t owner, const std::string& name);
  Result<std::string> NameIn(Table& table, std::int64_t row);

  sqlite::Connection* connection_ = nullptr;
  Table authors_, families_, shelves_, scopes_, devices_;
  sqlite::Statement insert_device_, find_device_;
};

}  // namespace outpost::server
