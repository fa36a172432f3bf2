// One transaction for a group of submissions: workspaces one after the other, one write set for each, one commit.
#pragma once

#include "server/core/batch.h"
#include "server/core/touched.h"

namespace outpost::server {

struct GroupResult {
  std::vector<SubmissionResult> answers;  // in the order of the group
  std::vector<Touched> touched;           // of each workspace in which something changed
};

// Made only after the commit. An Error: nothing of the group happened.
Result<GroupResult> ExecuteTogether(Store& store, std::span<const Submission> group, const BatchContext& context);

}  // namespace outpost::server
