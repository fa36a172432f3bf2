// A story: a file of JSON lines. The first line is the head (what is told, who takes part), every other one a step and
// what must hold after it. What the words mean is in docs/scenarios.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "protocol/json.h"

namespace outpost::scenarios {

struct Step {
  int line = 0;
  json::object what;
};

struct Story {
  std::string title;
  json::object head;
  std::vector<Step> steps;
};

// kInvalidArgument, naming the line.
Result<Story> ReadStory(std::string_view text);

}  // namespace outpost::scenarios
