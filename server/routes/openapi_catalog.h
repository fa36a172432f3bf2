// What the route table does not know of a route: the shape of its answer, the shape of its payload, an example. Written
// as JSON, because that is what it becomes. A route without an entry is described by its table row alone.
#pragma once

#include "protocol/json.h"
#include "server/routes/route.h"

namespace outpost::server {

// components.schemas.
json::object OpenApiSchemas();
// The payload of a command type, its examples included; empty when nothing is written down.
json::object PayloadSchema(const std::string& command_type);
// The name of the schema of a successful answer; empty: any object.
std::string AnswerSchema(const Route& route);

}  // namespace outpost::server
