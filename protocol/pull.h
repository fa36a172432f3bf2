// GET /sync/changes, both directions: a page of documents at their latest sequence, ending on a commit boundary.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocol/push.h"

namespace outpost {

inline constexpr int kPageLimitDefault = 1000;
inline constexpr int kPageLimitMax = 10000;

// A command of the asking device whose effect lies in this page's range: the device must stop applying it itself.
struct OwnCommand {
  CommandId id;
  Sequence seq;
  std::string fingerprint;  // hexadecimal
};

struct ChangesPage {
  Epoch epoch;
  std::vector<Change> changes;
  Cursor cursor;
  bool more = false;
  std::vector<OwnCommand> own;
};

std::string ToJson(const ChangesPage& page);
Result<ChangesPage> ChangesPageFromJson(std::string_view text);

// One line per change, a last line {"epoch","cursor","more","own"} (application/x-ndjson).
std::string ToNdjson(const ChangesPage& page);
// kInvalidArgument on a truncated page: no last line, or a broken one.
Result<ChangesPage> ChangesPageFromNdjson(std::string_view text);

}  // namespace outpost
