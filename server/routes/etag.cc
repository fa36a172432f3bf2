#include "server/routes/etag.h"

#include "http/list_header.h"

namespace outpost::server {

bool NamesTag(std::string_view header, std::string_view tag) {
  for (std::string_view one : http::ListEntries(header)) {
    if (one.substr(0, 2) == "W/") one.remove_prefix(2);
    if (one == "*" || one == tag) return true;
  }
  return false;
}

}  // namespace outpost::server
