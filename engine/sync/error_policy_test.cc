#include "engine/sync/error_policy.h"

#include <gtest/gtest.h>

namespace outpost::engine {
namespace {

HttpResponse Respond(int status, std::string content_type, std::string body) {
  HttpResponse response;
  response.status = status;
  response.content_type = std::move(content_type);
  response.body = std::move(body);
  return response;
}

HttpResponse OurProblem(ProblemCode code) {
  Problem problem;
  problem.code = code;
  return Respond(HttpStatus(code), "application/problem+json", ToJson(ToProblemDocument(problem)));
}

TEST(ErrorPolicyTest, ACaptivePortalsTwoHundredIsANetworkError) {
  EXPECT_EQ(Classify(Respond(200, "text/html", "<h1>Welcome to AirportWifi</h1>")).verdict, Verdict::kUnreachable);
}

TEST(ErrorPolicyTest, AnUnauthorizedThatIsNotOursDoesNotPauseTheQueue) {
  EXPECT_EQ(Classify(Respond(401, "text/html", "proxy login")).verdict, Verdict::kUnreachable);
  EXPECT_EQ(Classify(OurProblem(ProblemCode::kUnauthenticated)).verdict, Verdict::kSignInNeeded);
}

TEST(ErrorPolicyTest, ARedirectOrAForeignNotFoundIsANetworkError) {
  EXPECT_EQ(Classify(Respond(302, "", "")).verdict, Verdict::kUnreachable);
  EXPECT_EQ(Classify(Respond(404, "application/json", "{}")).verdict, Verdict::kUnreachable);
  EXPECT_EQ(Classify(Respond(409, "application/problem+json", R"({"code":"SOMETHING_ELSE"})")).verdict,
            Verdict::kUnreachable);
}

TEST(ErrorPolicyTest, OverloadAndBrokenServersAreWaitedFor) {
  for (const int status : {500, 502, 503, 504, 429, 408}) {
    EXPECT_EQ(Classify(Respond(status, "text/plain", "")).verdict, Verdict::kServerTrouble) << status;
  }
}

TEST(ErrorPolicyTest, RetryAfterIsHandedOn) {
  HttpResponse response = OurProblem(ProblemCode::kRateLimited);
  response.retry_after_ms = 7000;
  EXPECT_EQ(Classify(response).retry_after_ms, 7000);
}

TEST(ErrorPolicyTest, WholeRequestsRefusedAreSplit) {
  for (const auto code : {ProblemCode::kBodyTooLarge, ProblemCode::kBatchTooLarge, ProblemCode::kMalformedJson}) {
    EXPECT_EQ(Classify(OurProblem(code)).verdict, Verdict::kBatchRefused);
  }
}

TEST(ErrorPolicyTest, EpochCursorAndCloneHaveVerdictsOfTheirOwn) {
  EXPECT_EQ(Classify(OurProblem(ProblemCode::kEpochChanged)).verdict, Verdict::kEpochChanged);
  EXPECT_EQ(Classify(OurProblem(ProblemCode::kCursorExpired)).verdict, Verdict::kCursorExpired);
  EXPECT_EQ(Classify(OurProblem(ProblemCode::kDeviceCloned)).verdict, Verdict::kDeviceCloned);
}

TEST(ErrorPolicyTest, NoAnswerIsUnreachable) {
  EXPECT_EQ(Classify(NetworkFailure{"connection reset", false}).verdict, Verdict::kUnreachable);
}

TEST(ErrorPolicyTest, ARequestOfTheWrongKindIsNoCommandsFault) {
  EXPECT_EQ(Classify(OurProblem(ProblemCode::kUnsupportedMediaType)).verdict, Verdict::kServerTrouble);
}

CommandResult Answer(WireStatus status, ProblemCode code) {
  CommandResult result;
  result.status = status;
  result.problem = Problem{code, "", {}, {}};
  return result;
}

TEST(ErrorPolicyTest, ARefusalIsFinalAConflictAPersonsAndTroubleNobodys) {
  EXPECT_EQ(Judge(Answer(WireStatus::kFailed, ProblemCode::kValidationFailed)), CommandVerdict::kRefused);
  EXPECT_EQ(Judge(Answer(WireStatus::kFailed, ProblemCode::kForbidden)), CommandVerdict::kRefused);
  EXPECT_EQ(Judge(Answer(WireStatus::kFailed, ProblemCode::kIdempotencyKeyExpired)), CommandVerdict::kRefused);
  EXPECT_EQ(Judge(Answer(WireStatus::kConflict, ProblemCode::kVersionConflict)), CommandVerdict::kConflict);
  EXPECT_EQ(Judge(Answer(WireStatus::kFailed, ProblemCode::kAlreadyExists)), CommandVerdict::kConflict);
  EXPECT_EQ(Judge(Answer(WireStatus::kFailed, ProblemCode::kUnavailable)), CommandVerdict::kTryAgain);
  EXPECT_EQ(Judge(Answer(WireStatus::kFailed, ProblemCode::kRequestInProgress)), CommandVerdict::kTryAgain);
  EXPECT_EQ(Judge(Answer(WireStatus::kRetry, ProblemCode::kValidationFailed)), CommandVerdict::kTryAgain);
  EXPECT_EQ(Judge(Answer(WireStatus::kBlocked, ProblemCode::kDependencyFailed)), CommandVerdict::kHeldBack);
  EXPECT_EQ(Judge(Answer(WireStatus::kFailed, ProblemCode::kIdempotencyDuplicate)), CommandVerdict::kApplied);
}

// Every code of the protocol has a place: none is a success, and none that is the server's trouble is a refusal.
TEST(ErrorPolicyTest, EveryCodeIsJudged) {
  for (int i = 0; i <= static_cast<int>(ProblemCode::kPaymentUnavailable); ++i) {
    const auto code = static_cast<ProblemCode>(i);
    const CommandVerdict verdict = Judge(Answer(WireStatus::kFailed, code));
    EXPECT_NE(Name(verdict), "unknown");
    EXPECT_TRUE(HttpStatus(code) < 500 || verdict == CommandVerdict::kTryAgain) << Name(code);
    EXPECT_TRUE(!IsConflict(code) || verdict == CommandVerdict::kConflict) << Name(code);
    EXPECT_NE(Classify(OurProblem(code)).verdict, Verdict::kVerified) << Name(code);
  }
}

TEST(ErrorPolicyTest, OnlyAServerThatPutsEverythingOffIsInTroubleItself) {
  PushResponse response;
  response.results = {Answer(WireStatus::kRetry, ProblemCode::kUnavailable)};
  EXPECT_FALSE(AsksForPatience(response)) << "one command alone may be what it cannot digest";
  response.results.push_back(Answer(WireStatus::kRetry, ProblemCode::kUnavailable));
  EXPECT_TRUE(AsksForPatience(response));
  response.results.push_back(Answer(WireStatus::kRetry, ProblemCode::kRequestInProgress));
  EXPECT_FALSE(AsksForPatience(response));
  response.results.back() = Answer(WireStatus::kSucceeded, ProblemCode::kUnavailable);
  EXPECT_FALSE(AsksForPatience(response));
}

}  // namespace
}  // namespace outpost::engine
