// Writes one JSON object, member after member, into a text. Empty texts, absent values and false are left out only
// where the name of the method says so.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "protocol/ids.h"
#include "protocol/json.h"

namespace outpost::wasm {

class JsonFields {
 public:
  explicit JsonFields(std::string& out) : out_(out) { out_ += '{'; }
  ~JsonFields() { out_ += '}'; }
  JsonFields(const JsonFields&) = delete;
  JsonFields& operator=(const JsonFields&) = delete;

  // Begins a member; whoever calls writes its value.
  std::string& Value(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    AppendJsonString(out_, name);
    out_ += ':';
    return out_;
  }
  void Text(std::string_view name, std::string_view text) { AppendJsonString(Value(name), text); }
  void TextUnlessEmpty(std::string_view name, std::string_view text) {
    if (!text.empty()) Text(name, text);
  }
  void Number(std::string_view name, std::int64_t number) { Value(name) += std::to_string(number); }
  void Flag(std::string_view name, bool flag) { Value(name) += flag ? "true" : "false"; }
  void Instant(std::string_view name, Timestamp at) { Text(name, ToRfc3339(at)); }
  void InstantIfAny(std::string_view name, const std::optional<Timestamp>& at) {
    if (at) Instant(name, *at);
  }
  // JSON text, as it stands.
  void Splice(std::string_view name, std::string_view json) { Value(name) += json; }
  void SpliceUnlessEmpty(std::string_view name, std::string_view json) {
    if (!json.empty()) Splice(name, json);
  }
  void Key(std::string_view name, const DocumentKey& key) {
    JsonFields fields(Value(name));
    fields.Text("collection", key.collection.value);
    fields.Text("id", key.id.value);
  }

 private:
  std::string& out_;
  bool first_ = true;
};

}  // namespace outpost::wasm
