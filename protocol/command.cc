#include "protocol/command.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace outpost {
namespace {

constexpr std::size_t kTypeLengthMax = 128;
constexpr std::size_t kCreatedAtLengthMax = 64;
constexpr std::size_t kTraceparentLengthMax = 128;

// Reads the optional fields of one entry and collects what is wrong with them. null counts as absent.
class EntryReader {
 public:
  EntryReader(const json::object& entry, std::vector<FieldError>& errors) : entry_(entry), errors_(errors) {}

  const json::value* Member(std::string_view name) const {
    const json::value* member = Find(entry_, name);
    return member == nullptr || member->is_null() ? nullptr : member;
  }
  void Complain(std::string field, std::string message) { errors_.push_back({std::move(field), std::move(message)}); }

  // The member's text if `is_valid` takes it, else empty; anything else there is an error.
  template <class Predicate>
  std::string Text(std::string_view name, Predicate is_valid, const char* expected) {
    const json::value* member = Member(name);
    if (member == nullptr) return {};
    const std::string_view text = StringOr(entry_, name);
    if (member->is_string() && is_valid(text)) return std::string(text);
    Complain(std::string(name), expected);
    return {};
  }

  // Absent, or a whole number from `least`.
  std::optional<std::int64_t> Integer(std::string_view name, std::int64_t least) {
    const json::value* member = Member(name);
    if (member == nullptr) return std::nullopt;
    if (IsInteger(*member) && AsInteger(*member) >= least) return AsInteger(*member);
    Complain(std::string(name), "must be a whole number from " + std::to_string(least));
    return std::nullopt;
  }

 private:
  const json::object& entry_;
  std::vector<FieldError>& errors_;
};

bool FitsType(std::string_view text) { return !text.empty() && text.size() <= kTypeLengthMax; }
bool FitsCreatedAt(std::string_view text) { return text.size() <= kCreatedAtLengthMax; }

ExpectedVersion ReadExpectedVersion(EntryReader& reader) {
  const json::value* member = reader.Member("expectedVersion");
  if (member == nullptr) return std::monostate();
  if (IsInteger(*member) && AsInteger(*member) >= 0) return Version(AsInteger(*member));
  if (member->is_object()) {
    const std::string_view after = StringOr(member->get_object(), "after");
    if (IsValidId(after)) return AfterCommand{CommandId(std::string(after))};
  }
  reader.Complain("expectedVersion", "must be a whole number from 0 or {\"after\": \"<command id>\"}");
  return std::monostate();
}

std::vector<CommandId> ReadDependsOn(EntryReader& reader) {
  std::vector<CommandId> ids;
  const json::value* member = reader.Member("dependsOn");
  if (member == nullptr) return ids;
  if (!member->is_array()) {
    reader.Complain("dependsOn", "must be an array of command ids");
    return ids;
  }
  for (const json::value& element : member->get_array()) {
    if (element.is_string() && IsValidId(element.get_string())) {
      ids.emplace_back(std::string(element.get_string()));
    } else {
      reader.Complain("dependsOn[" + std::to_string(&element - member->get_array().data()) + "]",
                      "must be a command id");
    }
  }
  return ids;
}

IdempotencyKey ReadKey(EntryReader& reader, const CommandId& id) {
  const std::string_view name = reader.Member("key") != nullptr ? "key" : "idempotencyKey";
  std::string key = reader.Text(name, IsValidKey, "must be 1 to 255 visible ASCII characters");
  return key.empty() ? IdempotencyKey(id.value) : IdempotencyKey(std::move(key));
}

// Trace context that cannot be read is dropped, never an error (W3C Trace Context, section 3.2).
std::string ReadTraceparent(const json::object& entry) {
  const std::string_view text = StringOr(entry, "traceparent");
  const bool plain = std::all_of(text.begin(), text.end(),
                                 [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == '-'; });
  return plain && text.size() <= kTraceparentLengthMax ? std::string(text) : std::string();
}

void ReadEnvelope(const json::object& entry, Command& command) {
  EntryReader reader(entry, command.envelope_errors);
  constexpr auto kIdExpected = "must be 1 to 128 of [A-Za-z0-9_.:-]";
  if (const auto n = reader.Integer("n", 1)) command.n = CommandNumber(*n);
  if (std::string author = reader.Text("author", IsValidId, kIdExpected); !author.empty()) {
    command.author = UserId(std::move(author));
  }
  if (reader.Member("type") == nullptr) reader.Complain("type", "is required");
  command.type = reader.Text("type", FitsType, "must be a command type such as ORDER_CREATE_V1");
  command.key = ReadKey(reader, command.id);
  command.revision = Revision(reader.Integer("revision", 0).value_or(0));
  command.expected_version = ReadExpectedVersion(reader);
  command.depends_on = ReadDependsOn(reader);
  if (std::string replaces = reader.Text("replaces", IsValidId, kIdExpected); !replaces.empty()) {
    command.replaces = CommandId(std::move(replaces));
  }
  command.created_at = reader.Text("createdAt", FitsCreatedAt, "must be a time");
  command.traceparent = ReadTraceparent(entry);
}

void AppendField(std::string& out, std::string_view name, std::string_view text) {
  out += ",\"";
  out += name;
  out += "\":";
  AppendJsonString(out, text);
}

void AppendField(std::string& out, std::string_view name, std::int64_t number) {
  out += ",\"";
  out += name;
  out += "\":";
  out += std::to_string(number);
}

void AppendExpectedVersion(std::string& out, const ExpectedVersion& expected) {
  if (const auto* version = std::get_if<Version>(&expected)) AppendField(out, "expectedVersion", version->value);
  if (const auto* after = std::get_if<AfterCommand>(&expected)) {
    out += ",\"expectedVersion\":{\"after\":";
    AppendJsonString(out, after->id.value);
    out.push_back('}');
  }
}

void AppendDependsOn(std::string& out, const std::vector<CommandId>& ids) {
  if (ids.empty()) return;
  out += ",\"dependsOn\":";
  char separator = '[';
  for (const CommandId& id : ids) {
    out.push_back(separator);
    separator = ',';
    AppendJsonString(out, id.value);
  }
  out.push_back(']');
}

// A copy takes its source's storage along unless told otherwise: this one must outlive it.
json::object TakePayload(const json::object& payload) { return json::object(payload, json::storage_ptr()); }
json::object TakePayload(json::object& payload) { return std::move(payload); }

// The command of an entry, its payload copied (from a const entry) or moved out.
template <class Value>
Result<Command> ReadCommand(Value& entry) {
  if (!entry.is_object()) return Error{ErrorCode::kInvalidArgument, "must be an object"};
  auto& object = entry.get_object();
  const std::string_view id = StringOr(object, "id");
  if (!IsValidId(id)) return Error{ErrorCode::kInvalidArgument, "id must be 1 to 128 of [A-Za-z0-9_.:-]"};
  auto* payload = object.if_contains("payload");
  if (payload == nullptr || !payload->is_object()) {
    Command command{.id = CommandId(std::string(id))};
    command.envelope_errors.push_back({"payload", payload == nullptr ? "is required" : "must be an object"});
    ReadEnvelope(object, command);
    return command;
  }
  // Constructed with its payload: assigning one to a default object would copy it into other memory.
  Command command{.id = CommandId(std::string(id)), .payload = TakePayload(payload->get_object())};
  ReadEnvelope(object, command);
  return command;
}

}  // namespace

Result<TypeName> ParseTypeName(std::string_view text) {
  const std::size_t marker = text.rfind("_V");
  const auto refused = [&] { return Error{ErrorCode::kInvalidArgument, "a command type ends in _V<number>"}; };
  if (marker == std::string_view::npos || marker == 0) return refused();
  const std::string_view digits = text.substr(marker + 2);
  TypeName type{std::string(text.substr(0, marker)), 0};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), type.version);
  // One spelling per version: no sign, no leading zero.
  if (error != std::errc() || end != digits.data() + digits.size() || digits[0] < '1') return refused();
  return type;
}

std::string ToString(const TypeName& type) { return type.family + "_V" + std::to_string(type.version); }

Digest FingerprintOf(std::string_view family, const json::object& payload) {
  std::string canonical = "{\"family\":";
  AppendJsonString(canonical, family);
  canonical += ",\"payload\":";
  AppendCanonicalJson(canonical, payload);
  canonical.push_back('}');
  return Sha256Of(canonical);
}

Result<Command> CommandFromJson(const json::value& entry) { return ReadCommand(entry); }
Result<Command> CommandFromJson(json::value&& entry) { return ReadCommand(entry); }

void AppendCommandJson(std::string& out, const Command& command, std::string_view payload_text) {
  out += "{\"id\":";
  AppendJsonString(out, command.id.value);
  if (command.n.has_value()) AppendField(out, "n", command.n->value);
  if (command.author.has_value()) AppendField(out, "author", command.author->value);
  AppendField(out, "type", command.type);
  out += ",\"payload\":";
  out += payload_text;
  if (!command.key.value.empty() && command.key.value != command.id.value) AppendField(out, "key", command.key.value);
  if (command.revision.value != 0) AppendField(out, "revision", command.revision.value);
  AppendExpectedVersion(out, command.expected_version);
  AppendDependsOn(out, command.depends_on);
  if (command.replaces.has_value()) AppendField(out, "replaces", command.replaces->value);
  if (!command.created_at.empty()) AppendField(out, "createdAt", command.created_at);
  if (!command.traceparent.empty()) AppendField(out, "traceparent", command.traceparent);
  out.push_back('}');
}

}  // namespace outpost
