// Finds the row of a request: by path first, then by method, so that a known path with another method is 405 with the
// methods there are, and everything else 404. "{name}" stands for one segment, "{name...}" at the end for all that
// follow.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/routes/route.h"

namespace outpost::server {

struct Match {
  const Route* route = nullptr;                                 // null: see allowed
  std::vector<std::pair<std::string, std::string>> parameters;  // by name, decoded
  std::vector<std::string> allowed;                             // methods of the path; empty: no such path
};

class RouteTable {
 public:
  void Add(Route route);
  void Add(std::vector<Route> routes);
  // HEAD finds the row of GET.
  Match Find(std::string_view method, std::string_view path) const;
  // In order of addition.
  std::vector<const Route*> routes() const;

 private:
  struct Row {
    Route route;
    std::vector<std::string> segments;  // of the pattern
  };
  std::vector<Row> rows_;
};

}  // namespace outpost::server
