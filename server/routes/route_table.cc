#include "server/routes/route_table.h"

#include <algorithm>

#include "http/uri.h"

namespace outpost::server {
namespace {

constexpr std::string_view kRest = "...}";

bool IsParameter(const std::string& segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

bool TakesRest(const std::vector<std::string>& pattern) { return !pattern.empty() && pattern.back().ends_with(kRest); }

bool Fits(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
  const bool rest = TakesRest(pattern);
  if (rest ? path.size() < pattern.size() : path.size() != pattern.size()) return false;
  return std::equal(pattern.begin(), pattern.end(), path.begin(),
                    [](const auto& p, const auto& s) { return IsParameter(p) ? !s.empty() : p == s; });
}

// The segments from `first` on, as one value.
std::string Rest(const std::vector<std::string>& path, std::size_t first) {
  std::string rest = path[first];
  for (std::size_t i = first + 1; i < path.size(); ++i) rest.append("/").append(path[i]);
  return rest;
}

std::vector<std::pair<std::string, std::string>> Parameters(const std::vector<std::string>& pattern,
                                                            const std::vector<std::string>& path) {
  std::vector<std::pair<std::string, std::string>> found;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const std::string& name = pattern[i];
    if (!IsParameter(name)) continue;
    if (name.ends_with(kRest)) {
      found.emplace_back(name.substr(1, name.size() - 1 - kRest.size()), Rest(path, i));
    } else {
      found.emplace_back(name.substr(1, name.size() - 2), path[i]);
    }
  }
  return found;
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
    match.parameters = Parameters(row.segments, segments.value());
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
