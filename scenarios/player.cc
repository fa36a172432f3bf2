#include "scenarios/player.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "scenarios/stage.h"

namespace outpost::scenarios {
namespace {

Status Play(const Story& story, const sim::ServerNode::OpenStore& open_store, Played& played) {
  Stage stage(1, open_store);
  auto held = stage.Begin(story.head);
  int line = 1;
  for (const Step& step : story.steps) {
    if (!held.ok()) break;
    line = step.line;
    held = stage.Play(step);
  }
  if (held.ok()) held = stage.End();
  played.counters = stage.counters();
  played.digest = stage.digest();
  if (held.ok()) return {};
  return Error{held.error().code, "line " + std::to_string(line) + ": " + held.error().message};
}

constexpr std::uint64_t kSurvivals = 3;
constexpr std::uint64_t kOperationsMax = 2'000;

std::string TextOf(const std::string& path) {
  std::ifstream in(path);
  return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
}

// True: the power went at that operation. False: the step has fewer.
Result<bool> PlayCrash(const Story& story, std::uint64_t operation, std::uint64_t seed) {
  Stage stage(seed);
  bool crashed = false;
  OUTPOST_CHECK(stage.Begin(story.head));
  for (const Step& step : story.steps) {
    if (step.what.contains("crashEverywhere")) {
      OUTPOST_TRY(crashed, stage.PlayWithCrash(step, operation));
      if (!crashed) return false;
    } else {
      OUTPOST_CHECK(stage.Play(step));
    }
  }
  OUTPOST_CHECK(stage.End());
  return crashed;
}

}  // namespace

Played PlayFileWithCrashes(const std::string& path, int& crashes) {
  return PlayTextWithCrashes(std::filesystem::path(path).filename().string(), TextOf(path), crashes);
}

Played PlayTextWithCrashes(const std::string& file, const std::string& text, int& crashes) {
  Played played;
  played.file = file;
  const auto story = ReadStory(text);
  if (!story.ok()) {
    played.broken = story.error().message;
    return played;
  }
  played.title = story.value().title;
  for (std::uint64_t seed = 1; seed <= kSurvivals; ++seed) {
    for (std::uint64_t operation = 1; operation <= kOperationsMax; ++operation) {
      const auto crashed = PlayCrash(story.value(), operation, seed);
      if (!crashed.ok()) {
        played.broken = "crash at operation " + std::to_string(operation) + ", disk " + std::to_string(seed) + ": " +
                        crashed.error().message;
        return played;
      }
      if (!crashed.value()) break;
      ++crashes;
    }
  }
  return played;
}

Played PlayText(const std::string& file, const std::string& text, const sim::ServerNode::OpenStore& open_store) {
  Played played;
  played.file = file;
  const auto story = ReadStory(text);
  if (!story.ok()) {
    played.broken = story.error().message;
    return played;
  }
  played.title = story.value().title;
  const auto held = Play(story.value(), open_store, played);
  if (!held.ok()) played.broken = held.error().message;
  return played;
}

Result<std::vector<std::string>> StoryFiles(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".jsonl") files.push_back(entry.path().string());
  }
  if (error) return Error{ErrorCode::kNotFound, folder + ": " + error.message()};
  std::sort(files.begin(), files.end());
  return files;
}

Played PlayFile(const std::string& path, const sim::ServerNode::OpenStore& open_store) {
  const std::string text = TextOf(path);
  return PlayText(std::filesystem::path(path).filename().string(), text, open_store);
}

std::string ReportOf(const Played& played) {
  std::string report = played.file + ": " + (played.broken.empty() ? "holds" : played.broken) + "\n";
  report += "  wire " + played.digest + "\n";
  for (const auto& [name, count] : played.counters.all()) report += "  " + name + " " + std::to_string(count) + "\n";
  return report;
}

}  // namespace outpost::scenarios
