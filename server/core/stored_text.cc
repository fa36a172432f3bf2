#include "server/core/stored_text.h"

#include "base/ulid.h"
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

std::string PairsToText(const LocalIdPairs& pairs) {
  std::string text = "[";
  for (const auto& [local, id] : pairs) {
    text += text.size() > 1 ? ",[" : "[";
    AppendJsonString(text, local);
    text += ',';
    AppendJsonString(text, id);
    text += ']';
  }
  return text + "]";
}

LocalIdPairs PairsFromText(std::string_view text) {
  LocalIdPairs pairs;
  if (text.empty()) return pairs;
  boost::system::error_code error;
  const json::value value = json::parse({text.data(), text.size()}, error);
  if (error || !value.is_array()) return pairs;
  for (const json::value& pair : value.get_array()) {
    pairs.emplace_back(pair.at(0).as_string().c_str(), pair.at(1).as_string().c_str());
  }
  return pairs;
}

std::string RolesToText(const Roles& roles) {
  json::array list;
  for (const std::string& role : roles) list.emplace_back(role);
  return json::serialize(list);
}

Roles RolesFromText(std::string_view text) {
  Roles roles;
  boost::system::error_code error;
  const json::value value = json::parse({text.data(), text.size()}, error);
  if (error || !value.is_array()) return roles;
  for (const json::value& role : value.get_array()) {
    if (role.is_string()) roles.emplace_back(std::string_view(role.get_string()));
  }
  return roles;
}

std::string MakeEpoch(Random& random) {
  std::string epoch;
  epoch.push_back(kCrockfordAlphabet[random.Below(8)]);
  while (epoch.size() < kUlidLength) epoch.push_back(kCrockfordAlphabet[random.Below(32)]);
  return epoch;
}

}  // namespace outpost::server
