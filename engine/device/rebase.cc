// Rebase: law 1 kept when base moves or a command leaves. The overlays of dirty documents are made anew by running the
// rules of the commands that touch them again, in order, on base; closed over what those commands write.
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

Result<Rerun> RunAgain(DeviceState& state, Position position, VisibleDocuments& documents) {
  OUTPOST_TRY(const auto entry, state.store->outbox().Load(position));
  if (!entry) return Error{ErrorCode::kCorrupt, "a waiting command is missing from the outbox"};
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
  documents.Release();
  OUTPOST_TRY(rules::Execution execution, rules::Execute(request, documents));
  rerun.touches.clear();
  for (auto& [key, access] : execution.touched) rerun.touches.push_back({key, access});
  if (auto* executed = std::get_if<rules::Executed>(&execution.outcome)) {
    rerun.doubtful = false;
    for (rules::NewDocument& document : executed->documents) {
      OverlayDocument overlay{document.key, document.version, std::nullopt};
      if (!document.deleted) overlay.body = ToJson(document.body);
      documents.Put(std::move(overlay));
    }
  }
  rerun.changed = rerun.touches != entry->touches || rerun.doubtful != command.doubtful;
  return rerun;
}

bool WritesOutside(const Rerun& rerun, const std::set<DocumentKey>& remade, const EffectIndex& effects) {
  for (const Touch& touch : rerun.touches) {
    if (touch.writes() && remade.count(touch.key) == 0 && effects.Touches(touch.key)) return true;
  }
  return false;
}

// One attempt with a given set of dirty documents. False: a command now writes a document that others outside the set
// touch too; its touches are noted, and the closure has to be taken again.
Result<bool> Attempt(DeviceState& state, std::set<DocumentKey> remade, const std::set<Position>& commands) {
  VisibleDocuments documents(state, remade);
  std::map<Position, Rerun> reruns;
  bool closed = true;
  for (const Position& position : commands) {
    OUTPOST_TRY(Rerun rerun, RunAgain(state, position, documents));
    closed = closed && !WritesOutside(rerun, remade, state.effects);
    reruns.emplace(position, std::move(rerun));
  }
  for (auto& [position, rerun] : reruns) {
    if (OUTPOST_MUTANT("doubt-is-refusal") && rerun.doubtful) {
      OUTPOST_CHECK(state.store->outbox().Refuse(position, CommandStatus::kFailed, "", Timestamp{}));
    }
    if (!rerun.changed) continue;
    OUTPOST_CHECK(state.store->outbox().Retouch(position, rerun.touches, rerun.doubtful));
    state.effects.Retouch(position, rerun.touches);
    state.graph.Retouch(position, std::move(rerun.touches));
  }
  if (!closed) return false;
  for (const auto& [key, overlay] : documents.scratch()) remade.insert(key);
  for (const DocumentKey& key : remade) {
    const auto made = documents.scratch().find(key);
    OUTPOST_CHECK(made == documents.scratch().end() ? state.store->documents().RemoveOverlay(key)
                                                    : state.store->documents().PutOverlay(made->second));
    state.NoteChanged(key);
  }
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

}  // namespace

Status Rebase(DeviceState& state) {
  if (state.round_open) return {};
  if (OUTPOST_MUTANT("overlay-not-rebased")) state.dirty.clear();
  if (state.rebase_all) {
    OUTPOST_TRY(state.dirty, EveryOverlay(state));
  }
  OUTPOST_TRY(std::set<DocumentKey> remade, DropUnused(state));
  while (!remade.empty()) {
    const std::set<Position> commands = state.effects.Affected(remade);
    OUTPOST_TRY(const bool done, Attempt(state, remade, commands));
    if (done) break;
  }
  state.rebase_all = false;
  return {};
}

Status CheckOverlaysAgainstReplay(DeviceState& state) {
  if (state.round_open) return {};
  OUTPOST_TRY(std::set<DocumentKey> remade, EveryOverlay(state));
  VisibleDocuments documents(state, remade);
  for (const Position& position : state.effects.All()) {
    OUTPOST_TRY(const Rerun rerun, RunAgain(state, position, documents));
    if (rerun.changed) return Error{ErrorCode::kCorrupt, "a waiting command's edges are not those of a full replay"};
  }
  OUTPOST_TRY(const auto overlays, state.store->documents().AllOverlays());
  if (overlays.size() != documents.scratch().size()) {
    return Error{ErrorCode::kCorrupt, std::to_string(overlays.size()) + " overlays, a full replay makes " +
                                          std::to_string(documents.scratch().size())};
  }
  for (const OverlayDocument& overlay : overlays) {
    const auto made = documents.scratch().find(overlay.key);
    const bool same = made != documents.scratch().end() && made->second.version == overlay.version &&
                      made->second.body == overlay.body;
    if (!same) {
      return Error{ErrorCode::kCorrupt,
                   "overlay " + overlay.key.collection.value + "/" + overlay.key.id.value +
                       " differs from a full replay: " + overlay.body.value_or("deleted") + " against " +
                       (made == documents.scratch().end() ? "none" : made->second.body.value_or("deleted"))};
    }
  }
  return {};
}

}  // namespace outpost::engine
