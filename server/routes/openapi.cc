#include "server/routes/openapi.h"

#include <algorithm>

#include "http/uri.h"
#include "protocol/json.h"
#include "server/routes/openapi_catalog.h"

namespace outpost::server {
namespace {

constexpr const char* kSchemaPrefix = "#/components/schemas/";

std::string Lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

json::object Reference(const std::string& schema) { return {{"$ref", kSchemaPrefix + schema}}; }

json::object Parameter(const std::string& name, const char* where, bool required) {
  return {{"name", name}, {"in", where}, {"required", required}, {"schema", {{"type", "string"}}}};
}

std::vector<std::string> PathParameters(const Route& route) {
  std::vector<std::string> names;
  const auto segments = http::PathSegments(route.pattern);
  for (const std::string& segment : segments.value()) {
    if (segment.size() > 2 && segment.front() == '{')
      names.push_back(segment.substr(1, segment.find_first_of(".}") - 1));
  }
  return names;
}

// OpenAPI has no parameter of several segments: "{path...}" is written as "{path}".
std::string DocumentedPath(const Route& route) {
  std::string path = route.pattern;
  if (const std::size_t rest = path.find("...}"); rest != std::string::npos) path.erase(rest, 3);
  return path;
}

json::array Parameters(const Route& route) {
  json::array parameters;
  for (const std::string& name : PathParameters(route)) parameters.push_back(Parameter(name, "path", true));
  for (const std::string& name : route.query) parameters.push_back(Parameter(name, "query", false));
  if (!route.command_type.empty()) {
    for (const char* name : {"Idempotency-Key", "If-Match", "If-None-Match"})
      parameters.push_back(Parameter(name, "header", false));
  }
  if (route.method == "GET" && route.pattern.ends_with('}'))
    parameters.push_back(Parameter("If-None-Match", "header", false));
  if (route.pattern == "/sync/changes" || route.streams)
    parameters.push_back(Parameter("Outpost-Device", "header", false));
  if (route.streams) parameters.push_back(Parameter("Last-Event-ID", "header", false));
  return parameters;
}

json::object Content(const char* media_type, json::object schema) {
  return {{media_type, json::object{{"schema", std::move(schema)}}}};
}

json::object Answer(const char* description, json::object content) {
  return {{"description", description}, {"content", std::move(content)}};
}

const char* MediaType(const Route& route) {
  if (route.streams) return "text/event-stream";
  if (route.pattern == "/metrics") return "text/plain";
  const bool page = route.pattern == "/" || route.pattern == "/demo/status" || route.pattern.starts_with("/apps/");
  return page ? "text/html" : "application/json";
}

json::object AnswerBody(const Route& route) {
  const std::string name = AnswerSchema(route);
  if (!name.empty()) return Reference(name);
  const std::string_view media_type = MediaType(route);
  return {{"type", media_type == "application/json" ? "object" : "string"}};
}

json::object Responses(const Route& route) {
  json::object responses{{"200", Answer("Done", Content(MediaType(route), AnswerBody(route)))}};
  if (!route.command_type.empty()) {
    responses["201"] = Answer("Created", Content("application/json", AnswerBody(route)));
    responses["412"] =
        Answer("Another version than If-Match names", Content("application/problem+json", Reference("Problem")));
  }
  if (route.method == "GET" && route.pattern.ends_with('}'))
    responses["304"] = {{"description", "As If-None-Match has it"}};
  if (route.streams) responses["101"] = {{"description", "A WebSocket"}};
  responses["default"] = Answer("A problem (RFC 9457)", Content("application/problem+json", Reference("Problem")));
  return responses;
}

// The REST body is the command's payload without what the path names.
json::object BodySchema(const Route& route) {
  json::object schema = PayloadSchema(route.command_type);
  schema["type"] = "object";
  json::array required;
  const std::vector<std::string> in_path = PathParameters(route);
  const auto is_in_path = [&](std::string_view name) {
    return std::find(in_path.begin(), in_path.end(), name) != in_path.end();
  };
  if (const json::value* names = Find(schema, "required")) {
    for (const json::value& name : names->as_array()) {
      if (!is_in_path(name.as_string())) required.push_back(name);
    }
  }
  if (json::value* properties = schema.if_contains("properties")) {
    for (const std::string& name : in_path) properties->as_object().erase(name);
  }
  schema["required"] = std::move(required);
  return schema;
}

json::object Operation(const Route& route) {
  json::object operation{{"summary", route.summary}, {"responses", Responses(route)}};
  if (json::array parameters = Parameters(route); !parameters.empty()) operation["parameters"] = std::move(parameters);
  if (!route.command_type.empty()) {
    operation["x-outpost-command"] = route.command_type;
    operation["requestBody"] = {{"content", Content("application/json", BodySchema(route))}};
  } else if (route.pattern == "/sync/commands") {
    operation["requestBody"] = {{"required", true}, {"content", Content("application/json", Reference("PushRequest"))}};
  }
  if (route.entrance == Entrance::kOpen) operation["security"] = json::array{};
  if (route.entrance == Entrance::kAdmin) operation["x-outpost-role"] = "admin";
  return operation;
}

}  // namespace

std::string OpenApiDocument(const std::vector<const Route*>& routes) {
  json::object paths;
  for (const Route* route : routes) {
    json::value& path = paths[DocumentedPath(*route)];
    if (!path.is_object()) path = json::object();
    path.as_object()[Lower(route->method)] = Operation(*route);
  }
  json::object bearer{{"type", "http"}, {"scheme", "bearer"}, {"bearerFormat", "JWT"}};
  const json::value document{
      {"openapi", "3.1.0"},
      {"info",
       {{"title", "Outpost"}, {"version", "1"}, {"description", "Offline-first sync server, protocol version 1"}}},
      {"security", json::array{json::object{{"bearer", json::array{}}}}},
      {"paths", std::move(paths)},
      {"components", {{"schemas", OpenApiSchemas()}, {"securitySchemes", {{"bearer", std::move(bearer)}}}}}};
  return ToJson(document);
}

}  // namespace outpost::server
