#include "protocol/problem.h"

#include <gtest/gtest.h>

#include <set>

namespace outpost {
namespace {

TEST(ProblemCodes, HaveTheStatusesOfTheProtocol) {
  const std::pair<const char*, int> expected[] = {
      {"MALFORMED_JSON", 400},
      {"INVALID_PARAMETER", 400},
      {"IDEMPOTENCY_KEY_INVALID", 400},
      {"CURSOR_INVALID", 400},
      {"CURSOR_MISMATCH", 400},
      {"UNAUTHENTICATED", 401},
      {"FORBIDDEN", 403},
      {"NOT_FOUND", 404},
      {"METHOD_NOT_ALLOWED", 405},
      {"IDEMPOTENCY_KEY_REUSED", 409},
      {"IDEMPOTENCY_KEY_EXPIRED", 409},
      {"IDEMPOTENCY_DUPLICATE", 409},
      {"REQUEST_IN_PROGRESS", 409},
      {"ALREADY_EXISTS", 409},
      {"VERSION_CONFLICT", 409},
      {"INVALID_STATE_TRANSITION", 409},
      {"ALREADY_APPLIED", 409},
      {"DEVICE_CLONED", 409},
      {"EPOCH_CHANGED", 409},
      {"CURSOR_EXPIRED", 410},
      {"BODY_TOO_LARGE", 413},
      {"BATCH_TOO_LARGE", 413},
      {"UNSUPPORTED_MEDIA_TYPE", 415},
      {"VALIDATION_FAILED", 422},
      {"UNKNOWN_COMMAND_TYPE", 422},
      {"DEPENDENCY_CYCLE", 422},
      {"ONLINE_ONLY", 422},
      {"DEPENDENCY_FAILED", 424},
      {"RATE_LIMITED", 429},
      {"INTERNAL_ERROR", 500},
      {"UNAVAILABLE", 503},
      {"PAYMENT_UNAVAILABLE", 503},
  };
  for (const auto& [name, status] : expected) {
    const auto code = ProblemCodeFromName(name);
    ASSERT_TRUE(code.has_value()) << name;
    EXPECT_EQ(Name(*code), name);
    EXPECT_EQ(HttpStatus(*code), status) << name;
  }
  EXPECT_EQ(ProblemCodeFromName("SOMETHING_ELSE"), std::nullopt);
  EXPECT_EQ(ProblemCodeFromName(""), std::nullopt);
}

TEST(ProblemCodes, OnlyThreeAskAPersonToDecide) {
  std::set<std::string_view> conflicts;
  for (int i = 0; i <= static_cast<int>(ProblemCode::kPaymentUnavailable); ++i) {
    const auto code = static_cast<ProblemCode>(i);
    if (IsConflict(code)) conflicts.insert(Name(code));
  }
  EXPECT_EQ(conflicts, (std::set<std::string_view>{"ALREADY_EXISTS", "VERSION_CONFLICT", "INVALID_STATE_TRANSITION"}));
}

TEST(ProblemDocument, HasEveryMemberOldAndNewClientsReadAndNoOther) {
  const Problem problem{.code = ProblemCode::kValidationFailed,
                        .detail = "the order is not valid",
                        .errors = {{"items[0].quantity", "must not be 0"}}};
  EXPECT_EQ(
      ToJson(ToProblemDocument(problem)),
      R"({"type":"/problems/validation-failed","title":"Validation failed","status":422,)"
      R"("detail":"the order is not valid","code":"VALIDATION_FAILED","statusCode":422,)"
      R"("message":"the order is not valid","errors":[{"field":"items[0].quantity","message":"must not be 0"}]})");
}

TEST(ProblemDocument, AConflictNamesItsTypeAndCarriesTheState) {
  Problem problem{.code = ProblemCode::kVersionConflict};
  problem.extra["currentVersion"] = 4;
  problem.extra["status"] = "never hides the real one";
  const json::object document = ToProblemDocument(problem, 412);
  EXPECT_EQ(StringOr(document, "conflictType"), "VERSION_CONFLICT");
  EXPECT_EQ(IntegerOr(document, "status", 0), 412);
  EXPECT_EQ(IntegerOr(document, "statusCode", 0), 412);
  EXPECT_EQ(IntegerOr(document, "currentVersion", 0), 4);
  EXPECT_EQ(StringOr(document, "message"), StringOr(document, "title"));
  EXPECT_EQ(Find(document, "detail"), nullptr);
  EXPECT_EQ(Find(ToProblemDocument({.code = ProblemCode::kCursorExpired}), "conflictType"), nullptr);
}

TEST(ProblemDocument, ReadsBackWhatItWrote) {
  Problem problem{.code = ProblemCode::kAlreadyExists, .detail = "taken", .errors = {{"id", "taken"}, {"a", "b"}}};
  problem.extra["currentState"] = {{"id", "x"}, {"version", 3}};
  for (const std::string& detail : {std::string("taken"), std::string()}) {
    problem.detail = detail;
    const Problem read = ProblemFromDocument(ToProblemDocument(problem));
    EXPECT_EQ(read.code, problem.code);
    EXPECT_EQ(read.detail, problem.detail);
    ASSERT_EQ(read.errors.size(), 2u);
    EXPECT_EQ(read.errors[0].field, "id");
    EXPECT_EQ(read.errors[1].message, "b");
    EXPECT_EQ(read.extra, problem.extra);
  }
}

TEST(ProblemDocument, AnUnknownCodeIsJudgedByItsStatus) {
  const auto code = [](int status) {
    return ProblemFromDocument(json::object{{"code", "FROM_THE_FUTURE"}, {"status", status}}).code;
  };
  EXPECT_EQ(code(409), ProblemCode::kVersionConflict);
  EXPECT_EQ(code(412), ProblemCode::kVersionConflict);
  EXPECT_EQ(code(422), ProblemCode::kValidationFailed);
  EXPECT_EQ(code(429), ProblemCode::kRateLimited);
  EXPECT_EQ(code(503), ProblemCode::kUnavailable);
  EXPECT_EQ(ProblemFromDocument(json::object{}).code, ProblemCode::kValidationFailed);
  EXPECT_EQ(ProblemFromDocument(json::object{{"message", "old server"}}).detail, "old server");
}

TEST(DiffFields, ListsWhatDiffersByTopLevelField) {
  const json::object yours = ParseJson(R"({"id":"a","version":3,"tableId":"7","note":null,"guests":2,"total":5.0,
      "items":[1,2],"tag":{"a":1,"b":2}})")
                                 .value()
                                 .as_object();
  const json::object theirs = ParseJson(R"({"id":"a","version":4,"updatedAt":"x","tableId":"8","guests":2,"total":5,
      "items":[1,3],"tag":{"b":2,"a":1},"waiter":"w"})")
                                  .value()
                                  .as_object();
  EXPECT_EQ(ToJson(json::value(DiffFields(yours, theirs))),
            R"([{"field":"tableId","yours":"7","theirs":"8"},{"field":"items","yours":[1,2],"theirs":[1,3]}])");
  EXPECT_TRUE(DiffFields(yours, yours).empty());
}

}  // namespace
}  // namespace outpost
