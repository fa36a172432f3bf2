#include "scenarios/player.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "scenarios/stage.h"

namespace outpost::scenarios {
namespace {

Status Play(const Story& story, Played& played) {
  Stage stage;
  auto held = stage.Begin(story.head);
  int line = 1;
  for (const Step& step : story.steps) {
    if (!held.ok()) break;
    line = step.line;
    held = stage.Play(step);
  }
  if (held.ok()) held = stage.End();
  played.counters = stage.counters();
  if (held.ok()) return {};
  return Error{held.error().code, "line " + std::to_string(line) + ": " + held.error().message};
}

}  // namespace

Played PlayText(const std::string& file, const std::string& text) {
  Played played;
  played.file = file;
  const auto story = ReadStory(text);
  if (!story.ok()) {
    played.broken = story.error().message;
    return played;
  }
  played.title = story.value().title;
  const auto held = Play(story.value(), played);
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

Played PlayFile(const std::string& path) {
  std::ifstream in(path);
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  return PlayText(std::filesystem::path(path).filename().string(), text);
}

}  // namespace outpost::scenarios
