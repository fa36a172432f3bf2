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

}  // namespace
}  // namespace outpost::engine
