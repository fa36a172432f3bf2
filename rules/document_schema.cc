#include "rules/document_schema.h"

#include <algorithm>
#include <array>

#include "rules/apply_writes.h"

namespace outpost::rules {
namespace {

constexpr std::array<std::string_view, 15> kKeywords = {"type",      "properties",  "required", "additionalProperties",
                                                        "enum",      "minimum",     "maximum",  "minLength",
                                                        "maxLength", "items",       "minItems", "maxItems",
                                                        "title",     "description", "$schema"};
constexpr std::array<std::string_view, 7> kTypes = {"object", "array",   "string", "integer",
                                                    "number", "boolean", "null"};
constexpr std::size_t kErrorsMax = 100;

template <std::size_t kSize>
bool Contains(const std::array<std::string_view, kSize>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Error Wrong(std::string message) { return Error{ErrorCode::kInvalidArgument, std::move(message)}; }

Status CheckTypeIsKnown(const json::value& type) {
  if (type.is_string() && Contains(kTypes, type.get_string())) return {};
  if (type.is_array()) {
    for (const json::value& one : type.get_array()) OUTPOST_CHECK(CheckTypeIsKnown(one));
    return {};
  }
  return Wrong("the schema has a type that is not known");
}

bool Is(const json::value& value, std::string_view type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "integer") return IsInteger(value);
  if (type == "number") return value.is_number();
  if (type == "boolean") return value.is_bool();
  return value.is_null();
}

bool IsOfType(const json::value& value, const json::value& type) {
  if (type.is_string()) return Is(value, type.get_string());
  const json::array& types = type.get_array();
  return std::any_of(types.begin(), types.end(), [&](const json::value& one) { return IsOfType(value, one); });
}

double AsNumber(const json::value& value) {
  return IsInteger(value) ? static_cast<double>(AsInteger(value)) : value.is_double() ? value.get_double() : 0;
}

std::size_t CountCharacters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u; }));
}

class Check {
 public:
  explicit Check(std::vector<FieldError>& errors) : errors_(errors) {}

  void Value(const json::object& schema, const json::value& value, const std::string& path) {
    if (const json::value* type = Find(schema, "type"); type != nullptr && !IsOfType(value, *type)) {
      return Fail(path, "must be of type " + (type->is_string() ? std::string(type->get_string()) : ToJson(*type)));
    }
    if (const json::value* choices = Find(schema, "enum"); choices != nullptr && choices->is_array()) {
      const json::array& list = choices->get_array();
      if (std::find(list.begin(), list.end(), value) == list.end()) Fail(path, "must be one of " + ToJson(*choices));
    }
    if (value.is_number()) Range(schema, AsNumber(value), "minimum", "maximum", "", path);
    if (value.is_string()) {
      Range(schema, static_cast<double>(CountCharacters(value.get_string())), "minLength", "maxLength", " characters",
            path);
    }
    if (value.is_array()) Elements(schema, value.get_array(), path);
    if (value.is_object()) Members(schema, value.get_object(), path, false);
  }

  void Members(const json::object& schema, const json::object& object, const std::string& path, bool is_document) {
    const json::value* properties = Find(schema, "properties");
    const json::object empty;
    const json::object& known = properties != nullptr && properties->is_object() ? properties->get_object() : empty;
    if (const json::value* required = Find(schema, "required"); required != nullptr && required->is_array()) {
      for (const json::value& name : required->get_array()) {
        if (name.is_string() && Find(object, name.get_string()) == nullptr) {
          Fail(Below(path, name.get_string()), "is required");
        }
      }
    }
    const json::value* more = Find(schema, "additionalProperties");
    const bool takes_more = more != nullptr ? more->is_bool() && more->get_bool() : properties == nullptr;
    for (const auto& member : object) {
      if (is_document && IsMetadata(member.key())) continue;
      const json::value* wanted = Find(known, member.key());
      if (wanted != nullptr && wanted->is_object()) {
        Value(wanted->get_object(), member.value(), Below(path, member.key()));
      } else if (!takes_more) {
        Fail(Below(path, member.key()), "is not a known field");
      }
    }
  }

 private:
  void Elements(const json::object& schema, const json::array& array, const std::string& path) {
    Range(schema, static_cast<double>(array.size()), "minItems", "maxItems", " entries", path);
    const json::value* items = Find(schema, "items");
    if (items == nullptr || !items->is_object()) return;
    for (std::size_t i = 0; i < array.size(); ++i) {
      Value(items->get_object(), array[i], path + "[" + std::to_string(i) + "]");
    }
  }

  void Range(const json::object& schema, double value, const char* least, const char* most, const char* unit,
             const std::string& path) {
    const json::value* min = Find(schema, least);
    const json::value* max = Find(schema, most);
    if (min != nullptr && value < AsNumber(*min)) Fail(path, "must be at least " + ToJson(*min) + unit);
    if (max != nullptr && value > AsNumber(*max)) Fail(path, "must be at most " + ToJson(*max) + unit);
  }

  static std::string Below(const std::string& path, std::string_view name) {
    return path.empty() ? std::string(name) : path + "." + std::string(name);
  }

  void Fail(const std::string& path, std::string message) {
    if (errors_.size() < kErrorsMax) errors_.push_back({path, std::move(message)});
  }

  std::vector<FieldError>& errors_;
};

}  // namespace

Status CheckSchemaIsKnown(const json::object& schema) {
  for (const auto& member : schema) {
    if (!Contains(kKeywords, member.key()))
      return Wrong("the schema uses " + std::string(member.key()) + ", which is not known");
    if (member.key() == "type") OUTPOST_CHECK(CheckTypeIsKnown(member.value()));
    if (member.key() == "items") {
      if (!member.value().is_object()) return Wrong("items must be a schema");
      OUTPOST_CHECK(CheckSchemaIsKnown(member.value().get_object()));
    }
    if (member.key() != "properties") continue;
    if (!member.value().is_object()) return Wrong("properties must be a table of schemas");
    for (const auto& property : member.value().get_object()) {
      if (!property.value().is_object())
        return Wrong("the property " + std::string(property.key()) + " must be a schema");
      OUTPOST_CHECK(CheckSchemaIsKnown(property.value().get_object()));
    }
  }
  return {};
}

void CheckDocument(const json::object& schema, const json::object& document, const std::string& path,
                   std::vector<FieldError>& errors) {
  if (!schema.empty()) Check(errors).Members(schema, document, path, true);
}

}  // namespace outpost::rules
