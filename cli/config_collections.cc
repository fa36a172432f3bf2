#include "cli/config_collections.h"

#include <array>
#include <fstream>
#include <iterator>

namespace outpost::cli {
namespace {

Error Wrong(std::string message) { return Error{ErrorCode::kInvalidArgument, std::move(message)}; }

Result<json::value> ToJsonValue(const toml::node& node) {
  if (const auto* table = node.as_table()) {
    json::object object;
    for (const auto& [key, value] : *table) {
      OUTPOST_TRY(object[std::string(key.str())], ToJsonValue(value));
    }
    return json::value(std::move(object));
  }
  if (const auto* list = node.as_array()) {
    json::array array;
    for (const toml::node& value : *list) {
      OUTPOST_TRY(json::value element, ToJsonValue(value));
      array.push_back(std::move(element));
    }
    return json::value(std::move(array));
  }
  if (const auto text = node.value_exact<std::string>()) return json::value(*text);
  if (const auto number = node.value_exact<std::int64_t>()) return json::value(*number);
  if (const auto number = node.value_exact<double>()) return json::value(*number);
  if (const auto flag = node.value_exact<bool>()) return json::value(*flag);
  return Wrong("a date is no part of a schema");
}

Result<std::string> TextOf(const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) return *text;
  return Wrong("expected a text");
}

Result<std::vector<std::string>> TextsOf(const toml::node& node) {
  std::vector<std::string> texts;
  if (const auto text = node.value_exact<std::string>()) return std::vector<std::string>{*text};
  const auto* list = node.as_array();
  if (list == nullptr) return Wrong("expected a list of texts");
  for (const toml::node& entry : *list) {
    OUTPOST_TRY(std::string text, TextOf(entry));
    texts.push_back(std::move(text));
  }
  return texts;
}

// "text", "integer?" and the like.
Result<json::object> ShortType(std::string_view word) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kWords = {{{"text", "string"},
                                                                                     {"string", "string"},
                                                                                     {"integer", "integer"},
                                                                                     {"number", "number"},
                                                                                     {"boolean", "boolean"},
                                                                                     {"list", "array"},
                                                                                     {"array", "array"},
                                                                                     {"object", "object"},
                                                                                     {"table", "object"},
                                                                                     {"any", ""}}};
  for (const auto& [name, type] : kWords) {
    if (word != name) continue;
    json::object schema;
    if (!type.empty()) schema["type"] = type;
    return schema;
  }
  return Wrong("unknown type \"" + std::string(word) +
               "\"; expected text, integer, number, boolean, list, object or any");
}

// field = "text", field = "integer?": a question mark says it may be left out.
Result<json::object> FromShorthand(const json::object& fields) {
  json::object properties;
  json::array required;
  for (const auto& field : fields) {
    if (field.value().is_object()) {
      properties[field.key()] = field.value();
      continue;
    }
    if (!field.value().is_string())
      return Wrong("field " + std::string(field.key()) + ": expected a type such as \"text\"");
    std::string_view word = field.value().get_string();
    const bool optional = !word.empty() && word.back() == '?';
    if (optional) word.remove_suffix(1);
    OUTPOST_TRY(properties[field.key()], ShortType(word));
    if (!optional) required.emplace_back(field.key());
  }
  return json::object{{"properties", std::move(properties)}, {"required", std::move(required)}};
}

bool IsJsonSchema(const json::object& schema) {
  const json::value* type = Find(schema, "type");
  return schema.contains("properties") || schema.contains("additionalProperties") ||
         (type != nullptr && type->is_string() && type->get_string() == "object");
}

Result<json::object> SchemaOf(const toml::node& node, const std::string& folder) {
  json::value schema;
  if (const auto text = node.value_exact<std::string>()) {
    std::string source = *text;
    if (source.empty() || source.front() != '{') {
      const std::string path = source.empty() || source.front() == '/' ? source : folder + source;
      std::ifstream file(path, std::ios::binary);
      if (!file) return Wrong("cannot read " + path);
      source.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    OUTPOST_TRY(schema, ParseJson(source));
  } else {
    OUTPOST_TRY(schema, ToJsonValue(node));
  }
  if (!schema.is_object()) return Wrong("expected a schema: a table, JSON or the name of a file");
  if (IsJsonSchema(schema.get_object())) return std::move(schema.get_object());
  return FromShorthand(schema.get_object());
}

// A table of state → what may follow, or a list of states that may only be gone through forward.
Result<rules::StateRules> StatesOf(const toml::node& node) {
  rules::StateRules states;
  if (node.is_array()) {
    OUTPOST_TRY(const std::vector<std::string> names, TextsOf(node));
    for (std::size_t i = 0; i < names.size(); ++i) {
      states.next[names[i]] = std::vector<std::string>(names.begin() + static_cast<std::ptrdiff_t>(i) + 1, names.end());
    }
    if (!names.empty()) states.initial = {names.front()};
    return states;
  }
  const toml::table* table = node.as_table();
  if (table == nullptr) return Wrong("expected a table of states");
  std::map<std::string, bool> reached;
  for (const auto& [key, value] : *table) {
    const std::string name(key.str());
    if (name == "field") {
      OUTPOST_TRY(states.field, TextOf(value));
    } else if (name == "initial") {
      OUTPOST_TRY(states.initial, TextsOf(value));
    } else {
      OUTPOST_TRY(states.next[name], TextsOf(value));
      for (const std::string& follower : states.next[name]) reached[follower] = true;
    }
  }
  // Where no first state is named, those are that nothing leads to.
  for (const auto& [state, followers] : states.next) {
    if (states.initial.empty() && !reached[state]) states.initial.push_back(state);
  }
  return states;
}

Status TakeKey(const std::string& key, const toml::node& node, const std::string& folder,
               rules::DeclaredCollection& collection) {
  if (key == "schema") {
    OUTPOST_TRY(collection.schema, SchemaOf(node, folder));
  } else if (key == "strategy") {
    OUTPOST_TRY(const std::string name, TextOf(node));
    OUTPOST_TRY(collection.strategy, rules::StrategyFromName(name));
  } else if (key == "states") {
    OUTPOST_TRY(collection.states, StatesOf(node));
  } else if (key == "scope") {
    OUTPOST_TRY(collection.scope_field, TextOf(node));
  } else if (key == "sensitive") {
    if (const auto flag = node.value_exact<bool>()) {
      collection.sensitive = *flag;
    } else {
      OUTPOST_TRY(collection.sensitive_fields, TextsOf(node));
    }
  } else {
    return Wrong("unknown key; expected schema, strategy, states, scope or sensitive");
  }
  return {};
}

Status At(const std::string& where, const Status& status) {
  if (status.ok()) return status;
  return Error{status.error().code, where + ": " + status.error().message};
}

}  // namespace

Status TakeCollections(const toml::table& declared, const std::string& folder, rules::CollectionCatalog& catalog) {
  for (const auto& [name, node] : declared) {
    const toml::table* table = node.as_table();
    const std::string where = "collections." + std::string(name.str());
    if (table == nullptr) return Wrong(where + ": expected a table");
    rules::DeclaredCollection collection;
    collection.name = std::string(name.str());
    for (const auto& [key, value] : *table) {
      const std::string short_key(key.str());
      OUTPOST_CHECK(At(where + "." + short_key, TakeKey(short_key, value, folder, collection)));
    }
    OUTPOST_CHECK(At(where, catalog.Declare(std::move(collection))));
  }
  return {};
}

}  // namespace outpost::cli
