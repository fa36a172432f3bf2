// TICKET_START_V1, TICKET_MARK_READY_V1 and TICKET_BUMP_V1 {id}. QUEUED → IN_PROGRESS → READY → BUMPED; skipping
// forward is allowed; already there or beyond is a no-op, so that two displays may press the same button.
#include "rules/payload_reader.h"
#include "rules/types.h"

namespace outpost::rules {
namespace {

struct Step {
  std::string_view status;
  std::string_view time_field;
};

// 0–3 along the way; −1 for CANCELLED, which leads nowhere.
int RankOf(std::string_view status) {
  if (status == "QUEUED") return 0;
  if (status == "IN_PROGRESS") return 1;
  if (status == "READY") return 2;
  if (status == "BUMPED") return 3;
  return -1;
}

std::vector<FieldError> Validate(const json::object& payload) {
  PayloadReader reader(payload);
  reader.Id("id", Presence::kRequired);
  return reader.Finish();
}

Outcome Advance(const Context& context, const json::object& payload, Documents& documents, Step step) {
  const DocumentKey key{CollectionName("tickets"), DocumentId(std::string(StringOr(payload, "id")))};
  const std::optional<Snapshot> ticket = documents.Find(key);
  if (!ticket) return NeedsDocuments{};
  const int rank = RankOf(StringOr(*ticket->body, "status"));
  if (rank < 0) return Refusal{{ProblemCode::kInvalidStateTransition, "The ticket was cancelled."}, key};
  Applied applied;
  applied.resource = key;
  if (rank < RankOf(step.status)) {
    json::object body = *ticket->body;
    body["status"] = step.status;
    body[step.time_field] = ToRfc3339(context.now);
    applied.writes.push_back({key, Access::kUpdates, Put{std::move(body)}});
  }
  return applied;
}

Outcome Start(const Context& context, const json::object& payload, Documents& documents) {
  return Advance(context, payload, documents, {"IN_PROGRESS", "startedAt"});
}
Outcome MarkReady(const Context& context, const json::object& payload, Documents& documents) {
  return Advance(context, payload, documents, {"READY", "readyAt"});
}
Outcome Bump(const Context& context, const json::object& payload, Documents& documents) {
  return Advance(context, payload, documents, {"BUMPED", "bumpedAt"});
}

CommandType TicketType(std::string_view family) {
  CommandType type;
  type.family = family;
  type.accesses = {{CollectionName("tickets"), "id", Access::kUpdates, true}};
  type.roles = KitchenRoles();
  type.validate = Validate;
  return type;
}

}  // namespace

CommandType TicketStartType() {
  CommandType type = TicketType("TICKET_START");
  type.apply = Start;
  return type;
}

CommandType TicketMarkReadyType() {
  CommandType type = TicketType("TICKET_MARK_READY");
  type.apply = MarkReady;
  return type;
}

CommandType TicketBumpType() {
  CommandType type = TicketType("TICKET_BUMP");
  type.apply = Bump;
  return type;
}

}  // namespace outpost::rules
