#include "sim/naive_documents.h"

#include "sim/declared.h"

namespace outpost::sim {
namespace {

json::object WithoutMetadata(json::object body) {
  for (const char* name : {"id", "version", "createdAt", "updatedAt", "createdBy"}) body.erase(name);
  return body;
}

json::object ObjectAt(const json::object& payload, const char* field) { return payload.at(field).get_object(); }

// RFC 7396, as it is written there.
json::value MergePatch(json::value target, const json::value& patch) {
  if (!patch.is_object()) return patch;
  if (!target.is_object()) target = json::object();
  for (const auto& member : patch.get_object()) {
    json::object& object = target.get_object();
    if (member.value().is_null()) {
      object.erase(member.key());
    } else {
      const json::value* before = Find(object, member.key());
      object[member.key()] = MergePatch(before == nullptr ? json::value() : *before, member.value());
    }
  }
  return target;
}

}  // namespace

bool NaiveDocuments::Apply(const AcceptedCommand& command) {
  const json::object& payload = command.payload;
  if (!payload.contains("collection")) return false;
  const std::string id = payload.contains("id") ? std::string(StringOr(payload, "id")) : command.id.value;
  const DocumentKey key{CollectionName(std::string(StringOr(payload, "collection"))), DocumentId(id)};
  if (command.type == "DOCUMENT_CREATE_V1" || command.type == "DOCUMENT_PUT_V1") {
    documents_[key] = ObjectAt(payload, "doc");
  } else if (command.type == "DOCUMENT_PATCH_V1") {
    documents_[key] = MergePatch(documents_[key], payload.at("patch")).get_object();
  } else if (command.type == "DOCUMENT_DELETE_V1") {
    documents_.erase(key);
  } else if (command.type == "COUNTER_ADD_V1") {
    json::value& sum = documents_[key][StringOr(payload, "field")];
    sum = (sum.is_int64() ? sum.get_int64() : 0) + IntegerOr(payload, "delta", 0);
  } else if (command.type == "LIST_APPEND_V1") {
    json::value& list = documents_[key][StringOr(payload, "field")];
    if (!list.is_array()) list = json::array();
    for (const json::value& value : payload.at("values").get_array()) list.get_array().push_back(value);
  }
  return true;
}

std::string NaiveDocuments::Compare(const std::map<DocumentKey, json::object>& documents) const {
  std::size_t found = 0;
  for (const auto& [key, body] : documents) {
    if (DeclaredHere()->declared().Find(key.collection.value) == nullptr) continue;
    const std::string where = key.collection.value + "/" + key.id.value;
    const auto model = documents_.find(key);
    if (model == documents_.end()) return where + ": nobody made it";
    const std::string wanted = CanonicalJson(model->second);
    const std::string got = CanonicalJson(WithoutMetadata(body));
    if (wanted != got) return where + ": must be " + wanted + ", the server has " + got;
    ++found;
  }
  if (found == documents_.size()) return {};
  return "the server has " + std::to_string(found) + " declared documents, the model " +
         std::to_string(documents_.size());
}

}  // namespace outpost::sim
