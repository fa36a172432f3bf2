// The OpenAPI 3.1 document, generated from the route table: what is not in the table is not answered, and what is
// answered is in the document.
#pragma once

#include <string>
#include <vector>

#include "server/routes/route.h"

namespace outpost::server {

std::string OpenApiDocument(const std::vector<const Route*>& routes);

}  // namespace outpost::server
