#include "server/sqlite/names.h"

namespace outpost::server {
namespace {

// A hostile client can make many names; the cache must not grow with them.
constexpr std::size_t kCachedNamesMax = 100'000;

std::string CacheKey(std::int64_t owner, const std::string& name) {
  std::string key = std::to_string(owner);
  key.push_back(':');
  key += name;
  return key;
}

// Ids contain no line break, so the pair stays unambiguous.
std::string JoinedName(const DeviceRef& device) { return device.device.value + '\n' + device.incarnation.value; }

}  // namespace

Result<Names::Table> Names::PrepareTable(sqlite::Connection& connection, const char* table, const char* owner) {
  const std::string name = table;
  const std::string column = name == "shelf" ? "collection" : "name";
  const std::string where = owner == nullptr ? "?1 = 0" : std::string(owner) + " = ?1";
  const std::string columns = owner == nullptr ? column : std::string(owner) + ", " + column;
  const std::string values = owner == nullptr ? "?2" : "?1, ?2";
  Table made;
  OUTPOST_TRY(made.find,
              connection.Prepare("SELECT " + name + " FROM " + name + " WHERE " + where + " AND " + column + " = ?2"));
  OUTPOST_TRY(made.insert, connection.Prepare("INSERT INTO " + name + "(" + columns + ") VALUES (" + values + ")"));
  OUTPOST_TRY(made.name, connection.Prepare("SELECT " + column + " FROM " + name + " WHERE " + name + " = ?1"));
  return made;
}

Result<Names> Names::Prepare(sqlite::Connection& connection) {
  Names names;
  names.connection_ = &connection;
  OUTPOST_TRY(names.authors_, PrepareTable(connection, "author", "workspace"));
  OUTPOST_TRY(names.families_, PrepareTable(connection, "family", nullptr));
  OUTPOST_TRY(names.shelves_, PrepareTable(connection, "shelf", "workspace"));
  OUTPOST_TRY(names.scopes_, PrepareTable(connection, "scope", "shelf"));
  OUTPOST_TRY(
      names.find_device_,
      connection.Prepare("SELECT incarnation FROM incarnation WHERE workspace = ?1 AND device = ?2 AND name = ?3"));
  OUTPOST_TRY(names.insert_device_,
              connection.Prepare("INSERT INTO incarnation(workspace, device, name) VALUES (?1, ?2, ?3)"));
  return names;
}

Result<std::int64_t> Names::FindIn(Table& table, std::int64_t owner, const std::string& name) {
  std::string key = CacheKey(owner, name);
  if (const auto known = table.rows.find(key); known != table.rows.end()) return known->second;
  OUTPOST_TRY(const bool found, table.find.Bind(1, owner).Bind(2, name).Step());
  if (!found) return std::int64_t{0};
  const std::int64_t row = table.find.Integer(0);
  table.find.Reset();
  if (table.rows.size() >= kCachedNamesMax) table.rows.clear();
  table.rows.emplace(std::move(key), row);
  return row;
}

Result<std::int64_t> Names::InternIn(Table& table, std::int64_t owner, const std::string& name) {
  OUTPOST_TRY(const std::int64_t known, FindIn(table, owner, name));
  if (known != 0) return known;
  OUTPOST_CHECK(table.insert.Bind(1, owner).Bind(2, name).Run());
  const std::int64_t row = sqlite3_last_insert_rowid(connection_->handle());
  table.rows.emplace(CacheKey(owner, name), row);
  return row;
}

Result<std::string> Names::NameIn(Table& table, std::int64_t row) {
  if (const auto known = table.names.find(row); known != table.names.end()) return known->second;
  OUTPOST_TRY(const bool found, table.name.Bind(1, row).Step());
  if (!found) return Error{ErrorCode::kCorrupt, "a row names something that does not exist"};
  std::string name(table.name.Text(0));
  table.name.Reset();
  if (table.names.size() >= kCachedNamesMax) table.names.clear();
  table.names.emplace(row, name);
  return name;
}

Result<AuthorRow> Names::Find(WorkspaceRow workspace, const UserId& user) {
  OUTPOST_TRY(const auto row, FindIn(authors_, workspace.value, user.value));
  return AuthorRow(row);
}

Result<FamilyRow> Names::Find(const std::string& family) {
  OUTPOST_TRY(const auto row, FindIn(families_, 0, family));
  return FamilyRow(row);
}

Result<ShelfRow> Names::Find(WorkspaceRow workspace, const CollectionName& collection) {
  OUTPOST_TRY(const auto row, FindIn(shelves_, workspace.value, collection.value));
  return ShelfRow(row);
}

Result<ScopeRow> Names::Find(ShelfRow shelf, const std::string& scope) {
  OUTPOST_TRY(const auto row, FindIn(scopes_, shelf.value, scope));
  return ScopeRow(row);
}

Result<IncarnationRow> Names::Find(WorkspaceRow workspace, const DeviceRef& device) {
  std::string key = CacheKey(workspace.value, JoinedName(device));
  if (const auto known = devices_.rows.find(key); known != devices_.rows.end()) return IncarnationRow(known->second);
  find_device_.Bind(1, workspace.value).Bind(2, device.device.value).Bind(3, device.incarnation.value);
  OUTPOST_TRY(const bool found, find_device_.Step());
  if (!found) return IncarnationRow(0);
  const std::int64_t row = find_device_.Integer(0);
  find_device_.Reset();
  if (devices_.rows.size() >= kCachedNamesMax) devices_.rows.clear();
  devices_.rows.emplace(std::move(key), row);
  return IncarnationRow(row);
}

Result<AuthorRow> Names::Intern(WorkspaceRow workspace, const UserId& user) {
  OUTPOST_TRY(const auto row, InternIn(authors_, workspace.value, user.value));
  return AuthorRow(row);
}

Result<FamilyRow> Names::Intern(const std::string& family) {
  OUTPOST_TRY(const auto row, InternIn(families_, 0, family));
  return FamilyRow(row);
}

Result<ShelfRow> Names::Intern(WorkspaceRow workspace, const CollectionName& collection) {
  OUTPOST_TRY(const auto row, InternIn(shelves_, workspace.value, collection.value));
  return ShelfRow(row);
}

Result<ScopeRow> Names::Intern(ShelfRow shelf, const std::string& scope) {
  OUTPOST_TRY(const auto row, InternIn(scopes_, shelf.value, scope));
  return ScopeRow(row);
}

Result<IncarnationRow> Names::Intern(WorkspaceRow workspace, const DeviceRef& device) {
  OUTPOST_TRY(const auto known, Find(workspace, device));
  if (known.value != 0) return known;
  insert_device_.Bind(1, workspace.value).Bind(2, device.device.value).Bind(3, device.incarnation.value);
  OUTPOST_CHECK(insert_device_.Run());
  const std::int64_t row = sqlite3_last_insert_rowid(connection_->handle());
  devices_.rows.emplace(CacheKey(workspace.value, JoinedName(device)), row);
  return IncarnationRow(row);
}

Result<CollectionName> Names::CollectionOf(ShelfRow shelf) {
  OUTPOST_TRY(auto name, NameIn(shelves_, shelf.value));
  return CollectionName(std::move(name));
}

Result<std::string> Names::NameOf(ScopeRow scope) {
  if (scope.value == 0) return std::string();
  return NameIn(scopes_, scope.value);
}

Result<UserId> Names::NameOf(AuthorRow author) {
  OUTPOST_TRY(auto name, NameIn(authors_, author.value));
  return UserId(std::move(name));
}

Result<std::string> Names::NameOf(FamilyRow family) { return NameIn(families_, family.value); }

void Names::Clear() {
  for (Table* table : {&authors_, &families_, &shelves_, &scopes_, &devices_}) {
    table->rows.clear();
    table->names.clear();
  }
}

}  // namespace outpost::server
