#include "wasm/to_json.h"

#include <variant>

#include "wasm/json_fields.h"

namespace outpost::wasm {
namespace {

using engine::CommandRecord;
using engine::Effect;

// "needs attention" → needsAttention.
std::string CamelCase(std::string_view words) {
  std::string name;
  bool upper = false;
  for (const char c : words) {
    if (c == ' ') {
      upper = true;
      continue;
    }
    name += upper ? static_cast<char>(c - 'a' + 'A') : c;
    upper = false;
  }
  return name;
}

void AppendExpected(JsonFields& fields, const ExpectedVersion& expected) {
  if (const auto* version = std::get_if<Version>(&expected)) fields.Number("expectedVersion", version->value);
  if (const auto* after = std::get_if<AfterCommand>(&expected)) {
    JsonFields object(fields.Value("expectedVersion"));
    object.Text("after", after->id.value);
  }
}

void AppendDocumentFields(JsonFields& fields, const engine::VisibleDocument& document) {
  fields.Text("collection", document.key.collection.value);
  fields.Text("id", document.key.id.value);
  fields.Number("version", document.version.value);
  fields.Flag("pending", document.pending);
  fields.Splice("doc", document.body);
}

void AppendPlaced(std::string& out, const std::vector<engine::PlacedDocument>& placed) {
  out += '[';
  for (std::size_t i = 0; i < placed.size(); ++i) {
    if (i > 0) out += ',';
    JsonFields fields(out);
    fields.Number("at", static_cast<std::int64_t>(placed[i].at));
    AppendDocumentFields(fields, placed[i].document);
  }
  out += ']';
}

void AppendEffect(JsonFields& fields, const engine::HttpSend& send) {
  fields.Text("effect", "send");
  fields.Number("exchange", send.exchange.value);
  fields.Number("timeoutMs", send.timeout_ms);
  fields.Text("method", send.request.method);
  fields.Text("target", send.request.target);
  fields.Text("body", send.request.body);
  JsonFields headers(fields.Value("headers"));
  for (const auto& [name, value] : send.request.headers) headers.Text(name, value);
}

void AppendEffect(JsonFields& fields, const engine::WakeAt& wake) {
  fields.Text("effect", "wakeAt");
  fields.Number("at", wake.at.ms);
}

void AppendEffect(JsonFields& fields, const engine::Notice& notice) {
  fields.Text("effect", "notice");
  fields.Text("kind", CamelCase(engine::Name(notice.kind)));
  if (notice.command) fields.Text("command", notice.command->value);
  fields.Text("detail", notice.detail);
  fields.TextUnlessEmpty("traceId", notice.trace_id);
  if (notice.documents.empty()) return;
  std::string& out = fields.Value("documents");
  out += '[';
  for (std::size_t i = 0; i < notice.documents.size(); ++i) {
    if (i > 0) out += ',';
    JsonFields key(out);
    key.Text("collection", notice.documents[i].collection.value);
    key.Text("id", notice.documents[i].id.value);
  }
  out += ']';
}

void AppendEffect(JsonFields& fields, const engine::QueryChanged& change) {
  fields.Text("effect", "queryChanged");
  fields.Number("query", change.query.value);
  AppendPlaced(fields.Value("added"), change.added);
  AppendPlaced(fields.Value("changed"), change.changed);
  std::string& out = fields.Value("removed");
  out += '[';
  for (std::size_t i = 0; i < change.removed.size(); ++i) {
    if (i > 0) out += ',';
    AppendJsonString(out, change.removed[i].value);
  }
  out += ']';
}

}  // namespace

std::string_view Name(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return "INVALID_ARGUMENT";
    case ErrorCode::kNotFound:
      return "NOT_FOUND";
    case ErrorCode::kAlreadyExists:
      return "ALREADY_EXISTS";
    case ErrorCode::kCorrupt:
      return "STORE_CORRUPT";
    case ErrorCode::kIo:
      return "STORE_FAILED";
    case ErrorCode::kFull:
      return "QUEUE_FULL";
    case ErrorCode::kBusy:
      return "BUSY";
    case ErrorCode::kRefused:
      return "REFUSED";
    case ErrorCode::kUnavailable:
      return "NETWORK_ERROR";
  }
  return "STORE_FAILED";
}

std::string ErrorText(const Error& error) {
  std::string out = "{\"error\":";
  {
    JsonFields fields(out);
    fields.Text("code", Name(error.code));
    fields.Text("message", error.message);
  }
  return out + '}';
}

void Append(std::string& out, const engine::VisibleDocument& document) {
  JsonFields fields(out);
  AppendDocumentFields(fields, document);
}

void Append(std::string& out, const CommandRecord& command) {
  JsonFields fields(out);
  fields.Text("id", command.id.value);
  fields.Number("n", command.n.value);
  fields.Text("author", command.author.value);
  fields.Text("type", command.type);
  fields.Splice("payload", command.payload);
  fields.Text("key", command.key.value);
  fields.Number("revision", command.revision.value);
  AppendExpected(fields, command.expected_version);
  Append(fields.Value("dependsOn"), command.depends_on);
  if (command.replaces) fields.Text("replaces", command.replaces->value);
  fields.Text("status", engine::Name(command.status));
  fields.Flag("sent", command.sent);
  fields.Flag("doubtful", command.doubtful);
  fields.Number("attempts", command.attempts);
  if (command.next_attempt_at.ms != 0) fields.Instant("nextAttemptAt", command.next_attempt_at);
  fields.Instant("createdAt", command.created_at);
  fields.Instant("updatedAt", command.updated_at);
  fields.TextUnlessEmpty("traceparent", command.traceparent);
  if (command.resource) fields.Key("resource", *command.resource);
  if (command.seq) fields.Number("seq", command.seq->value);
  if (command.result_version.value != 0) fields.Number("resultVersion", command.result_version.value);
  fields.SpliceUnlessEmpty("problem", command.problem);
}

void Append(std::string& out, const engine::AuditRow& row) {
  JsonFields fields(out);
  fields.Instant("at", row.at);
  fields.Instant("until", row.until);
  fields.Number("times", row.times);
  fields.Text("kind", row.kind);
  if (row.command) fields.Text("command", row.command->value);
  fields.Text("author", row.author.value);
  fields.Number("commands", row.commands);
  fields.Number("changes", row.changes);
  fields.Number("status", row.status);
  fields.Text("code", row.code);
  fields.Text("detail", row.detail);
  fields.Number("durationMs", row.duration_ms);
  fields.Text("traceId", row.trace_id);
}

void Append(std::string& out, const engine::DataSet& set) {
  JsonFields fields(out);
  fields.Text("collection", set.collection.value);
  fields.Number("documents", set.documents);
  fields.Number("bytes", set.bytes);
  fields.InstantIfAny("lastRound", set.last_round);
  fields.Flag("joining", set.joining);
}

void Append(std::string& out, const engine::Accepted& accepted) {
  JsonFields fields(out);
  fields.Text("id", accepted.id.value);
  fields.Number("n", accepted.n.value);
  if (accepted.resource) fields.Key("resource", *accepted.resource);
  if (accepted.optimistic) fields.SpliceUnlessEmpty("optimistic", *accepted.optimistic);
}

void Append(std::string& out, const engine::SyncStatus& status) {
  JsonFields fields(out);
  fields.Number("waiting", status.waiting);
  fields.Number("inFlight", status.in_flight);
  fields.Number("quarantined", status.quarantined);
  fields.Flag("online", status.online);
  fields.Flag("caughtUp", status.caught_up);
  fields.InstantIfAny("lastSync", status.last_sync);
  fields.InstantIfAny("oldestWaiting", status.oldest_waiting);
  fields.Text("storeError", status.store_error);
}

void Append(std::string& out, const engine::DeviceWork& work) {
  JsonFields fields(out);
  fields.Number("rulesRerun", work.rules_rerun);
  fields.Number("documentsRead", work.documents_read);
  fields.Number("queryLookups", work.query_lookups);
  fields.Number("queryReruns", work.query_reruns);
}

void Append(std::string& out, const Effect& effect) {
  JsonFields fields(out);
  std::visit([&](const auto& it) { AppendEffect(fields, it); }, effect);
}

void Append(std::string& out, const CommandId& id) { AppendJsonString(out, id.value); }

}  // namespace outpost::wasm
