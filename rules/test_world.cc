#include "rules/test_world.h"

#include <gtest/gtest.h>

#include "rules/loaded_documents.h"

namespace outpost::rules {

StoredDocument& TestWorld::Slot(std::string_view collection, std::string_view id) {
  return documents_[{CollectionName(std::string(collection)), DocumentId(std::string(id))}];
}

Status TestWorld::Load(std::span<const DocumentKey> keys, std::vector<const StoredDocument*>& found) {
  ++loads;
  for (const DocumentKey& key : keys) {
    StoredDocument& document = documents_[key];
    if (side_ == Side::kDevice && IsInternal(key.collection)) document.holding = Holding::kNotHeld;
    found.push_back(&document);
  }
  return {};
}

Execution TestWorld::Try(std::string_view type, std::string_view payload_text) {
  const TypeName name = ParseTypeName(type).value();
  const json::object payload = Parsed(payload_text);
  if (new_id_per_command) {
    std::string number = std::to_string(++commands_);
    context.command = CommandId("01HZZZZZZZ" + std::string(16 - number.size(), '0') + number);
  }
  ExecutionRequest request;
  request.type = FindType(name.family, name.version);
  EXPECT_NE(request.type, nullptr) << type;
  request.context = context;
  request.payload = &payload;
  request.expected_version = expected_version;
  request.roles = roles;
  return Execute(request, *this).value();
}

Execution TestWorld::Do(std::string_view type, std::string_view payload) {
  Execution execution = Try(type, payload);
  Store(execution);
  return execution;
}

json::object TestWorld::Must(std::string_view type, std::string_view payload) {
  return Ok(Do(type, payload)).resource_body();
}

ProblemCode TestWorld::CodeOf(std::string_view type, std::string_view payload) {
  return No(Try(type, payload)).problem.code;
}

void TestWorld::Store(const Execution& execution) {
  const auto* executed = std::get_if<Executed>(&execution.outcome);
  if (executed == nullptr) return;
  for (const NewDocument& document : executed->documents) {
    documents_[document.key] = {document.deleted ? Holding::kAbsent : Holding::kFound, document.version, document.body};
  }
}

void TestWorld::Seed(std::string_view collection, std::string_view id, std::string_view body, std::int64_t version) {
  json::object stored{{"id", id}, {"version", version}};
  for (const auto& member : Parsed(body)) stored[member.key()] = member.value();
  stored["createdAt"] = "2020-01-01T00:00:00.000Z";
  stored["updatedAt"] = "2020-01-01T00:00:00.000Z";
  stored["createdBy"] = "seed";
  Slot(collection, id) = {Holding::kFound, Version(version), stored};
}

json::object TestWorld::Get(std::string_view collection, std::string_view id) {
  const StoredDocument& document = Slot(collection, id);
  return document.holding == Holding::kFound ? document.body : json::object();
}

std::vector<json::object> TestWorld::All(std::string_view collection) const {
  std::vector<json::object> bodies;
  for (const auto& [key, document] : documents_) {
    if (key.collection.value == collection && document.holding == Holding::kFound) bodies.push_back(document.body);
  }
  return bodies;
}

json::object Parsed(std::string_view text) {
  Result<json::value> value = ParseJson(text);
  EXPECT_TRUE(value.ok()) << text;
  return value.ok() && value.value().is_object() ? value.value().get_object() : json::object();
}

const Executed& Ok(const Execution& execution) {
  static const Executed none;
  const auto* executed = std::get_if<Executed>(&execution.outcome);
  if (executed == nullptr) {
    const Problem& problem = std::get<Refused>(execution.outcome).problem;
    ADD_FAILURE() << "refused: " << Name(problem.code) << " " << problem.detail;
    return none;
  }
  return *executed;
}

const Refused& No(const Execution& execution) {
  static const Refused none;
  const auto* refused = std::get_if<Refused>(&execution.outcome);
  if (refused == nullptr) {
    ADD_FAILURE() << "succeeded: " << ToJson(std::get<Executed>(execution.outcome).resource_body());
    return none;
  }
  return *refused;
}

std::optional<Access> AccessTo(const Execution& execution, std::string_view collection, std::string_view id) {
  for (const auto& [key, access] : execution.touched) {
    if (key.collection.value == collection && key.id.value == id) return access;
  }
  return std::nullopt;
}

std::int64_t Number(const json::object& object, std::string_view field) {
  const json::value* value = Find(object, field);
  EXPECT_TRUE(value != nullptr && IsInteger(*value)) << field << " in " << ToJson(object);
  return IntegerOr(object, field, -999'999);
}

std::string Text(const json::object& object, std::string_view field) {
  return std::string(StringOr(object, field, "?"));
}

}  // namespace outpost::rules
