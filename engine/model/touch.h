// A touch: one command's declared or met access to one document. Edges between commands come from touches, never from
// scanning payloads. Kept with the command, rewritten at each rerun of its rule.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "protocol/ids.h"
#include "rules/execute.h"

namespace outpost::engine {

struct Touch {
  DocumentKey key;
  rules::Access access = rules::Access::kUpdates;
  // Not empty: the command only adds to the document and never looked at it; what it adds, as EncodeSum wrote it.
  std::string sum;

  bool is_sum() const { return !sum.empty(); }
  bool writes() const { return access != rules::Access::kReads; }
  friend bool operator==(const Touch& a, const Touch& b) {
    return a.access == b.access && a.key == b.key && a.sum == b.sum;
  }
};

std::string EncodeSum(const rules::Add& add);
// kCorrupt when EncodeSum did not write it.
Result<rules::Add> DecodeSum(std::string_view text);

// What an execution met, with what it added where it only added.
std::vector<Touch> TouchesOf(rules::Execution& execution);

// One text for the command's row. Ids cannot hold the separators (control characters).
std::string EncodeTouches(const std::vector<Touch>& touches);
// kCorrupt when the text was not written by EncodeTouches.
Result<std::vector<Touch>> DecodeTouches(std::string_view text);

}  // namespace outpost::engine
