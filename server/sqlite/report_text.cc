#include "server/sqlite/report_text.h"

#include "protocol/json.h"

namespace outpost::server {

std::string ReportToText(const DeviceReport& report) {
  const json::object object{{"waiting", report.waiting},
                            {"oldestCreatedAt", report.oldest_created_at},
                            {"quarantined", report.quarantined},
                            {"clock", report.clock},
                            {"release", report.release}};
  return json::serialize(object);
}

DeviceReport ReportFromText(std::string_view text) {
  DeviceReport report;
  boost::system::error_code error;
  const json::value value = json::parse({text.data(), text.size()}, error);
  if (error || !value.is_object()) return report;
  const json::object& object = value.get_object();
  report.waiting = IntegerOr(object, "waiting", 0);
  report.oldest_created_at = StringOr(object, "oldestCreatedAt");
  report.quarantined = IntegerOr(object, "quarantined", 0);
  report.clock = StringOr(object, "clock");
  report.release = StringOr(object, "release");
  return report;
}

}  // namespace outpost::server
