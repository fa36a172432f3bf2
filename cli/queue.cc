#include "cli/queue.h"

#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>

#include "cli/environment.h"
#include "cli/queue_decide.h"
#include "cli/queue_sync.h"
#include "engine/device/device.h"
#include "protocol/json.h"

namespace outpost::cli {
namespace {

// JSON text inside JSON; empty and broken ones are null.
json::value Parsed(const std::string& text) {
  auto parsed = ParseJson(text);
  return parsed.ok() ? std::move(parsed).value() : json::value();
}

json::object JsonOf(const engine::CommandRecord& command) {
  json::object object{{"id", command.id.value},
                      {"status", engine::Name(command.status)},
                      {"type", command.type},
                      {"author", command.author.value},
                      {"payload", Parsed(command.payload)},
                      {"key", command.key.value},
                      {"revision", command.revision.value},
                      {"incarnation", command.incarnation.value},
                      {"n", command.n.value},
                      {"attempts", command.attempts},
                      {"createdAt", ToRfc3339(command.created_at)},
                      {"updatedAt", ToRfc3339(command.updated_at)},
                      {"fingerprint", ToHex(command.fingerprint)},
                      {"doubtful", command.doubtful},
                      {"problem", Parsed(command.problem)}};
  if (const auto* version = std::get_if<Version>(&command.expected_version)) object["expectedVersion"] = version->value;
  json::array causes;
  for (const CommandId& cause : engine::NamedPredecessors(command)) causes.emplace_back(cause.value);
  object["dependsOn"] = std::move(causes);
  if (command.replaces) object["replaces"] = command.replaces->value;
  if (command.resource) {
    object["resource"] =
        json::object{{"collection", command.resource->collection.value}, {"id", command.resource->id.value}};
  }
  if (command.seq) object["seq"] = command.seq->value;
  return object;
}

json::array TrailOf(const std::vector<engine::AuditRow>& rows) {
  json::array trail;
  for (const engine::AuditRow& row : rows) {
    json::object entry{{"at", ToRfc3339(row.at)}, {"kind", row.kind}};
    if (!row.author.value.empty()) entry["author"] = row.author.value;
    if (row.status != 0) entry["status"] = row.status;
    if (!row.code.empty()) entry["code"] = row.code;
    if (!row.detail.empty()) entry["detail"] = row.detail;
    if (!row.trace_id.empty()) entry["traceId"] = row.trace_id;
    trail.emplace_back(std::move(entry));
  }
  return trail;
}

Error IoError(const std::string& file, const char* what) { return {ErrorCode::kIo, std::string(what) + " " + file}; }

Status WriteNew(const std::string& file, std::string_view text) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) return IoError(file, "cannot create (is it there already?)");
  bool written = true;
  while (written && !text.empty()) {
    const ssize_t count = ::write(descriptor, text.data(), text.size());
    written = count > 0;
    if (written) text.remove_prefix(static_cast<std::size_t>(count));
  }
  written = written && ::fsync(descriptor) == 0;
  written = ::close(descriptor) == 0 && written;
  if (written) return {};
  ::unlink(file.c_str());
  return IoError(file, "cannot write");
}

Result<std::string> Read(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return IoError(file, "cannot read");
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

int Told(const Status& done) {
  if (done.ok()) return 0;
  std::fprintf(stderr, "outpost queue: %s\n", done.error().message.c_str());
  return 1;
}

}  // namespace

Status ListQueue(const QueueOptions& options) {
  OUTPOST_TRY(const auto queue, OpenQueueStore(options));
  OUTPOST_TRY(const auto commands, queue->device->Queue());
  for (const engine::CommandRecord& command : commands) {
    const bool settled =
        command.status == engine::CommandStatus::kSucceeded || command.status == engine::CommandStatus::kDiscarded;
    if (!settled) std::printf("%s\n", LineOf(command).c_str());
  }
  return {};
}

Status ShowOperation(const QueueOptions& options) {
  OUTPOST_TRY(const auto queue, OpenQueueStore(options));
  const CommandId id(options.id);
  OUTPOST_TRY(const auto command, queue->device->FindCommand(id));
  if (!command) return Error{ErrorCode::kNotFound, "no such operation: " + id.value};
  OUTPOST_TRY(const auto trail, queue->device->Audit(id));
  json::object shown = JsonOf(*command);
  shown["trail"] = TrailOf(trail);
  std::printf("%s\n", ToJson(shown).c_str());
  return {};
}

Status ExportQueue(const QueueOptions& options) {
  OUTPOST_TRY(const auto queue, OpenQueueStore(options));
  OUTPOST_TRY(const auto exported, queue->device->ExportQueue(SystemNow()));
  OUTPOST_CHECK(WriteNew(options.file, exported.text));
  std::printf("%lld operations written to %s; they wait here too\n", static_cast<long long>(exported.commands),
              options.file.c_str());
  return {};
}

Status ImportQueue(const QueueOptions& options) {
  OUTPOST_TRY(const std::string text, Read(options.file));
  OUTPOST_TRY(const auto queue, OpenQueueStore(options));
  OUTPOST_TRY(const auto imported, queue->device->ImportQueue(text, SystemNow()));
  std::printf("%lld operations taken, %lld were here already\n", static_cast<long long>(imported.taken),
              static_cast<long long>(imported.known));
  return {};
}

namespace {

void RegisterSync(CLI::App& queue, std::function<int()>& run) {
  auto options = std::make_shared<SyncOptions>();
  auto seconds = std::make_shared<std::int64_t>(options->patience.count() / 1000);
  CLI::App* sync = queue.add_subcommand("sync", "Send what waits and fetch what is new, once");
  sync->add_option("--data", options->queue.data, "The device's directory")->required();
  sync->add_option("--server", options->server, "Where the server is")->required();
  sync->add_option("--token-file", options->token_file, "A file with the token; else OUTPOST_TOKEN");
  sync->add_option("--patience", *seconds, "Seconds until it gives up")->check(CLI::Range(1, 86'400));
  sync->callback([options, seconds, &run] {
    options->patience = Milliseconds(*seconds * 1000);
    run = [options] { return Told(SyncQueue(*options)); };
  });
}

}  // namespace

void RegisterQueue(CLI::App& app, std::function<int()>& run) {
  auto options = std::make_shared<QueueOptions>();
  CLI::App* queue = app.add_subcommand("queue", "A device's operations that are not settled: see, carry and decide");
  queue->require_subcommand(1);
  const auto add = [&](const char* name, const char* about, Status (*perform)(const QueueOptions&)) {
    CLI::App* command = queue->add_subcommand(name, about);
    command->add_option("--data", options->data, "The device's directory")->required();
    command->callback([options, perform, &run] { run = [options, perform] { return Told(perform(*options)); }; });
    return command;
  };
  const auto about_one = [&](CLI::App* command) {
    return command->add_option("id", options->id, "The operation's id");
  };
  add("list", "One line per operation", ListQueue);
  about_one(add("show", "Everything known of one, as JSON", ShowOperation))->required();
  about_one(add("retry", "Try one again, or everything that was refused or put off", RetryOperation));
  about_one(add("latest", "Try one again, on the version its conflict showed", RetryWithLatest))->required();
  about_one(add("force", "Try one again over whatever others changed", ForceOperation))->required();
  CLI::App* edit = add("edit", "Put another payload in its place", EditOperation);
  about_one(edit)->required();
  edit->add_option("--payload", options->payload, "A file with the new payload, - for standard input; else an editor");
  CLI::App* discard = add("discard", "Give one up, with what depends on it", DiscardOperation);
  about_one(discard)->required();
  discard->add_flag("--plan", options->plan, "Only say what would fall");
  RegisterSync(*queue, run);
  add("export", "Write them to a file, for another device or as a backup", ExportQueue)
      ->add_option("file", options->file, "A file that is not there yet")
      ->required();
  CLI::App* import = add("import", "Take them from a file; each counts once, however often it comes", ImportQueue);
  import->add_option("file", options->file, "Written by export")->required()->check(CLI::ExistingFile);
  import->add_option("--workspace", options->workspace, "Whose an empty store becomes");
  import->add_option("--user", options->user, "Whose an empty store becomes");
}

}  // namespace outpost::cli
