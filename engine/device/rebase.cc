// Rebase: law 1 kept when base moves or a command leaves. The overlays of dirty documents are made anew by running the
// rules of the commands that touch them again, in order, on base; closed over what those commands write. Commands that
// only add to a document are not run again: their sum is put in (engine/model/effect_index.h), so that the cost is that
// of what moved, not of what waits.
#include <algorithm>

#include "base/mutant.h"
#include "engine/device/device_state.h"
#include "engine/device/visible_documents.h"
#include "rules/execute.h"

namespace outpost::engine {
namespace {

struct Rerun {
  std::vector<Touch> touches;
  bool doubtful = false;
  bool changed = false;  // other touches or doubt than stored
};

// The new documents become visible to the next command, but for those that a sum accounts for.
void PutDocuments(rules::Execution& execution, const RebasePlan& plan, VisibleDocuments& documents) {
  auto& executed = std::get<rules::Executed>(execution.outcome);
  for (rules::NewDocument& document : executed.documents) {
    const bool summed = std::any_of(execution.added.begin(), execution.added.end(),
                                    [&](const auto& added) { return added.first == document.key; });
    if (summed && plan.one_by_one.count(document.key) == 0) continue;
    OverlayDocument overlay{document.key, document.version, std::nullopt};
    if (!document.deleted) overlay.body = ToJson(document.body);
    documents.Put(std::move(overlay));
  }
}

Result<Rerun> RunAgain(DeviceState& state, Position position, const RebasePlan& plan, VisibleDocuments& documents) {
  OUTPOST_TRY(const auto entry, state.store->outbox().Load(position));
  if (!entry) return Error{ErrorCode::kCorrupt, "a waiting command is missing from the outbox"};
  ++state.work.rules_rerun;
  const CommandRecord& command = entry->command;
  Rerun rerun;
  rerun.touches = entry->touches;
  rerun.doubtful = true;
  const auto payload = ParseJson(command.payload);
  OUTPOST_TRY(const TypeName name, ParseTypeName(command.type));
  rules::ExecutionRequest request;
  request.type = rules::FindType(name.family, name.version);
  // A type or payload this release cannot read stays queued without effect: the server may still know it.
  if (request.type == nullptr || !payload.ok() || !payload.value().is_object()) return rerun;
  request.context = {command.id, command.author, command.created_at, state.options.currency, false};
  request.payload = &payload.value().get_object();
  request.tell_added = true;
  documents.MoveTo(position);
  OUTPOST_TRY(rules::Execution execution, rules::Execute(request, documents));
  if (std::holds_alternative<rules::Executed>(execution.outcome)) {
    rerun.doubtful = false;
    PutDocuments(execution, plan, documents);
  }
  rerun.touches = TouchesOf(execution);
  rerun.changed = rerun.touches != entry->touches || rerun.doubtful != command.doubtful;
  return rerun;
}

const Touch* TouchOn(const std::vector<Touch>& touches, const DocumentKey& key) {
  const auto found = std::find_if(touches.begin(), touches.end(), [&](const Touch& one) { return one.key == key; });
  return found == touches.end() ? nullptr : &*found;
}

// Takes a rerun's other touches into the plan. False: others build on a document it now touches otherwise, and the
// closure has to be taken again.
bool Widen(const DeviceState& state, Position position, const std::vector<Touch>& before,
           const std::vector<Touch>& after, RebasePlan& plan) {
  bool closed = true;
  const auto consider = [&](const Touch& touch, const std::vector<Touch>& others) {
    const Touch* other = TouchOn(others, touch.key);
    if (other != nullptr && *other == touch) return;
    const bool sums_only = touch.is_sum() && (other == nullptr || other->is_sum());
    const bool built_on = sums_only ? state.effects.HasOtherLinks(touch.key, position)
                                    : state.effects.TouchedByOthers(touch.key, position);
    plan.remade.insert(touch.key);
    closed = closed && !built_on;
  };
  for (const Touch& touch : before) consider(touch, after);
  for (const Touch& touch : after) consider(touch, before);
  return closed;
}

// Notes what reruns met. False as above.
Result<bool> NoteReruns(DeviceState& state, std::map<Position, Rerun>& reruns, RebasePlan& plan) {
  bool closed = true;
  std::map<Position, std::vector<Touch>> retouched;
  for (auto& [position, rerun] : reruns) {
    if (!rerun.changed) continue;
    if (OUTPOST_MUTANT("doubt-is-refusal") && rerun.doubtful) {
      OUTPOST_CHECK(state.store->outbox().Move(position, StatusChange::kFailed, "", Timestamp{}));
    }
    OUTPOST_CHECK(state.store->outbox().Retouch(position, rerun.touches, rerun.doubtful));
    closed = Widen(state, position, state.effects.TouchesOf(position), rerun.touches, plan) && closed;
    state.effects.Retouch(position, rerun.touches);
    retouched[position] = std::move(rerun.touches);
  }
  if (!retouched.empty()) state.graph.Retouch(std::move(retouched));
  return closed;
}

Status WriteOverlays(DeviceState& state, const RebasePlan& plan, const VisibleDocuments& documents) {
  for (const DocumentKey& key : plan.remade) {
    const auto made = documents.scratch().find(key);
    OUTPOST_CHECK(made == documents.scratch().end() ? state.store->documents().RemoveOverlay(key)
                                                    : state.store->documents().PutOverlay(made->second));
    if (!state.effects.Touches(key)) OUTPOST_CHECK(state.store->documents().DropHidden(key));
    state.NoteChanged(key);
  }
  return {};
}

// One attempt. False: the plan has grown and has to be carried out again from the start.
Result<bool> Attempt(DeviceState& state, RebasePlan& plan) {
  const std::set<Position> commands = state.effects.Affected(plan.remade, plan.one_by_one);
  VisibleDocuments documents(state, plan);
  std::map<Position, Rerun> reruns;
  for (const Position& position : commands) {
    OUTPOST_TRY(Rerun rerun, RunAgain(state, position, plan, documents));
    if (rerun.changed) reruns.emplace(position, std::move(rerun));
  }
  OUTPOST_TRY(const bool closed, NoteReruns(state, reruns, plan));
  if (!closed) return false;
  for (const auto& [key, overlay] : documents.scratch()) plan.remade.insert(key);
  for (const DocumentKey& key : plan.remade) OUTPOST_CHECK(documents.AddTheRest(key));
  if (!documents.unsummable().empty()) {
    plan.one_by_one.insert(documents.unsummable().begin(), documents.unsummable().end());
    return false;
  }
  OUTPOST_CHECK(WriteOverlays(state, plan, documents));
  return true;
}

Result<std::set<DocumentKey>> EveryOverlay(DeviceState& state) {
  std::set<DocumentKey> keys;
  OUTPOST_TRY(const auto overlays, state.store->documents().AllOverlays());
  for (const OverlayDocument& overlay : overlays) keys.insert(overlay.key);
  for (const Position& position : state.effects.All()) {
    for (const Touch& touch : state.effects.TouchesOf(position)) keys.insert(touch.key);
  }
  return keys;
}

// Documents that no command touches any more are shown as base has them: no rule has to run for that. Returns the
// others.
Result<std::set<DocumentKey>> DropUnused(DeviceState& state) {
  std::set<DocumentKey> used;
  std::set<DocumentKey> dirty;
  dirty.swap(state.dirty);
  for (const DocumentKey& key : dirty) {
    if (state.effects.Touches(key)) {
      used.insert(key);
      continue;
    }
    OUTPOST_CHECK(state.store->documents().RemoveOverlay(key));
    OUTPOST_CHECK(state.store->documents().DropHidden(key));
    state.NoteChanged(key);
  }
  return used;
}

// Members may stand in another order: a sum appends new ones together.
bool SameDocument(const OverlayDocument& a, const OverlayDocument& b) {
  if (a.version != b.version || a.body.has_value() != b.body.has_value()) return false;
  if (!a.body || *a.body == *b.body) return true;
  const auto first = ParseJson(*a.body);
  const auto second = ParseJson(*b.body);
  return first.ok() && second.ok() && first.value() == second.value();
}

}  // namespace

Status Rebase(DeviceState& state) {
  if (state.round_open) return {};
  if (OUTPOST_MUTANT("overlay-not-rebased")) state.dirty.clear();
  if (state.rebase_all) {
    OUTPOST_TRY(state.dirty, EveryOverlay(state));
  }
  RebasePlan plan;
  OUTPOST_TRY(plan.remade, DropUnused(state));
  while (!plan.remade.empty()) {
    OUTPOST_TRY(const bool done, Attempt(state, plan));
    if (done) break;
  }
  state.rebase_all = false;
  return {};
}

Status CheckOverlaysAgainstReplay(DeviceState& state) {
  OUTPOST_TRY(const std::int64_t version, state.store->DataVersion());
  const bool behind = state.shared.stale || version != state.shared.data_version;
  if (state.round_open || behind) return {};
  RebasePlan plan;
  OUTPOST_TRY(plan.remade, EveryOverlay(state));
  plan.one_by_one = plan.remade;  // no sums: every command by itself
  VisibleDocuments documents(state, plan);
  for (const Position& position : state.effects.All()) {
    OUTPOST_TRY(const Rerun rerun, RunAgain(state, position, plan, documents));
    if (rerun.changed) return Error{ErrorCode::kCorrupt, "a waiting command's edges are not those of a full replay"};
  }
  OUTPOST_TRY(const auto overlays, state.store->documents().AllOverlays());
  if (overlays.size() != documents.scratch().size()) {
    return Error{ErrorCode::kCorrupt, std::to_string(overlays.size()) + " overlays, a full replay makes " +
                                          std::to_string(documents.scratch().size())};
  }
  for (const OverlayDocument& overlay : overlays) {
    const auto made = documents.scratch().find(overlay.key);
    if (made != documents.scratch().end() && SameDocument(overlay, made->second)) continue;
    return Error{ErrorCode::kCorrupt,
                 "overlay " + overlay.key.collection.value + "/" + overlay.key.id.value +
                     " differs from a full replay: " + overlay.body.value_or("deleted") + " against " +
                     (made == documents.scratch().end() ? "none" : made->second.body.value_or("deleted"))};
  }
  return {};
}

}  // namespace outpost::engine
