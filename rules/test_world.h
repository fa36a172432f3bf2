// For the tests of the rules: documents in a map, and a command run against them in one line.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "rules/execute.h"

namespace outpost::rules {

// A small world of documents. As a server it holds everything; as a device it holds no internal collection, and not
// the keys it was told to forget.
class TestWorld : public DocumentSource {
 public:
  enum class Side { kServer, kDevice };

  explicit TestWorld(Side side = Side::kServer) : side_(side) {}

  Status Load(std::span<const DocumentKey> keys, std::vector<const StoredDocument*>& found) override;

  // Executes and, if it succeeds, stores what it wrote. `payload` is JSON text.
  Execution Do(std::string_view type, std::string_view payload);
  // The same without storing.
  Execution Try(std::string_view type, std::string_view payload);
  // As Do, asserting success; gives the resource.
  json::object Must(std::string_view type, std::string_view payload);
  // As Try, asserting refusal; gives the code.
  ProblemCode CodeOf(std::string_view type, std::string_view payload);

  void Store(const Execution& execution);
  // Puts a document there as it stands; `body` is JSON text without metadata.
  void Seed(std::string_view collection, std::string_view id, std::string_view body, std::int64_t version = 1);
  void Forget(std::string_view collection, std::string_view id) { Slot(collection, id).holding = Holding::kNotHeld; }

  // The body, or an empty object.
  json::object Get(std::string_view collection, std::string_view id);
  std::vector<json::object> All(std::string_view collection) const;
  std::int64_t VersionOf(std::string_view collection, std::string_view id) {
    return Slot(collection, id).version.value;
  }

  // What the next command runs with.
  Context context{CommandId("01HZZZZZZZZZZZZZZZZZZZZZZZ"), UserId("anna"), Timestamp{1'700'000'000'000}};
  std::vector<std::string> roles = {"staff"};
  std::optional<Version> expected_version;
  bool new_id_per_command = true;  // gives each Do and Try a command id of its own

  int loads = 0;  // calls of Load so far

 private:
  StoredDocument& Slot(std::string_view collection, std::string_view id);

  Side side_;
  int commands_ = 0;
  std::map<DocumentKey, StoredDocument> documents_;
};

json::object Parsed(std::string_view text);
const Executed& Ok(const Execution& execution);
const Refused& No(const Execution& execution);
// The access the execution reports for a document; nullopt when it did not touch it.
std::optional<Access> AccessTo(const Execution& execution, std::string_view collection, std::string_view id);
std::int64_t Number(const json::object& object, std::string_view field);
std::string Text(const json::object& object, std::string_view field);

}  // namespace outpost::rules
