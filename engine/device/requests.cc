// Requests: what goes out. A push carries the ready prefix of the outbox, a pull asks for the page after the cursor.
#include <algorithm>

#include "base/mutant.h"
#include "engine/device/device_state.h"

namespace outpost::engine {
namespace {

Command ToWire(const CommandRecord& record, [[maybe_unused]] Timestamp now) {
  Command command;
  command.id = record.id;
  command.n = record.n;
  command.author = record.author;
  command.type = record.type;
  command.key = record.key;
  if (OUTPOST_MUTANT("new-key-on-retry")) command.key.value += "-" + std::to_string(now.ms);
  command.revision = record.revision;
  command.expected_version = record.expected_version;
  command.depends_on = record.depends_on;
  command.replaces = record.replaces;
  command.created_at = ToRfc3339(record.created_at);
  command.traceparent = record.traceparent;
  return command;
}

void AppendMember(std::string& out, std::string_view name, std::string_view text) {
  out += '"';
  out += name;
  out += "\":";
  AppendJsonString(out, text);
  out += ',';
}

void AppendReport(std::string& out, const DeviceState& state, Timestamp now) {
  out += "\"report\":{\"waiting\":" + std::to_string(state.graph.size());
  out += ",\"quarantined\":" + std::to_string(state.quarantined) + ',';
  if (!state.waiting_since.empty()) {
    AppendMember(out, "oldestCreatedAt", ToRfc3339(state.waiting_since.begin()->second));
  }
  AppendMember(out, "clock", ToRfc3339(now));
  AppendMember(out, "release", state.options.release);
  out.back() = '}';
  out += ',';
}

std::string PushHead(const DeviceState& state, Timestamp now) {
  std::string out = "{";
  AppendMember(out, "deviceId", state.device.value);
  AppendMember(out, "incarnation", state.incarnation.value);
  if (state.epoch) AppendMember(out, "epoch", state.epoch->value);
  AppendReport(out, state, now);
  out += "\"commands\":[";
  return out;
}

std::string EscapeQuery(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain =
        (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '.';
    if (plain) {
      out += c;
      continue;
    }
    out += '%';
    out += kHex[static_cast<unsigned char>(c) >> 4];
    out += kHex[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

SentCommand Sent(const CommandRecord& command) {
  SentCommand sent{
      command.position, command.id, ToHex(command.fingerprint), command.resource, command.revision, {}, {}};
  sent.trace_id = TraceIdOf(command.traceparent, command.id.value);
  if (command.type != kDiscardType) return sent;
  const auto payload = ParseJson(command.payload);
  if (payload.ok() && payload.value().is_object()) {
    sent.burns = CommandId(std::string(StringOr(payload.value().get_object(), "id")));
  }
  return sent;
}

// Durable before the request leaves: what is discarded later must know that it may have been sent. Raised to the end of
// the queue, so that a long queue costs one write.
Status RaiseSentMark(DeviceState& state, const std::vector<Position>& batch, Timestamp now) {
  const bool known = std::all_of(batch.begin(), batch.end(), [&](Position p) { return p <= state.sent_mark; });
  if (known) return {};
  OUTPOST_CHECK(RunHeld(state, "mark as sent", Durability::kFull, now,
                        [&] { return state.store->meta().Set("sent_mark", state.last_position.value); }));
  state.sent_mark = state.last_position;
  return {};
}

// The ready prefix, known to be leaving. What another process discarded meanwhile is not in it.
Result<std::vector<Position>> TakeMarkedBatch(DeviceState& state, std::size_t commands_max, Timestamp now) {
  for (;;) {
    const auto batch = state.graph.TakeBatch(commands_max, state.options.sync.batch_bytes_max);
    const std::int64_t reloads = state.reloads;
    const auto marked = RaiseSentMark(state, batch, now);
    if (marked.ok() && state.reloads == reloads) return batch;
    for (const Position& taken : batch) state.graph.PutBack(taken);
    if (!marked.ok()) return marked.error();
  }
}

// Every exchange is a trace of its own; the commands in it keep theirs.
std::string NewTrace(DeviceState& state, Timestamp now, HttpRequest& request) {
  std::string trace_id = TraceIdOf("", state.ulids.Next(now));
  request.headers.emplace_back("traceparent", "00-" + trace_id + "-" + trace_id.substr(16) + "-01");
  return trace_id;
}

ExchangeId NewExchange(DeviceState& state, Exchange exchange) {
  const ExchangeId id(++state.last_exchange);
  state.exchanges.emplace(id, std::move(exchange));
  return id;
}

void TellSent(DeviceState& state, const Exchange& exchange) {
  if (!state.IsPushing()) state.Tell(Notice::Kind::kFlushStarted, std::nullopt, {}, exchange.trace_id);
  state.Tell(Notice::Kind::kSent, std::nullopt, std::to_string(exchange.commands.size()) + " operations",
             exchange.trace_id);
}

}  // namespace

Result<std::optional<HttpSend>> BuildPush(DeviceState& state, int commands_max, Timestamp now) {
  OUTPOST_TRY(const auto batch, TakeMarkedBatch(state, static_cast<std::size_t>(commands_max), now));
  if (batch.empty()) return std::optional<HttpSend>();
  Exchange exchange;
  exchange.kind = Exchange::Kind::kPush;
  exchange.incarnation = state.incarnation;
  exchange.began = now;
  std::string body = PushHead(state, now);
  for (const Position& position : batch) {
    auto entry = state.store->outbox().Load(position);
    if (!entry.ok() || !entry.value()) {
      for (const Position& taken : batch) state.graph.PutBack(taken);
      return entry.ok() ? Error{ErrorCode::kCorrupt, "a waiting command is missing from the outbox"} : entry.error();
    }
    const CommandRecord& command = entry.value()->command;
    AppendCommandJson(body, ToWire(command, now), command.payload);
    body += ',';
    if (!OUTPOST_MUTANT("sent-is-forgotten")) state.maybe_applied.insert(position);
    exchange.commands.push_back(Sent(command));
  }
  body.back() = ']';
  body += '}';
  HttpSend send;
  send.request = {"POST",
                  "/sync/commands",
                  {{"Content-Type", "application/json"}, {"Accept", "application/json"}},
                  std::move(body)};
  send.timeout_ms = state.options.sync.request_timeout_ms;
  exchange.trace_id = NewTrace(state, now, send.request);
  TellSent(state, exchange);
  send.exchange = NewExchange(state, std::move(exchange));
  return std::optional<HttpSend>(std::move(send));
}

namespace {

// What a pull asks for; a join asks for the added collections alone, up to where the others are.
std::string PullTarget(const DeviceState& state, const std::optional<Subscription>& joins) {
  std::string target = "/sync/changes?limit=" + std::to_string(state.options.sync.page_limit);
  const std::optional<Cursor>& cursor = joins ? state.join_cursor : state.cursor;
  if (cursor) target += "&cursor=" + EscapeQuery(cursor->value);
  if (joins) target += "&join=" + EscapeQuery(state.cursor->value);
  const std::vector<CollectionName> collections =
      joins ? joins->Beyond(state.subscription) : state.subscription.collections;
  if (!collections.empty()) {
    target += "&collections=";
    for (const CollectionName& collection : collections) target += EscapeQuery(collection.value) + ",";
    target.pop_back();
  }
  const std::string& scope = joins ? joins->scope : state.subscription.scope;
  if (!scope.empty()) target += "&scope=" + EscapeQuery(scope);
  return target;
}

}  // namespace

HttpSend BuildPull(DeviceState& state, Timestamp now) {
  // A join begins between two rounds; once begun it goes on to its end.
  const bool between = state.joining || !state.round_open;
  std::optional<Subscription> joins = between ? state.NextJoin() : std::nullopt;
  if (!state.round_open) ++state.round;
  Exchange exchange;
  exchange.kind = Exchange::Kind::kPull;
  exchange.began = now;
  exchange.generation = state.generation;
  std::string target = PullTarget(state, joins);
  HttpSend send;
  send.request = {"GET", std::move(target), {{"Accept", "application/x-ndjson"}}, ""};
  // What is ours in a join's range was told with the rounds that passed it.
  if (!joins) send.request.headers.emplace_back("Outpost-Device", state.device.value + " " + state.incarnation.value);
  send.timeout_ms = state.options.sync.request_timeout_ms;
  exchange.joins = std::move(joins);
  exchange.trace_id = NewTrace(state, now, send.request);
  send.exchange = NewExchange(state, std::move(exchange));
  return send;
}

}  // namespace outpost::engine
