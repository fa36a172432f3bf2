// Long troubles of the line, the server and single commands (O7, O8): nothing fails that nobody refused.
#include "engine/device/device_fixture.h"

namespace outpost::engine {
namespace {

class OutageTest : public DeviceFixture {
 protected:
  static HttpResponse Problem503() {
    HttpResponse response;
    response.status = 503;
    response.content_type = "application/problem+json";
    response.body = ToJson(ToProblemDocument({ProblemCode::kUnavailable, "no database", {}, {}}));
    return response;
  }
  // Every result RETRY, as a server answers whose store does not commit.
  static HttpResponse AllPutOff(const HttpRequest& request) {
    const auto push = std::get<PushRequest>(PushRequestFromText(request.body));
    PushResponse response;
    response.epoch = Epoch("epoch-1");
    for (const Command& command : push.commands) {
      CommandResult result;
      result.id = command.id;
      result.fingerprint = ToHex(FingerprintOf(ParseTypeName(command.type).value().family, command.payload));
      result.status = WireStatus::kRetry;
      result.problem = Problem{ProblemCode::kUnavailable, "no database", {}, {}};
      response.results.push_back(std::move(result));
    }
    HttpResponse answer;
    answer.status = 200;
    answer.content_type = "application/json";
    answer.body = ToJson(response);
    return answer;
  }
  // Lets hours pass; every request gets what `answer` makes of it.
  template <class Answer>
  void Endure(std::int64_t hours, Answer answer) {
    const Timestamp end = now() + Milliseconds(hours * 3600 * 1000);
    while (now() < end) {
      while (!wire.empty()) {
        const HttpSend send = std::move(wire.front());
        wire.pop_front();
        ++requests;
        Tell(HttpDone{send.exchange, answer(send.request)});
      }
      Sleep();
    }
  }
  int requests = 0;
};

TEST_F(OutageTest, HoursWithoutALineOrServerFailNothing) {
  Settle();
  for (int i = 0; i < 20; ++i) Do("ORDER_CREATE_V1", OrderOf("o" + std::to_string(i), "espresso", 1, 250));
  Endure(3, [](const HttpRequest&) { return HttpOutcome(NetworkFailure{"no route", false}); });
  Endure(3, [](const HttpRequest&) { return HttpOutcome(Problem503()); });
  Endure(3, [](const HttpRequest& request) {
    return HttpOutcome(request.method == "POST" ? AllPutOff(request) : Problem503());
  });
  EXPECT_LT(requests, 9 * 3600 / 120 * 2 + 100) << "the ladder ends at 120 s";
  EXPECT_EQ(device->status().waiting, 20);
  EXPECT_EQ(device->status().quarantined, 0);
  EXPECT_EQ(Notices(Notice::Kind::kNeedsAttention), 0);
  const auto queue = device->Queue().value();
  for (const CommandRecord& command : queue) EXPECT_LE(command.attempts, 1);
  Settle();
  EXPECT_EQ(server.applied(), 20);
}

TEST_F(OutageTest, ACommandTheServerCannotDigestTellsThePersonAndGoesOnProbing) {
  Settle();
  const CommandId poison = Do("ORDER_CREATE_V1", OrderOf("o1", "espresso", 1, 250));
  const std::string name = poison.value;
  const auto answer = [&](const HttpRequest& request) {
    const bool alone = request.method == "POST" && request.body.find(name) != std::string::npos;
    return HttpOutcome(alone ? AllPutOff(request) : server.Handle(request));
  };
  Endure(2, answer);
  const auto record = *device->FindCommand(poison).value();
  EXPECT_EQ(record.status, CommandStatus::kPending);
  EXPECT_GT(record.attempts, 10) << "slow probing goes on";
  EXPECT_EQ(Notices(Notice::Kind::kNeedsAttention), 1);
  const CommandId other = Do("ORDER_CREATE_V1", OrderOf("o2", "espresso", 1, 250));
  Deliver(TakeRequest("POST"));
  EXPECT_EQ(StatusOf(other), CommandStatus::kSucceeded);
  ASSERT_TRUE(device->Retry(poison, now()).ok());  // a person does not want to wait
  Tell(Wake{});
  Deliver(TakeRequest("POST"));
  EXPECT_EQ(StatusOf(poison), CommandStatus::kSucceeded);
}

TEST_F(OutageTest, ABatchThatIsRefusedWholeIsSplitDownToTheCommandThatIsAtFault) {
  Settle();
  GoOffline();
  std::vector<CommandId> ids;
  for (int i = 0; i < 16; ++i) {
    ids.push_back(Do("ORDER_CREATE_V1", OrderOf("o" + std::to_string(i), "espresso", 1, 250)));
  }
  Endure(1, [&](const HttpRequest& request) {
    if (request.method != "POST" || request.body.find(ids[5].value) == std::string::npos) {
      return HttpOutcome(server.Handle(request));
    }
    HttpResponse refused;
    refused.status = 413;
    refused.content_type = "application/problem+json";
    refused.body = ToJson(ToProblemDocument({ProblemCode::kBodyTooLarge, "too large", {}, {}}));
    return HttpOutcome(refused);
  });
  EXPECT_EQ(server.applied(), 15);
  EXPECT_EQ(StatusOf(ids[5]), CommandStatus::kFailed);
  EXPECT_EQ(device->status().quarantined, 1);
}

TEST_F(OutageTest, TooManyWaitingIsToldOnceUntilTheyAreFewAgain) {
  options.waiting_alert = 3;
  Reopen();
  Settle();
  GoOffline();
  for (int i = 0; i < 6; ++i) Do("ORDER_CREATE_V1", OrderOf("o" + std::to_string(i), "espresso", 1, 250));
  EXPECT_EQ(Notices(Notice::Kind::kTooManyWaiting), 1);
  Settle();
  GoOffline();
  for (int i = 10; i < 16; ++i) Do("ORDER_CREATE_V1", OrderOf("o" + std::to_string(i), "espresso", 1, 250));
  EXPECT_EQ(Notices(Notice::Kind::kTooManyWaiting), 2);
}

}  // namespace
}  // namespace outpost::engine
