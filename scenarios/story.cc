#include "scenarios/story.h"

namespace outpost::scenarios {

Result<Story> ReadStory(std::string_view text) {
  Story story;
  int number = 0;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    // Comments and empty lines, for whoever reads the file.
    if (line.empty() || line.starts_with("//")) continue;
    auto parsed = ParseJson(line);
    const std::string where = "line " + std::to_string(number) + ": ";
    if (!parsed.ok()) return Error{ErrorCode::kInvalidArgument, where + parsed.error().message};
    if (!parsed.value().is_object()) return Error{ErrorCode::kInvalidArgument, where + "not an object"};
    json::object object = std::move(parsed.value().get_object());
    if (!story.title.empty()) {
      story.steps.push_back({number, std::move(object)});
      continue;
    }
    story.title = StringOr(object, "story");
    if (story.title.empty()) return Error{ErrorCode::kInvalidArgument, where + "a story begins with its title"};
    story.head = std::move(object);
  }
  if (story.steps.empty()) return Error{ErrorCode::kInvalidArgument, "a story without a step"};
  return story;
}

}  // namespace outpost::scenarios
