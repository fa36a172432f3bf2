#include "tests/blackbox/schema_check.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "http/raw_client.h"
#include "http/uri.h"

namespace outpost::blackbox {
namespace {

bool IsOfType(const json::value& value, std::string_view type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "integer") return IsInteger(value);
  if (type == "number") return value.is_number();
  if (type == "boolean") return value.is_bool();
  return value.is_null();
}

bool IsOfOneType(const json::value& value, const json::value& type) {
  if (type.is_string()) return IsOfType(value, type.as_string());
  const json::array& types = type.as_array();
  return std::any_of(types.begin(), types.end(),
                     [&](const json::value& one) { return IsOfType(value, one.as_string()); });
}

const json::object& Resolve(const json::value& document, std::string_view reference) {
  const std::string_view name = reference.substr(reference.rfind('/') + 1);
  return document.at("components").at("schemas").at(name).as_object();
}

std::string OfObject(const json::value& document, const json::object& schema, const json::object& value,
                     const std::string& path) {
  if (const json::value* required = Find(schema, "required")) {
    for (const json::value& name : required->as_array()) {
      if (Find(value, name.as_string()) == nullptr) return path + "." + std::string(name.as_string()) + " is missing";
    }
  }
  const json::value* properties = Find(schema, "properties");
  if (properties == nullptr) return "";
  for (const auto& property : properties->as_object()) {
    const json::value* member = Find(value, property.key());
    if (member == nullptr) continue;
    const std::string wrong =
        Mismatch(document, property.value().as_object(), *member, path + "." + std::string(property.key()));
    if (!wrong.empty()) return wrong;
  }
  return "";
}

// The pattern of the document that fits; exact segments win over parameters.
const json::object* FindPath(const json::value& document, const std::string& path) {
  const auto segments = http::PathSegments(path.substr(0, path.find('?')));
  if (!segments.ok()) return nullptr;
  const json::object* best = nullptr;
  std::size_t best_exact = 0;
  for (const auto& entry : document.at("paths").as_object()) {
    const auto pattern = http::PathSegments(entry.key()).value();
    if (pattern.size() != segments.value().size()) continue;
    std::size_t exact = 1;
    bool fits = true;
    for (std::size_t i = 0; i < pattern.size() && fits; ++i) {
      const bool same = pattern[i] == segments.value()[i];
      fits = same || pattern[i].front() == '{';
      exact += same ? 1 : 0;
    }
    if (fits && exact > best_exact) {
      best = &entry.value().as_object();
      best_exact = exact;
    }
  }
  return best;
}

std::string CheckProblem(const json::value& document, const Answer& answer) {
  if (answer.headers.Get("Content-Type") != "application/problem+json") return "an error that is no problem document";
  return Mismatch(document, Resolve(document, "Problem"), answer.body);
}

}  // namespace

std::string Mismatch(const json::value& document, const json::object& schema, const json::value& value,
                     const std::string& path) {
  if (const json::value* reference = Find(schema, "$ref")) {
    return Mismatch(document, Resolve(document, reference->as_string()), value, path);
  }
  if (const json::value* all = Find(schema, "allOf")) {
    for (const json::value& one : all->as_array()) {
      if (std::string wrong = Mismatch(document, one.as_object(), value, path); !wrong.empty()) return wrong;
    }
  }
  if (const json::value* any = Find(schema, "anyOf")) {
    const json::array& choices = any->as_array();
    const bool fits = std::any_of(choices.begin(), choices.end(), [&](const json::value& one) {
      return Mismatch(document, one.as_object(), value, path).empty();
    });
    if (!fits) return path + " fits none of its choices";
  }
  if (const json::value* type = Find(schema, "type"); type != nullptr && !IsOfOneType(value, *type)) {
    return path + " is not of type " + json::serialize(*type);
  }
  if (const json::value* choices = Find(schema, "enum")) {
    const json::array& list = choices->as_array();
    if (std::find(list.begin(), list.end(), value) == list.end())
      return path + " is none of " + json::serialize(*choices);
  }
  const json::value* items = Find(schema, "items");
  if (items != nullptr && value.is_array()) {
    for (std::size_t i = 0; i < value.as_array().size(); ++i) {
      const std::string at = path + "[" + std::to_string(i) + "]";
      if (std::string wrong = Mismatch(document, items->as_object(), value.as_array()[i], at); !wrong.empty())
        return wrong;
    }
  }
  return value.is_object() ? OfObject(document, schema, value.as_object(), path) : "";
}

const json::value& DocumentOf(std::uint16_t port) {
  static std::mutex mutex;
  static std::map<std::uint16_t, json::value> documents;
  const std::lock_guard lock(mutex);
  const auto [found, inserted] = documents.try_emplace(port);
  if (!inserted) return found->second;
  http::RawClient connection(port);
  connection.Send("GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
  const auto response = connection.Read();
  boost::system::error_code broken;
  if (response && response->status == 200) found->second = json::parse(response->body, broken);
  return found->second;
}

std::string CheckAnswer(const json::value& document, const std::string& method, const std::string& path,
                        const Answer& answer) {
  if (document.is_null() || answer.status == 0 || method == "HEAD" || method == "OPTIONS") return "";
  const json::object* at = FindPath(document, path);
  if (at == nullptr)
    return answer.status >= 400 ? CheckProblem(document, answer) : "a path that is not in the document";
  std::string name = method;
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const json::value* operation = at->if_contains(name);
  if (operation == nullptr)
    return answer.status >= 400 ? CheckProblem(document, answer) : "a method that is not in the document";
  if (answer.status >= 400) return CheckProblem(document, answer);
  const json::value* described = operation->at("responses").as_object().if_contains(std::to_string(answer.status));
  if (described == nullptr) return "a status that is not in the document";
  const json::value* content = described->as_object().if_contains("content");
  if (content == nullptr) return answer.text.empty() ? "" : "a body where the document has none";
  const std::string media_type(
      answer.headers.Get("Content-Type").substr(0, answer.headers.Get("Content-Type").find(';')));
  if (media_type == "application/x-ndjson") return "";
  const json::value* body = content->as_object().if_contains(media_type);
  if (body == nullptr) return "content of type " + media_type + ", which is not in the document";
  if (media_type != "application/json" || answer.headers.Find("Content-Encoding") != nullptr) return "";
  return Mismatch(document, body->at("schema").as_object(), answer.body);
}

}  // namespace outpost::blackbox
