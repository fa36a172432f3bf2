// Small values as a store's columns hold them, and the identity of a new store: what every Store writes the same way.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "protocol/push.h"
#include "server/core/rights.h"

namespace outpost::server {

std::string ReportToText(const DeviceReport& report);
DeviceReport ReportFromText(std::string_view text);

// [["local_…","…"],…]
using LocalIdPairs = std::vector<std::pair<std::string, std::string>>;
std::string PairsToText(const LocalIdPairs& pairs);
LocalIdPairs PairsFromText(std::string_view text);

// ["staff",…]
std::string RolesToText(const Roles& roles);
Roles RolesFromText(std::string_view text);

// 26 characters in the manner of a ULID.
std::string MakeEpoch(Random& random);

}  // namespace outpost::server
