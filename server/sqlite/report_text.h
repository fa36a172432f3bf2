// A device's report as the column holds it.
#pragma once

#include <string>
#include <string_view>

#include "protocol/push.h"

namespace outpost::server {

std::string ReportToText(const DeviceReport& report);
DeviceReport ReportFromText(std::string_view text);

}  // namespace outpost::server
