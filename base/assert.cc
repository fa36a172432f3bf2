#include "base/assert.h"

#include <cstdio>
#include <cstdlib>
#include <string>

namespace outpost {

void AssertionFailed(const char* expression, const char* file, int line) {
  const std::string text = std::string(file) + ':' + std::to_string(line) + ": assertion failed: " + expression + '\n';
  std::fputs(text.c_str(), stderr);
  std::fflush(stderr);
  std::abort();
}

}  // namespace outpost
