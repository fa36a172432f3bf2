#include <gtest/gtest.h>

#include "protocol/push.h"

namespace outpost {
namespace {

CommandResult Success() {
  CommandResult result;
  result.id = CommandId("c1");
  result.fingerprint = "ab12";
  result.status = WireStatus::kSucceeded;
  result.http_status = 201;
  result.seq = Sequence(42);
  result.body = R"({"id":"o1","version":1})";
  result.changes = {{Sequence(42), {CollectionName("orders"), DocumentId("o1")}, Version(1), R"({"id":"o1"})", ""},
                    {Sequence(42), {CollectionName("tickets"), DocumentId("t1")}, Version(2), "", "deleted"}};
  result.ids = {{"local_b", "o1"}, {"local_a", "l1"}};
  return result;
}

CommandResult Refusal(WireStatus status, int http_status, Problem problem) {
  CommandResult result;
  result.id = CommandId("c2");
  result.fingerprint = "cd34";
  result.status = status;
  result.http_status = http_status;
  result.problem = std::move(problem);
  return result;
}

std::string ToText(CommandResult result) {
  PushResponse response{.epoch = Epoch("e")};
  response.results.push_back(std::move(result));
  return ToJson(response);
}

json::object Written(CommandResult result) {
  return ParseJson(ToText(std::move(result))).value().at("results").at(0).as_object();
}

TEST(PushResponse, WritesASuccessAsTheProtocolShowsIt) {
  PushResponse response{.epoch = Epoch("e1"), .head = Cursor("cur"), .highest_n = CommandNumber(17)};
  response.results = {Success()};
  EXPECT_EQ(
      ToJson(response),
      R"({"epoch":"e1","head":"cur","highestN":17,"results":[{"id":"c1","fingerprint":"ab12","status":"SUCCEEDED",)"
      R"("httpStatus":201,"replayed":false,"seq":42,"body":{"id":"o1","version":1},"changes":[)"
      R"({"seq":42,"collection":"orders","id":"o1","version":1,"doc":{"id":"o1"}},)"
      R"({"seq":42,"collection":"tickets","id":"t1","version":2,"doc":null,"reason":"deleted"}],)"
      R"("ids":{"local_b":"o1","local_a":"l1"}}]})");
}

TEST(PushResponse, ANoOpHasNoSequenceAndNoChanges) {
  CommandResult result = Success();
  result.seq.reset();
  result.changes.clear();
  result.ids.clear();
  const json::object written = Written(result);
  EXPECT_TRUE(written.at("seq").is_null());
  EXPECT_TRUE(written.at("changes").as_array().empty());
  EXPECT_TRUE(written.at("ids").as_object().empty());
  EXPECT_EQ(Find(written, "redacted"), nullptr);
}

TEST(PushResponse, AConflictShowsItsStateAtTheTopToo) {
  Problem problem{.code = ProblemCode::kVersionConflict};
  problem.extra["currentState"] = {{"id", "o1"}};
  problem.extra["currentVersion"] = 5;
  problem.extra["diff"] = json::array{};
  const json::object written = Written(Refusal(WireStatus::kConflict, 409, problem));
  EXPECT_EQ(StringOr(written, "code"), "VERSION_CONFLICT");
  EXPECT_EQ(StringOr(written, "conflictType"), "VERSION_CONFLICT");
  EXPECT_EQ(IntegerOr(written, "currentVersion", 0), 5);
  EXPECT_EQ(written.at("currentState"), problem.extra.at("currentState"));
  EXPECT_TRUE(written.at("diff").is_array());
  EXPECT_EQ(IntegerOr(written.at("problem").as_object(), "currentVersion", 0), 5);
  EXPECT_EQ(Find(written, "body"), nullptr);
  EXPECT_EQ(Find(written, "retryAfterMs"), nullptr);
}

TEST(PushResponse, EveryOtherStatusCarriesItsOwnMember) {
  Problem blocked{.code = ProblemCode::kDependencyFailed};
  blocked.extra["blockedBy"] = json::array{"c1"};
  EXPECT_EQ(Written(Refusal(WireStatus::kBlocked, 424, blocked)).at("blockedBy"), blocked.extra.at("blockedBy"));
  CommandResult retry = Refusal(WireStatus::kRetry, 503, {.code = ProblemCode::kUnavailable});
  retry.retry_after_ms = 1500;
  EXPECT_EQ(IntegerOr(Written(retry), "retryAfterMs", 0), 1500);
  EXPECT_EQ(StringOr(Written(retry), "code"), "UNAVAILABLE");
  const json::object failed = Written(
      Refusal(WireStatus::kFailed, 422, {.code = ProblemCode::kValidationFailed, .errors = {{"items", "required"}}}));
  EXPECT_EQ(StringOr(failed, "code"), "VALIDATION_FAILED");
  EXPECT_EQ(failed.at("problem").at("errors").at(0).at("field"), "items");
  EXPECT_EQ(Find(failed, "conflictType"), nullptr);
}

TEST(PushResponse, ReadsBackWhatItWrote) {
  PushResponse response{.epoch = Epoch("e\"1"), .head = Cursor("cur"), .highest_n = CommandNumber(17)};
  CommandResult redacted = Success();
  redacted.redacted = true;
  redacted.replayed = true;
  redacted.body.clear();
  redacted.changes.clear();
  Problem conflict{.code = ProblemCode::kAlreadyExists, .detail = "taken"};
  conflict.extra["currentState"] = {{"id", "o1"}};
  CommandResult retry = Refusal(WireStatus::kRetry, 429, {.code = ProblemCode::kRateLimited});
  retry.retry_after_ms = 250;
  response.results = {Success(), redacted, Refusal(WireStatus::kConflict, 409, conflict), retry};
  const std::string text = ToJson(response);
  const auto read = PushResponseFromJson(text);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(ToJson(read.value()), text);
  EXPECT_EQ(read.value().results[2].problem->code, ProblemCode::kAlreadyExists);
  EXPECT_EQ(read.value().results[2].problem->extra, conflict.extra);
  EXPECT_TRUE(read.value().results[1].redacted);
}

TEST(PushResponse, ReadsAResponseOfAnotherShapeAndSpacing) {
  const auto read = PushResponseFromJson(R"( { "results" : [ { "httpStatus":200.0, "status":"SUCCEEDED",
      "changes":[ {"doc": {"b":1,
        "a":[ ]} ,"version":1,"id":"x","collection":"orders","seq":7} ],
      "fingerprint":"f", "id":"c" , "body" : {"k":"v"} } ], "epoch":"e" } )");
  ASSERT_TRUE(read.ok()) << read.error().message;
  const CommandResult& result = read.value().results.at(0);
  EXPECT_EQ(result.body, R"({"k":"v"})");
  EXPECT_EQ(result.changes.at(0).doc, R"({"b":1,"a":[]})");  // a stored document is one line
  EXPECT_FALSE(result.seq.has_value());
}

TEST(PushResponse, ARefusalWithoutADocumentIsKnownByItsCodeOrStatus) {
  const auto code_of = [](const std::string& members) {
    const auto read = PushResponseFromJson(R"({"epoch":"e","results":[{"id":"c","fingerprint":"f","httpStatus":409,)" +
                                           members + "}]}");
    return read.value().results.at(0).problem->code;
  };
  EXPECT_EQ(code_of(R"("status":"FAILED","code":"ONLINE_ONLY")"), ProblemCode::kOnlineOnly);
  EXPECT_EQ(code_of(R"("status":"CONFLICT")"), ProblemCode::kVersionConflict);
  EXPECT_EQ(code_of(R"("status":"RETRY")"), ProblemCode::kUnavailable);
  EXPECT_EQ(code_of(R"("status":"BLOCKED")"), ProblemCode::kDependencyFailed);
  EXPECT_EQ(code_of(R"("status":"FAILED")"), ProblemCode::kValidationFailed);
}

TEST(PushResponse, AnythingElseIsABrokenConnection) {
  const std::string whole = ToText(Success());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    ASSERT_FALSE(PushResponseFromJson(whole.substr(0, length)).ok()) << length;
  }
  for (
      const char* text : {
          "<html>Please sign in to the network</html>",
          "{}",
          "[]",
          R"({"epoch":"e"})",
          R"({"results":[]})",
          R"({"epoch":"e","results":{}})",
          R"({"epoch":"e","results":[7]})",
          R"({"epoch":"e","results":[{"fingerprint":"f","status":"SUCCEEDED","httpStatus":200}]})",
          R"({"epoch":"e","results":[{"id":"c","status":"SUCCEEDED","httpStatus":200}]})",
          R"({"epoch":"e","results":[{"id":"c","fingerprint":"f","status":"MAYBE","httpStatus":200}]})",
          R"({"epoch":"e","results":[{"id":"c","fingerprint":"f","status":"SUCCEEDED"}]})",
          R"({"epoch":"e","results":[{"id":"c","fingerprint":"f","status":"SUCCEEDED","httpStatus":200,"changes":{}}]})",
          R"({"epoch":"e","results":[{"id":"c","fingerprint":"f","status":"SUCCEEDED","httpStatus":200,"changes":[{}]}]})",
          R"({"epoch":"e","results":[{"id":"c","fingerprint":"f","status":"SUCCEEDED","httpStatus":200,"ids":{"a":1}}]})",
      }) {
    EXPECT_FALSE(PushResponseFromJson(text).ok()) << text;
  }
}

}  // namespace
}  // namespace outpost
