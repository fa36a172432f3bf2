#include "server/routes/route_table.h"

#include <algorithm>

#include "http/uri.h"

namespace outpost::server {
namespace {

bool IsParameter(const std::string& segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

bool Fits(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
  return pattern.size() == path.size() &&
         std::equal(pattern.begin(), pattern.end(), path.begin(),
                    [](const auto& p, const auto& s) { return IsParameter(p) ? !s.empty() : p == s; });
}

}  // namespace

void RouteTable::Add(Route route) {
  auto segments = http::PathSegments(route.pattern);
  OUTPOST_ASSERT(segments.ok());
  rows_.push_back(Row{std::move(route), std::move(segments).value()});
}

void RouteTable::Add(std::vector<Route> routes) {
  for (Route& route : routes) Add(std::move(route));
}

Match RouteTable::Find(std::string_view method, std::string_view path) const {
  Match match;
  const auto segments = http::PathSegments(path);
  if (!segments.ok()) return match;
  const std::string_view wanted = method == "HEAD" ? std::string_view("GET") : method;
  for (const Row& row : rows_) {
    if (!Fits(row.segments, segments.value())) continue;
    match.allowed.push_back(row.route.method);
    if (row.route.method != wanted) continue;
    match.route = &row.route;
    for (std::size_t i = 0; i < row.segments.size(); ++i) {
      const std::string& name = row.segments[i];
      if (IsParameter(name)) match.parameters.emplace_back(name.substr(1, name.size() - 2), segments.value()[i]);
    }
    return match;
  }
  return match;
}

std::vector<const Route*> RouteTable::routes() const {
  std::vector<const Route*> out;
  for (const Row& row : rows_) out.push_back(&row.route);
  return out;
}

}  // namespace outpost::server
