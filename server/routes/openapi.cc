#include "server/routes/openapi.h"

#include "http/uri.h"
#include "protocol/json.h"

namespace outpost::server {
namespace {

constexpr const char* kProblemReference = "#/components/schemas/Problem";

std::string Lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

json::object Parameter(const std::string& name, const char* where, bool required) {
  return {{"name", name}, {"in", where}, {"required", required}, {"schema", {{"type", "string"}}}};
}

json::array Parameters(const Route& route) {
  json::array parameters;
  const auto segments = http::PathSegments(route.pattern);
  for (const std::string& segment : segments.value()) {
    if (segment.size() > 2 && segment.front() == '{')
      parameters.push_back(Parameter(segment.substr(1, segment.size() - 2), "path", true));
  }
  for (const std::string& name : route.query) parameters.push_back(Parameter(name, "query", false));
  if (!route.command_type.empty()) {
    parameters.push_back(Parameter("Idempotency-Key", "header", false));
    parameters.push_back(Parameter("If-Match", "header", false));
  }
  return parameters;
}

json::object JsonContent(const char* media_type, json::object schema) {
  return {{media_type, json::object{{"schema", std::move(schema)}}}};
}

json::object Answer(const char* description, json::object content) {
  return {{"description", description}, {"content", std::move(content)}};
}

json::object Responses(const Route& route) {
  json::object schema{{"type", "object"}};
  if (route.pattern == "/sync/commands") schema = {{"$ref", "#/components/schemas/PushResponse"}};
  json::object responses{{"200", Answer("Done", JsonContent("application/json", schema))}};
  if (!route.command_type.empty()) responses["201"] = Answer("Created", JsonContent("application/json", schema));
  responses["default"] =
      Answer("A problem (RFC 9457)", JsonContent("application/problem+json", {{"$ref", kProblemReference}}));
  return responses;
}

json::object Operation(const Route& route) {
  json::object operation{{"summary", route.summary}, {"responses", Responses(route)}};
  if (json::array parameters = Parameters(route); !parameters.empty()) operation["parameters"] = std::move(parameters);
  if (!route.command_type.empty()) {
    operation["x-outpost-command"] = route.command_type;
    operation["requestBody"] = {{"content", JsonContent("application/json", {{"type", "object"}})}};
  } else if (route.pattern == "/sync/commands") {
    operation["requestBody"] = {
        {"required", true},
        {"content", JsonContent("application/json", {{"$ref", "#/components/schemas/PushRequest"}})}};
  }
  if (route.entrance == Entrance::kOpen) operation["security"] = json::array{};
  return operation;
}

json::object Object(json::object properties, json::array required) {
  return {{"type", "object"}, {"properties", std::move(properties)}, {"required", std::move(required)}};
}

json::object Schemas() {
  const json::object text{{"type", "string"}};
  const json::object whole{{"type", "integer"}};
  json::object command = Object({{"id", text},
                                 {"n", whole},
                                 {"author", text},
                                 {"type", text},
                                 {"payload", {{"type", "object"}}},
                                 {"key", text},
                                 {"revision", whole},
                                 {"dependsOn", {{"type", "array"}, {"items", text}}}},
                                {"id", "type", "payload"});
  json::object result = Object({{"id", text},
                                {"fingerprint", text},
                                {"status", {{"enum", {"SUCCEEDED", "CONFLICT", "FAILED", "BLOCKED", "RETRY"}}}},
                                {"httpStatus", whole},
                                {"replayed", {{"type", "boolean"}}},
                                {"body", {{"type", "object"}}},
                                {"changes", {{"type", "array"}}}},
                               {"id", "fingerprint", "status", "httpStatus"});
  return {{"Problem", Object({{"type", text}, {"title", text}, {"status", whole}, {"detail", text}, {"code", text}},
                             {"type", "title", "status", "code"})},
          {"PushRequest", Object({{"deviceId", text},
                                  {"incarnation", text},
                                  {"epoch", text},
                                  {"commands", {{"type", "array"}, {"items", std::move(command)}}}},
                                 {"commands"})},
          {"PushResponse", Object({{"epoch", text},
                                   {"head", text},
                                   {"highestN", whole},
                                   {"results", {{"type", "array"}, {"items", std::move(result)}}}},
                                  {"epoch", "results"})}};
}

}  // namespace

std::string OpenApiDocument(const std::vector<const Route*>& routes) {
  json::object paths;
  for (const Route* route : routes) {
    json::value& path = paths[route->pattern];
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
      {"components", {{"schemas", Schemas()}, {"securitySchemes", {{"bearer", std::move(bearer)}}}}}};
  return ToJson(document);
}

}  // namespace outpost::server
