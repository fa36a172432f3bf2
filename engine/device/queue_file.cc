#include "engine/device/queue_file.h"

#include <algorithm>

namespace outpost::engine {
namespace {

constexpr std::string_view kFormat = "outpost-queue";
constexpr CommandStatus kCarried[] = {CommandStatus::kPending, CommandStatus::kFailed, CommandStatus::kConflict,
                                      CommandStatus::kBlocked};

Error Bad(std::size_t line, const std::string& why) {
  return {ErrorCode::kInvalidArgument, "queue file, line " + std::to_string(line) + ": " + why};
}

std::string CommandJson(const CommandRecord& record) {
  Command command;
  command.id = record.id;
  command.author = record.author;
  command.type = record.type;
  command.key = record.key;
  command.revision = record.revision;
  command.expected_version = record.expected_version;
  command.depends_on = record.depends_on;
  command.created_at = ToRfc3339(record.created_at);
  command.traceparent = record.traceparent;
  std::string text;
  AppendCommandJson(text, command, record.payload);
  return text;
}

std::string Line(const CommandRecord& record) {
  std::string line = "{\"command\":" + CommandJson(record) + ",\"status\":\"" + std::string(Name(record.status)) +
                     "\",\"fingerprint\":\"" + ToHex(record.fingerprint) + '"';
  if (!record.problem.empty()) line += ",\"problem\":" + record.problem;
  return line + "}\n";
}

Result<json::object> ParseLine(std::string_view text, std::size_t line) {
  auto parsed = ParseJson(text);
  if (!parsed.ok()) return Bad(line, parsed.error().message);
  if (!parsed.value().is_object()) return Bad(line, "no JSON object");
  return std::move(parsed.value().get_object());
}

Result<CommandStatus> StatusNamed(std::string_view name, std::size_t line) {
  for (const CommandStatus status : kCarried) {
    if (Name(status) == name) return status;
  }
  return Bad(line, "'" + std::string(name) + "' is no status of a waiting command");
}

Result<CommandRecord> ReadCommand(const json::object& entry, std::size_t line) {
  const json::value* part = Find(entry, "command");
  if (part == nullptr) return Bad(line, "no command");
  auto read = CommandFromJson(*part);
  if (!read.ok()) return Bad(line, read.error().message);
  const Command& command = read.value();
  if (!command.envelope_errors.empty()) return Bad(line, command.envelope_errors.front().field + " is malformed");
  const auto name = ParseTypeName(command.type);
  const auto created_at = ParseRfc3339(command.created_at);
  if (!name.ok() || !created_at.ok() || !command.author) return Bad(line, "type, author or time is missing");
  CommandRecord record;
  record.id = command.id;
  record.author = *command.author;
  record.type = command.type;
  record.key = command.key;
  record.revision = command.revision;
  record.expected_version = command.expected_version;
  record.depends_on = command.depends_on;
  record.created_at = record.updated_at = created_at.value();
  record.traceparent = command.traceparent;
  record.payload = ToJson(command.payload);
  record.fingerprint = FingerprintOf(name.value().family, command.payload);
  if (ToHex(record.fingerprint) != StringOr(entry, "fingerprint")) {
    return Bad(line, "the content of " + record.id.value + " is not what its fingerprint says");
  }
  OUTPOST_TRY(record.status, StatusNamed(StringOr(entry, "status"), line));
  if (const json::value* problem = Find(entry, "problem")) record.problem = ToJson(*problem);
  return record;
}

Status ReadHead(const json::object& head, QueueFile& file, std::int64_t& commands) {
  if (StringOr(head, "format") != kFormat) return Bad(1, "this is no Outpost queue file");
  const std::int64_t version = IntegerOr(head, "version", 0);
  if (version != kQueueFileVersion) {
    return Bad(1, "format " + std::to_string(version) + ", this release reads " + std::to_string(kQueueFileVersion));
  }
  const auto exported_at = ParseRfc3339(StringOr(head, "exportedAt"));
  file.workspace = WorkspaceId(std::string(StringOr(head, "workspace")));
  file.device = DeviceId(std::string(StringOr(head, "device")));
  commands = IntegerOr(head, "commands", -1);
  if (!exported_at.ok() || !IsValidId(file.workspace.value) || commands < 0) return Bad(1, "an incomplete first line");
  file.exported_at = exported_at.value();
  return {};
}

std::string HexOf(std::string_view text) {
  Sha256 hash;
  hash.Update(text);
  return ToHex(hash.Finish());
}

}  // namespace

std::string ToText(const QueueFile& file) {
  const json::object head{{"format", kFormat},
                          {"version", kQueueFileVersion},
                          {"workspace", file.workspace.value},
                          {"device", file.device.value},
                          {"exportedAt", ToRfc3339(file.exported_at)},
                          {"commands", file.commands.size()}};
  std::string text = ToJson(head) + "\n";
  for (const CommandRecord& command : file.commands) text += Line(command);
  const std::string sum = HexOf(text);
  return text + "{\"end\":" + std::to_string(file.commands.size()) + ",\"sha256\":\"" + sum + "\"}\n";
}

Result<QueueFile> QueueFileFromText(std::string_view text) {
  if (text.size() > kQueueFileBytesMax) return Bad(1, "larger than any queue file");
  QueueFile file;
  std::int64_t expected = 0;
  std::size_t at = 0;
  for (std::size_t line = 1; at < text.size(); ++line) {
    const std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) return Bad(line, "the file ends in the middle of a line");
    OUTPOST_TRY(const json::object entry, ParseLine(text.substr(at, end - at), line));
    if (line == 1) {
      OUTPOST_CHECK(ReadHead(entry, file, expected));
    } else if (entry.contains("end")) {
      if (HexOf(text.substr(0, at)) != StringOr(entry, "sha256")) return Bad(line, "the file was altered");
      if (IntegerOr(entry, "end", -1) != expected || static_cast<std::int64_t>(file.commands.size()) != expected) {
        return Bad(line, "commands are missing");
      }
      if (end + 1 != text.size()) return Bad(line + 1, "something follows the end");
      return file;
    } else {
      OUTPOST_TRY(CommandRecord command, ReadCommand(entry, line));
      file.commands.push_back(std::move(command));
    }
    at = end + 1;
  }
  return Bad(1, text.empty() ? "the file is empty" : "the file has no end: it was cut off");
}

std::string DigestOf(const QueueFile& file) {
  std::string text = file.workspace.value + "\n";
  for (const CommandRecord& command : file.commands) text += Line(command);
  return HexOf(text);
}

}  // namespace outpost::engine
