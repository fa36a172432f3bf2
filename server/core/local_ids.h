// Temporary ids ("local_" + ULID) that a device made while it was offline. The command that creates the document under
// one gives it the server's id, which is the command's own; every later command of that device may name either.
#pragma once

#include "server/core/prepared_command.h"
#include "server/core/working_set.h"

namespace outpost::server {

// The local ids a payload names in its declared fields.
std::vector<std::string> LocalIdsOf(const PreparedCommand& prepared);

// Puts server ids in the place of local ones, in the batch's order, and adds the edges from makers to users. Without a
// device only makers of the same batch are known.
Status ResolveLocalIds(std::span<PreparedCommand> batch, const std::optional<DeviceId>& device, WorkingSet& working);

}  // namespace outpost::server
