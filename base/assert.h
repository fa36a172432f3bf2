// OUTPOST_ASSERT states what must be true unless the program itself is wrong. It is on in every build and ends the
// process. It is never used on data that came from the wire, from disk or from a person: those get a Result.
#pragma once

namespace outpost {

[[noreturn]] void AssertionFailed(const char* expression, const char* file, int line);

}  // namespace outpost

#define OUTPOST_ASSERT(expression) \
  ((expression) ? static_cast<void>(0) : ::outpost::AssertionFailed(#expression, __FILE__, __LINE__))
