#include "engine/store/query_store.h"

#include <algorithm>
#include <set>

namespace outpost::engine {
namespace {

constexpr std::string_view kIndexPrefix = "by:";

// Only ever with names that Validate let through.
std::string Quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

std::string FieldExpression(std::string_view field) {
  if (field == "id") return "id";
  // Each name of the path in quotes: a hyphen is no operator, and digits are no list position.
  std::string path = "$";
  while (!field.empty()) {
    const std::size_t dot = std::min(field.find('.'), field.size());
    path += ".\"" + std::string(field.substr(0, dot)) + '"';
    field.remove_prefix(std::min(dot + 1, field.size()));
  }
  return "json_extract(body," + Quoted(path) + ")";
}

std::string Shown(const char* table, const CollectionName& collection) {
  std::string sql = "collection=" + Quoted(collection.value) + " AND hidden=0";
  if (std::string_view(table) == "overlay") sql += " AND body IS NOT NULL";
  return sql;
}

bool IsText(const FieldValue& value) { return std::holds_alternative<std::string>(value); }

// A range stays within its bound's kind: every text is "greater" than every number in SQLite.
std::string ConditionSql(const Condition& condition, std::size_t parameter) {
  const std::string field = FieldExpression(condition.field);
  if (std::holds_alternative<std::monostate>(condition.value)) return field + " IS NULL";
  const std::string bound = "?" + std::to_string(parameter);
  switch (condition.comparison) {
    case Comparison::kEqual:
      return field + "=" + bound;
    case Comparison::kLess:
    case Comparison::kLessOrEqual: {
      const char* sign = condition.comparison == Comparison::kLess ? "<" : "<=";
      return field + sign + bound + (IsText(condition.value) ? " AND " + field + ">=''" : "");
    }
    case Comparison::kGreater:
    case Comparison::kGreaterOrEqual: {
      const char* sign = condition.comparison == Comparison::kGreater ? ">" : ">=";
      return field + sign + bound + (IsText(condition.value) ? "" : " AND " + field + "<''");
    }
  }
  return "0";
}

// Parameters: 1 the limit, 2 the one id, 3 and up the conditions' values.
constexpr int kLimitParameter = 1;
constexpr int kIdParameter = 2;
constexpr int kFirstValueParameter = 3;

std::string WhereSql(const Query& query, const char* table) {
  std::string sql = Shown(table, query.collection);
  std::size_t parameter = kFirstValueParameter;
  for (const Condition& condition : query.where) sql += " AND " + ConditionSql(condition, parameter++);
  return sql;
}

std::string NotOverlaid(const CollectionName& collection) {
  return " AND NOT EXISTS (SELECT 1 FROM overlay o WHERE o.collection=" + Quoted(collection.value) + " AND o.id=d.id)";
}

std::string IndexName(const char* table, const IndexDeclaration& index) {
  std::string name = std::string(kIndexPrefix) + table + ':' + index.collection.value;
  for (const std::string& field : index.fields) name += "/" + field;
  return name;
}

bool HasEquality(const Query& query, const std::string& field) {
  return std::any_of(query.where.begin(), query.where.end(), [&](const Condition& condition) {
    return condition.field == field && condition.comparison == Comparison::kEqual;
  });
}

// How far an index carries a query: each leading field compared for equality, then one ranged over or ordered by.
std::size_t Worth(const IndexDeclaration& index, const Query& query) {
  if (index.collection != query.collection) return 0;
  std::size_t equal = 0;
  while (equal < index.fields.size() && HasEquality(query, index.fields[equal])) ++equal;
  if (equal == index.fields.size()) return 2 * equal;
  const std::string& next = index.fields[equal];
  const bool ordered = query.order && query.order->field == next;
  const bool ranged = std::any_of(query.where.begin(), query.where.end(),
                                  [&](const Condition& condition) { return condition.field == next; });
  return 2 * equal + (ordered || ranged ? 1 : 0);
}

// Named in the query: without statistics SQLite would rather read the collection by its primary key and sort.
std::string Using(const char* table, const IndexDeclaration* index) {
  return index == nullptr ? "" : " INDEXED BY \"" + IndexName(table, *index) + '"';
}

std::string RowsSql(const Query& query, const IndexDeclaration* index, bool one) {
  const std::string sort = query.order ? FieldExpression(query.order->field) : "NULL";
  const std::string only = one ? " AND id=?2" : "";
  std::string sql = "SELECT id,version,body,1," + sort + " FROM overlay" + Using("overlay", index) + " WHERE " +
                    WhereSql(query, "overlay") + only;
  sql += " UNION ALL SELECT id,version,body,0," + sort + " FROM document d" + Using("document", index) + " WHERE " +
         WhereSql(query, "document") + only + NotOverlaid(query.collection);
  if (one) return sql;
  const bool down = query.order && query.order->direction == Direction::kDescending;
  sql += " ORDER BY ";
  if (query.order && query.order->field != "id") sql += down ? "5 DESC," : "5,";
  sql += down ? "1 DESC" : "1";
  return sql + " LIMIT ?1";
}

std::string CountSql(const Query& query, const IndexDeclaration* index) {
  return "SELECT (SELECT count(*) FROM overlay" + Using("overlay", index) + " WHERE " + WhereSql(query, "overlay") +
         ")+(SELECT count(*) FROM document d" + Using("document", index) + " WHERE " + WhereSql(query, "document") +
         NotOverlaid(query.collection) + ")";
}

std::string IndexSql(const char* table, const IndexDeclaration& index) {
  std::string sql = "CREATE INDEX \"" + IndexName(table, index) + "\" ON " + table + "(";
  for (const std::string& field : index.fields) sql += FieldExpression(field) + ",";
  return sql + "id) WHERE " + Shown(table, index.collection);
}

void BindValue(sqlite::Statement& statement, int parameter, const FieldValue& value) {
  if (const auto* flag = std::get_if<bool>(&value)) statement.Bind(parameter, std::int64_t{*flag});
  if (const auto* integer = std::get_if<std::int64_t>(&value)) statement.Bind(parameter, *integer);
  if (const auto* real = std::get_if<double>(&value)) statement.BindReal(parameter, *real);
  if (const auto* text = std::get_if<std::string>(&value)) statement.Bind(parameter, *text);
}

SortValue ReadSort(const sqlite::Statement& row, int column) {
  switch (row.Type(column)) {
    case SQLITE_INTEGER:
      return row.Integer(column);
    case SQLITE_FLOAT:
      return row.Real(column);
    case SQLITE_NULL:
      return std::monostate{};
    default:
      return std::string(row.Text(column));
  }
}

QueryRow ReadRow(const CollectionName& collection, const sqlite::Statement& row) {
  return {{{collection, DocumentId(std::string(row.Text(0)))},
           Version(row.Integer(1)),
           std::string(row.Text(2)),
           row.Integer(3) != 0},
          ReadSort(row, 4)};
}

int Kind(const SortValue& value) {
  if (std::holds_alternative<std::monostate>(value)) return 0;
  return std::holds_alternative<std::string>(value) ? 2 : 1;
}

double Number(const SortValue& value) {
  const auto* integer = std::get_if<std::int64_t>(&value);
  return integer != nullptr ? static_cast<double>(*integer) : std::get<double>(value);
}

}  // namespace

bool SortsBefore(const SortValue& a, const SortValue& b) {
  if (Kind(a) != Kind(b)) return Kind(a) < Kind(b);
  if (Kind(a) == 2) return std::get<std::string>(a) < std::get<std::string>(b);
  // Whole numbers on the wire are within ±2^53: as doubles they compare exactly.
  return Kind(a) == 1 && Number(a) < Number(b);
}

Status QueryStore::KeepIndexes(const std::vector<IndexDeclaration>& declared) {
  if (declared.size() > kIndexesMax) {
    return Error{ErrorCode::kInvalidArgument, "at most " + std::to_string(kIndexesMax) + " indexes"};
  }
  std::map<std::string, std::string> wanted;  // name → SQL
  for (const IndexDeclaration& index : declared) {
    OUTPOST_CHECK(Validate(index));
    for (const char* table : {"document", "overlay"}) wanted[IndexName(table, index)] = IndexSql(table, index);
  }
  std::set<std::string> present;
  OUTPOST_TRY(sqlite::Statement list, connection_->Prepare("SELECT name FROM sqlite_master WHERE type='index'"));
  for (;;) {
    OUTPOST_TRY(const bool row, list.Step());
    if (!row) break;
    if (list.Text(0).substr(0, kIndexPrefix.size()) == kIndexPrefix) present.insert(std::string(list.Text(0)));
  }
  for (const std::string& name : present) {
    if (wanted.erase(name) == 0) OUTPOST_CHECK(connection_->Execute(("DROP INDEX \"" + name + "\"").c_str()));
  }
  for (const auto& [name, sql] : wanted) OUTPOST_CHECK(connection_->Execute(sql.c_str()));
  prepared_.clear();
  declared_ = declared;
  return {};
}

const IndexDeclaration* QueryStore::BestIndex(const Query& query) const {
  const IndexDeclaration* best = nullptr;
  std::size_t most = 0;
  for (const IndexDeclaration& index : declared_) {
    const std::size_t worth = Worth(index, query);
    if (worth > most) best = &index;
    most = std::max(most, worth);
  }
  return best;
}

Result<sqlite::Statement*> QueryStore::Prepared(const std::string& sql) {
  const auto found = prepared_.find(sql);
  if (found != prepared_.end()) return &found->second;
  if (prepared_.size() >= kPreparedQueriesMax) prepared_.clear();
  OUTPOST_TRY(sqlite::Statement statement, connection_->Prepare(sql));
  return &prepared_.emplace(sql, std::move(statement)).first->second;
}

Result<sqlite::Statement*> QueryStore::Start(const Query& query, Form form) {
  OUTPOST_CHECK(Validate(query));
  const bool one = form == Form::kOne;
  const IndexDeclaration* index = one ? nullptr : BestIndex(query);
  OUTPOST_TRY(sqlite::Statement * statement,
              Prepared(form == Form::kCount ? CountSql(query, index) : RowsSql(query, index, one)));
  int parameter = kFirstValueParameter;
  for (const Condition& condition : query.where) BindValue(*statement, parameter++, condition.value);
  return statement;
}

Result<std::vector<QueryRow>> QueryStore::Find(const Query& query) {
  OUTPOST_TRY(sqlite::Statement * statement, Start(query, Form::kList));
  statement->Bind(kLimitParameter, query.limit == 0 ? std::int64_t{-1} : static_cast<std::int64_t>(query.limit));
  std::vector<QueryRow> rows;
  for (;;) {
    OUTPOST_TRY(const bool row, statement->Step());
    if (!row) return rows;
    rows.push_back(ReadRow(query.collection, *statement));
  }
}

Result<std::optional<QueryRow>> QueryStore::FindOne(const Query& query, const DocumentId& id) {
  OUTPOST_TRY(sqlite::Statement * statement, Start(query, Form::kOne));
  OUTPOST_TRY(const bool row, statement->Bind(kIdParameter, id.value).Step());
  if (!row) return std::optional<QueryRow>();
  QueryRow found = ReadRow(query.collection, *statement);
  statement->Reset();
  return std::optional<QueryRow>(std::move(found));
}

Result<std::int64_t> QueryStore::Count(const Query& query) {
  OUTPOST_TRY(sqlite::Statement * statement, Start(query, Form::kCount));
  OUTPOST_TRY(const bool row, statement->Step());
  OUTPOST_ASSERT(row);
  const std::int64_t count = statement->Integer(0);
  statement->Reset();
  return count;
}

Result<std::string> QueryStore::Explain(const Query& query) {
  OUTPOST_CHECK(Validate(query));
  OUTPOST_TRY(sqlite::Statement plan,
              connection_->Prepare("EXPLAIN QUERY PLAN " + RowsSql(query, BestIndex(query), false)));
  std::string text;
  for (;;) {
    OUTPOST_TRY(const bool row, plan.Step());
    if (!row) return text;
    text += std::string(plan.Text(3)) + "\n";
  }
}

}  // namespace outpost::engine
