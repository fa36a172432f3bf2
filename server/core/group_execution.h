// One transaction for a group of submissions: workspaces one after the other, one write set for each, one commit.
#pragma once

#include "server/core/batch.h"

namespace outpost::server {

// The answers in the order of the group, made only after the commit. An Error: nothing of the group happened.
Result<std::vector<SubmissionResult>> ExecuteTogether(Store& store, std::span<const Submission> group,
                                                      const BatchContext& context);

}  // namespace outpost::server
