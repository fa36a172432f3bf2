#include "cli/queue.h"

#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include "cli/environment.h"
#include "engine/device/device.h"

namespace outpost::cli {
namespace {

struct OpenQueue {
  Random random{Entropy()};
  std::unique_ptr<engine::Device> device;
};

Result<std::unique_ptr<OpenQueue>> Open(const QueueOptions& options) {
  engine::DeviceOptions device;
  device.store.path = (std::filesystem::path(options.data) / "outpost.db").string();
  device.as_it_is = true;
  const bool exists = std::filesystem::exists(device.store.path);
  if (!exists && options.workspace.empty()) {
    return Error{ErrorCode::kNotFound, "there is no store " + device.store.path};
  }
  const auto owner = exists ? engine::Device::OwnerOf(device.store) : Result<engine::StoreOwner>(engine::StoreOwner{});
  const bool empty = !exists || (!owner.ok() && owner.error().code == ErrorCode::kNotFound);
  if (!owner.ok() && !empty) return owner.error();
  if (empty && (options.workspace.empty() || options.user.empty())) {
    return Error{ErrorCode::kInvalidArgument, "the store is empty: say whose it is to be, --workspace and --user"};
  }
  device.workspace = empty ? WorkspaceId(options.workspace) : owner.value().workspace;
  device.user = empty ? UserId(options.user) : owner.value().user;
  if (device.user.value.empty()) device.sharing = engine::Sharing::kTerminal;
  auto open = std::make_unique<OpenQueue>();
  OUTPOST_TRY(open->device, engine::Device::Open(std::move(device), SystemNow(), open->random));
  return open;
}

std::string Text(const engine::CommandRecord& command) {
  std::string line = std::string(engine::Name(command.status)) + "\t" + command.id.value + "\t" + command.type + "\t" +
                     command.author.value + "\t" + ToRfc3339(command.created_at);
  const auto problem = ParseJson(command.problem);
  if (!problem.ok() || !problem.value().is_object()) return line;
  const json::object& object = problem.value().get_object();
  return line + "\t" + std::string(StringOr(object, "code")) + " " + std::string(StringOr(object, "detail"));
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
  OUTPOST_TRY(const auto queue, Open(options));
  OUTPOST_TRY(const auto commands, queue->device->Queue());
  for (const engine::CommandRecord& command : commands) {
    const bool settled =
        command.status == engine::CommandStatus::kSucceeded || command.status == engine::CommandStatus::kDiscarded;
    if (!settled) std::printf("%s\n", Text(command).c_str());
  }
  return {};
}

Status ExportQueue(const QueueOptions& options) {
  OUTPOST_TRY(const auto queue, Open(options));
  OUTPOST_TRY(const auto exported, queue->device->ExportQueue(SystemNow()));
  OUTPOST_CHECK(WriteNew(options.file, exported.text));
  std::printf("%lld operations written to %s; they wait here too\n", static_cast<long long>(exported.commands),
              options.file.c_str());
  return {};
}

Status ImportQueue(const QueueOptions& options) {
  OUTPOST_TRY(const std::string text, Read(options.file));
  OUTPOST_TRY(const auto queue, Open(options));
  OUTPOST_TRY(const auto imported, queue->device->ImportQueue(text, SystemNow()));
  std::printf("%lld operations taken, %lld were here already\n", static_cast<long long>(imported.taken),
              static_cast<long long>(imported.known));
  return {};
}

void RegisterQueue(CLI::App& app, std::function<int()>& run) {
  auto options = std::make_shared<QueueOptions>();
  CLI::App* queue = app.add_subcommand("queue", "A device's operations that are not settled: see and carry them");
  queue->require_subcommand(1);
  const auto add = [&](const char* name, const char* about, Status (*perform)(const QueueOptions&)) {
    CLI::App* command = queue->add_subcommand(name, about);
    command->add_option("--data", options->data, "The device's directory")->required();
    command->callback([options, perform, &run] { run = [options, perform] { return Told(perform(*options)); }; });
    return command;
  };
  add("list", "One line per operation", ListQueue);
  add("export", "Write them to a file, for another device or as a backup", ExportQueue)
      ->add_option("file", options->file, "A file that is not there yet")
      ->required();
  CLI::App* import = add("import", "Take them from a file; each counts once, however often it comes", ImportQueue);
  import->add_option("file", options->file, "Written by export")->required()->check(CLI::ExistingFile);
  import->add_option("--workspace", options->workspace, "Whose an empty store becomes");
  import->add_option("--user", options->user, "Whose an empty store becomes");
}

}  // namespace outpost::cli
