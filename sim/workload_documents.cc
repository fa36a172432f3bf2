// Workload: documents of declared collections, written by the generic families. Few ids, so that people meet.
#include <array>

#include "protocol/json.h"
#include "sim/seed.h"
#include "sim/workload.h"

namespace outpost::sim {

using engine::Intent;

namespace {

constexpr std::array<const char*, 5> kCollections = {"plans", "notes", "tallies", "diary", "settings"};
constexpr std::array<const char*, 3> kFields = {"colour", "size", "place"};

Intent Make(const char* type, json::object payload) { return Intent{.type = type, .payload = std::move(payload)}; }

}  // namespace

Intent Workload::OnDocument(engine::Device& device) {
  environment_.Count("workload: declared collections");
  const char* collection = kCollections[random_.Below(kCollections.size())];
  const auto seen = Pick(device, collection);
  if (!seen.has_value() || random_.OneIn(5)) return MakeDocument(collection);
  json::object payload{{"collection", collection}, {"id", seen->id.value}};
  Intent intent;
  switch (random_.Below(8)) {
    case 0:
      intent = Make("DOCUMENT_DELETE_V1", std::move(payload));
      break;
    case 1:
      payload["doc"] = json::object{{"colour", Word()}};
      intent = Make("DOCUMENT_PUT_V1", std::move(payload));
      break;
    case 2:
    case 3:
      return AddToDocument(std::move(payload));
    default:
      intent = PatchDocument(*seen, std::move(payload));
      break;
  }
  Expect(intent, *seen);
  return intent;
}

Intent Workload::MakeDocument(const char* collection) {
  json::object payload{{"collection", collection}, {"doc", json::object{{"colour", Word()}, {"count", 0}}}};
  if (random_.OneIn(2)) payload["id"] = "doc-" + std::to_string(Between(random_, 1, 6));
  if (!payload.contains("id") || random_.OneIn(2)) return Make("DOCUMENT_CREATE_V1", std::move(payload));
  return Make("DOCUMENT_PUT_V1", std::move(payload));
}

// They commute.
Intent Workload::AddToDocument(json::object payload) {
  if (random_.OneIn(3)) {
    payload["field"] = "log";
    payload["values"] = json::array{json::string(Word())};
    return Make("LIST_APPEND_V1", std::move(payload));
  }
  if (random_.OneIn(4)) payload["id"] = "doc-" + std::to_string(Between(random_, 1, 6));
  payload["field"] = "count";
  payload["delta"] = Between(random_, 1, 9) * (random_.OneIn(3) ? -1 : 1);
  return Make("COUNTER_ADD_V1", std::move(payload));
}

// As a form does it: what was typed, and what stood there before.
Intent Workload::PatchDocument(const Seen& seen, json::object payload) {
  const char* field = kFields[random_.Below(kFields.size())];
  json::value text = json::string(Word());
  if (random_.OneIn(6)) text = nullptr;
  payload["patch"] = json::object{{field, text}};
  if (random_.OneIn(2)) {
    const json::value* before = Find(seen.body, field);
    payload["was"] = json::object{{field, before == nullptr ? json::value() : *before}};
  }
  return Make("DOCUMENT_PATCH_V1", std::move(payload));
}

std::string Workload::Word() {
  static constexpr std::array<const char*, 4> kWords = {"red", "green", "blue", "چای"};
  return kWords[random_.Below(kWords.size())];
}

}  // namespace outpost::sim
