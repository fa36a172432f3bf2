#include "wasm/arguments.h"

#include <string>
#include <utility>

namespace outpost::wasm {
namespace {

using engine::Comparison;
using engine::Query;

Error Wrong(std::string_view name, std::string_view what) {
  return {ErrorCode::kInvalidArgument, std::string(name) + ": " + std::string(what)};
}

Result<std::vector<std::string>> TextsFrom(const json::object& arguments, std::string_view name) {
  std::vector<std::string> texts;
  const json::value* member = Find(arguments, name);
  if (member == nullptr || member->is_null()) return texts;
  if (!member->is_array()) return Wrong(name, "must be a list");
  for (const json::value& text : member->get_array()) {
    if (!text.is_string()) return Wrong(name, "must be a list of texts");
    texts.emplace_back(text.get_string());
  }
  return texts;
}

Result<ExpectedVersion> ExpectedFrom(const json::object& arguments) {
  const json::value* member = Find(arguments, "expectedVersion");
  if (member == nullptr || member->is_null()) return ExpectedVersion();
  if (IsInteger(*member) && AsInteger(*member) >= 0) return ExpectedVersion(Version(AsInteger(*member)));
  if (member->is_object() && IsValidId(StringOr(member->get_object(), "after"))) {
    return ExpectedVersion(AfterCommand{CommandId(std::string(StringOr(member->get_object(), "after")))});
  }
  return Wrong("expectedVersion", "must be a whole number from 0 or {after: command id}");
}

Result<engine::FieldValue> FieldValueFrom(const json::value& value) {
  if (value.is_null()) return engine::FieldValue();
  if (value.is_bool()) return engine::FieldValue(value.get_bool());
  if (value.is_string()) return engine::FieldValue(std::string(value.get_string()));
  if (IsInteger(value)) return engine::FieldValue(AsInteger(value));
  if (value.is_double()) return engine::FieldValue(value.get_double());
  return Wrong("where", "compares with null, true, false, a number or a text");
}

Result<Comparison> ComparisonFrom(std::string_view text) {
  constexpr std::pair<std::string_view, Comparison> kNames[] = {{"=", Comparison::kEqual},
                                                                {"<", Comparison::kLess},
                                                                {"<=", Comparison::kLessOrEqual},
                                                                {">", Comparison::kGreater},
                                                                {">=", Comparison::kGreaterOrEqual}};
  for (const auto& [name, comparison] : kNames) {
    if (name == text) return comparison;
  }
  return Wrong("where", "does not know the comparison '" + std::string(text) + "'");
}

Result<engine::Condition> ConditionFrom(const json::value& value) {
  if (!value.is_object()) return Wrong("where", "must be a list of conditions");
  const json::object& object = value.get_object();
  engine::Condition condition;
  condition.field = StringOr(object, "field");
  OUTPOST_TRY(condition.comparison, ComparisonFrom(StringOr(object, "is", "=")));
  if (const json::value* member = Find(object, "value")) {
    OUTPOST_TRY(condition.value, FieldValueFrom(*member));
  }
  return condition;
}

Result<std::vector<engine::IndexDeclaration>> IndexesFrom(const json::object& arguments) {
  std::vector<engine::IndexDeclaration> indexes;
  const json::value* member = Find(arguments, "indexes");
  if (member == nullptr) return indexes;
  if (!member->is_array()) return Wrong("indexes", "must be a list");
  for (const json::value& index : member->get_array()) {
    if (!index.is_object()) return Wrong("indexes", "must be a list of {collection, fields}");
    const json::object& object = index.get_object();
    OUTPOST_TRY(auto fields, TextsFrom(object, "fields"));
    indexes.push_back({CollectionName(std::string(StringOr(object, "collection"))), std::move(fields)});
  }
  return indexes;
}

Result<std::vector<std::int64_t>> BackoffFrom(const json::object& sync) {
  std::vector<std::int64_t> delays;
  const json::value* member = Find(sync, "backoffMs");
  if (member == nullptr) return engine::SyncSettings().backoff_ms;
  if (!member->is_array() || member->get_array().empty())
    return Wrong("sync.backoffMs", "must be a list of milliseconds");
  for (const json::value& delay : member->get_array()) {
    if (!IsInteger(delay) || AsInteger(delay) < 0) return Wrong("sync.backoffMs", "must be a list of milliseconds");
    delays.push_back(AsInteger(delay));
  }
  return delays;
}

Result<engine::SyncSettings> SyncFrom(const json::object& arguments) {
  engine::SyncSettings settings;
  const json::value* member = Find(arguments, "sync");
  if (member == nullptr) return settings;
  if (!member->is_object()) return Wrong("sync", "must be an object");
  const json::object& sync = member->get_object();
  OUTPOST_TRY(settings.backoff_ms, BackoffFrom(sync));
  if (const json::value* jitter = Find(sync, "jitter")) {
    if (!jitter->is_number() || jitter->to_number<double>() < 0 || jitter->to_number<double>() >= 1) {
      return Wrong("sync.jitter", "must be a number from 0 and below 1");
    }
    settings.jitter = jitter->to_number<double>();
  }
  const auto positive = [&](std::string_view name, std::int64_t fallback) {
    return std::max<std::int64_t>(1, IntegerOr(sync, name, fallback));
  };
  settings.attention_after_attempts = positive("attentionAfterAttempts", settings.attention_after_attempts);
  settings.pull_interval_ms = positive("pullIntervalMs", settings.pull_interval_ms);
  settings.request_timeout_ms = positive("requestTimeoutMs", settings.request_timeout_ms);
  settings.batch_commands_max = static_cast<int>(positive("batchCommandsMax", settings.batch_commands_max));
  settings.page_limit = static_cast<int>(positive("pageLimit", settings.page_limit));
  settings.pushes_in_flight_max = static_cast<int>(positive("pushesInFlightMax", settings.pushes_in_flight_max));
  return settings;
}

}  // namespace

Result<const json::object*> ObjectAt(const json::object& arguments, std::string_view name) {
  const json::value* member = Find(arguments, name);
  if (member == nullptr || !member->is_object()) return Wrong(name, "must be an object");
  return &member->get_object();
}

Result<std::vector<CollectionName>> CollectionsFrom(const json::object& arguments, std::string_view name) {
  OUTPOST_TRY(const auto texts, TextsFrom(arguments, name));
  std::vector<CollectionName> collections;
  for (const std::string& text : texts) collections.emplace_back(text);
  return collections;
}

std::size_t LimitFrom(const json::object& arguments, std::size_t fallback) {
  return static_cast<std::size_t>(std::max<std::int64_t>(0, IntegerOr(arguments, "limit", static_cast<int>(fallback))));
}

Result<engine::Subscription> SubscriptionFrom(const json::object& arguments) {
  OUTPOST_TRY(auto collections, CollectionsFrom(arguments, "collections"));
  OUTPOST_TRY(auto scoped, CollectionsFrom(arguments, "scoped"));
  return engine::MakeSubscription(std::move(collections), std::string(StringOr(arguments, "scope")), std::move(scoped));
}

Result<engine::DeviceOptions> DeviceOptionsFrom(const json::object& arguments) {
  engine::DeviceOptions options;
  options.workspace = WorkspaceId(std::string(StringOr(arguments, "workspace")));
  options.user = UserId(std::string(StringOr(arguments, "user")));
  options.new_device = DeviceId(std::string(StringOr(arguments, "device")));
  const std::string_view sharing = StringOr(arguments, "sharing", "personal");
  if (sharing != "personal" && sharing != "terminal") return Wrong("sharing", "is personal or terminal");
  options.sharing = sharing == "terminal" ? engine::Sharing::kTerminal : engine::Sharing::kPersonal;
  if (!IsValidId(options.workspace.value)) return Wrong("workspace", "1 to 128 of A-Z a-z 0-9 _ . : -");
  const bool nobody = options.sharing == engine::Sharing::kTerminal && options.user.value.empty();
  if (!nobody && !IsValidId(options.user.value)) return Wrong("user", "1 to 128 of A-Z a-z 0-9 _ . : -");
  OUTPOST_TRY(options.collections, CollectionsFrom(arguments, "collections"));
  OUTPOST_TRY(options.scoped, CollectionsFrom(arguments, "scoped"));
  OUTPOST_TRY(options.sensitive, CollectionsFrom(arguments, "sensitive"));
  OUTPOST_TRY(options.indexes, IndexesFrom(arguments));
  OUTPOST_TRY(options.sync, SyncFrom(arguments));
  if (const json::value* store = Find(arguments, "storeSensitive"); store != nullptr && store->is_bool()) {
    options.store_sensitive = store->get_bool();
  }
  options.scope = StringOr(arguments, "scope");
  options.currency = StringOr(arguments, "currency", options.currency);
  options.release = StringOr(arguments, "release", options.release);
  options.waiting_alert = IntegerOr(arguments, "waitingAlert", options.waiting_alert);
  options.waiting_max = IntegerOr(arguments, "waitingMax", options.waiting_max);
  options.history_ms = IntegerOr(arguments, "historyMs", options.history_ms);
  options.history_rows_max = IntegerOr(arguments, "historyRowsMax", options.history_rows_max);
  options.audit_ms = IntegerOr(arguments, "auditMs", options.audit_ms);
  return options;
}

Result<Query> QueryFrom(const json::object& arguments) {
  OUTPOST_TRY(const json::object* object, ObjectAt(arguments, "query"));
  Query query;
  query.collection = CollectionName(std::string(StringOr(*object, "collection")));
  query.limit = LimitFrom(*object, 0);
  if (const json::value* where = Find(*object, "where")) {
    if (!where->is_array()) return Wrong("where", "must be a list of conditions");
    for (const json::value& condition : where->get_array()) {
      OUTPOST_TRY(engine::Condition read, ConditionFrom(condition));
      query.where.push_back(std::move(read));
    }
  }
  if (const json::value* order = Find(*object, "orderBy"); order != nullptr && order->is_object()) {
    const bool descending = StringOr(order->get_object(), "direction") == "descending";
    query.order = engine::Order{std::string(StringOr(order->get_object(), "field")),
                                descending ? engine::Direction::kDescending : engine::Direction::kAscending};
  }
  OUTPOST_CHECK(engine::Validate(query));
  return query;
}

Result<engine::Intent> IntentFrom(const json::object& arguments) {
  engine::Intent intent;
  intent.type = StringOr(arguments, "type");
  OUTPOST_TRY(const json::object* payload, ObjectAt(arguments, "payload"));
  intent.payload = *payload;
  if (Find(arguments, "key") != nullptr) intent.key = IdempotencyKey(std::string(StringOr(arguments, "key")));
  if (Find(arguments, "author") != nullptr) intent.author = UserId(std::string(StringOr(arguments, "author")));
  OUTPOST_TRY(intent.expected_version, ExpectedFrom(arguments));
  OUTPOST_TRY(const auto depends_on, TextsFrom(arguments, "dependsOn"));
  for (const std::string& id : depends_on) {
    if (!IsValidId(id)) return Wrong("dependsOn", "must be a list of command ids");
    intent.depends_on.emplace_back(id);
  }
  intent.traceparent = StringOr(arguments, "traceparent");
  const bool anyway = StringOr(arguments, "localRefusal") == "queueAnyway";
  intent.local_refusal = anyway ? engine::LocalRefusal::kQueueAnyway : engine::LocalRefusal::kRefuse;
  return intent;
}

Result<engine::HttpDone> HttpDoneFrom(const json::object& arguments, std::string_view body) {
  const engine::ExchangeId exchange(IntegerOr(arguments, "exchange", 0));
  if (const json::value* failure = Find(arguments, "failure")) {
    const json::value* timed_out = Find(arguments, "timedOut");
    const bool late = timed_out != nullptr && timed_out->is_bool() && timed_out->get_bool();
    const std::string reason(failure->is_string() ? std::string_view(failure->get_string()) : "no answer");
    return engine::HttpDone{exchange, engine::NetworkFailure{reason, late}};
  }
  engine::HttpResponse response;
  response.status = static_cast<int>(IntegerOr(arguments, "status", 0));
  response.content_type = StringOr(arguments, "contentType");
  if (Find(arguments, "retryAfterMs") != nullptr) response.retry_after_ms = IntegerOr(arguments, "retryAfterMs", 0);
  response.body = body;
  return engine::HttpDone{exchange, std::move(response)};
}

Result<CommandId> CommandIdFrom(const json::object& arguments, std::string_view name) {
  CommandId id{std::string(StringOr(arguments, name))};
  if (!IsValidId(id.value)) return Wrong(name, "must be the id of a command");
  return id;
}

Result<DocumentKey> DocumentKeyFrom(const json::object& arguments) {
  DocumentKey key{CollectionName(std::string(StringOr(arguments, "collection"))),
                  DocumentId(std::string(StringOr(arguments, "id")))};
  if (!IsValidId(key.collection.value) || !IsValidId(key.id.value)) return Wrong("id", "must name a document");
  return key;
}

Result<std::vector<engine::CommandStatus>> StatusesFrom(const json::object& arguments) {
  OUTPOST_TRY(const auto names, TextsFrom(arguments, "status"));
  std::vector<engine::CommandStatus> statuses;
  for (const std::string& name : names) {
    int found = -1;
    for (int i = 0; i < engine::kCommandStatusCount; ++i) {
      if (engine::Name(static_cast<engine::CommandStatus>(i)) == name) found = i;
    }
    if (found < 0) return Wrong("status", "there is no " + name);
    statuses.push_back(static_cast<engine::CommandStatus>(found));
  }
  return statuses;
}

}  // namespace outpost::wasm
