#include "protocol/json_span.h"
#include "protocol/push.h"

namespace outpost {
namespace {

Error Malformed(const char* field) {
  return Error{ErrorCode::kInvalidArgument, std::string("a change without a valid ") + field};
}

// The document's text: as it stands in the change's text when that is at hand. Not when it has line breaks, for stored
// documents are spliced into NDJSON.
std::string DocumentText(const json::value& doc, std::string_view change_text) {
  if (doc.is_null()) return {};
  if (!change_text.empty()) {
    const auto text = MemberText(change_text, "doc");
    if (text.has_value() && text->find_first_of("\r\n") == std::string_view::npos) return std::string(*text);
  }
  return ToJson(doc);
}

}  // namespace

void AppendChangeJson(std::string& out, const Change& change) {
  out += "{\"seq\":";
  out += std::to_string(change.seq.value);
  out += ",\"collection\":";
  AppendJsonString(out, change.key.collection.value);
  out += ",\"id\":";
  AppendJsonString(out, change.key.id.value);
  out += ",\"version\":";
  out += std::to_string(change.version.value);
  out += ",\"doc\":";
  out += change.doc.empty() ? std::string_view("null") : std::string_view(change.doc);
  if (!change.reason.empty()) {
    out += ",\"reason\":";
    AppendJsonString(out, change.reason);
  }
  out.push_back('}');
}

Result<Change> ChangeFromJson(const json::value& value, std::string_view text) {
  if (!value.is_object()) return Error{ErrorCode::kInvalidArgument, "a change must be an object"};
  const json::object& object = value.get_object();
  const std::int64_t seq = IntegerOr(object, "seq", -1);
  const std::int64_t version = IntegerOr(object, "version", -1);
  const std::string_view collection = StringOr(object, "collection");
  const std::string_view id = StringOr(object, "id");
  const json::value* doc = Find(object, "doc");
  if (seq < 0) return Malformed("seq");
  if (version < 0) return Malformed("version");
  if (!IsValidId(collection)) return Malformed("collection");
  if (!IsValidId(id)) return Malformed("id");
  if (doc == nullptr || !(doc->is_object() || doc->is_null())) return Malformed("doc");
  return Change{.seq = Sequence(seq),
                .key = {CollectionName(std::string(collection)), DocumentId(std::string(id))},
                .version = Version(version),
                .doc = DocumentText(*doc, text),
                .reason = std::string(StringOr(object, "reason"))};
}

}  // namespace outpost
