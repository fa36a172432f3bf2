// Every row of the table of results of POST /sync/commands: status, httpStatus, code and what each carries.
#include "tests/blackbox/server_fixture.h"

namespace outpost::blackbox {
namespace {

class Results : public ServerTest {
 protected:
  std::string NewOrder() { return client_.Post("/pos/orders", OrderBody()).At("id"); }
  static std::string Id(const std::string& order) { return R"({"id":")" + order + "\"}"; }
  static std::string Table(const std::string& order, const std::string& table) {
    return R"({"id":")" + order + R"(","tableId":")" + table + "\"}";
  }

  static void Expect(const Answer& answer, int at, const char* status, const char* http_status, const char* code) {
    const std::string result = "results." + std::to_string(at);
    EXPECT_EQ(answer.At(result + ".status"), status) << answer.text;
    EXPECT_EQ(answer.At(result + ".httpStatus"), http_status) << answer.text;
    EXPECT_EQ(answer.At(result + ".problem.code"), code) << answer.text;
    if (*code == '\0') return;
    EXPECT_EQ(answer.At(result + ".problem.status"), http_status);
    EXPECT_FALSE(answer.At(result + ".problem.title").empty());
    EXPECT_FALSE(answer.At(result + ".problem.detail").empty());
  }
};

TEST_F(Results, SucceededNowEarlierAndWithNothingToDo) {
  const std::string create = CommandText(Ulid(1), "ORDER_CREATE_V1", OrderBody());
  const Answer first = client_.Push({create});
  Expect(first, 0, "SUCCEEDED", "201", "");
  EXPECT_EQ(first.At("results.0.replayed"), "false");
  EXPECT_EQ(first.At("results.0.changes.0.seq"), first.At("results.0.seq"));
  EXPECT_EQ(first.At("results.0.changes.0.doc.id"), Ulid(1));
  EXPECT_EQ(first.At("results.0.ids"), "{}");
  const Answer again = client_.Push({create});
  Expect(again, 0, "SUCCEEDED", "201", "");
  EXPECT_EQ(again.At("results.0.replayed"), "true");
  EXPECT_EQ(again.At("results.0.changes"), "[]");
  EXPECT_EQ(again.At("results.0.seq"), first.At("results.0.seq"));
  EXPECT_EQ(again.At("results.0.body.createdAt"), first.At("results.0.body.createdAt"));
  Expect(client_.Push({CommandText(Ulid(2), "ORDER_CANCEL_V1", Id(Ulid(1)))}), 0, "SUCCEEDED", "200", "");
  const Answer nothing = client_.Push({CommandText(Ulid(3), "ORDER_CANCEL_V1", Id(Ulid(1)))});
  Expect(nothing, 0, "SUCCEEDED", "200", "");
  EXPECT_EQ(nothing.At("results.0.changes"), "[]");
  EXPECT_TRUE(nothing.body.at("results").at(0).at("seq").is_null()) << nothing.text;
}

TEST_F(Results, ConflictsShowWhatIsThere) {
  const std::string order = NewOrder();
  client_.Send("PATCH", "/pos/orders/" + order, R"({"tableId":"8"})");
  const Answer version =
      client_.Push({CommandText(Ulid(1), "ORDER_MODIFY_V1", Table(order, "9"), R"(,"expectedVersion":1)")});
  Expect(version, 0, "CONFLICT", "409", "VERSION_CONFLICT");
  EXPECT_EQ(version.At("results.0.conflictType"), "VERSION_CONFLICT");
  EXPECT_EQ(version.At("results.0.currentVersion"), "2");
  EXPECT_EQ(version.At("results.0.currentState.tableId"), "8");
  EXPECT_EQ(version.At("results.0.diff.0.field"), "tableId");
  EXPECT_EQ(version.At("results.0.diff.0.yours"), "9");
  EXPECT_EQ(version.At("results.0.diff.0.theirs"), "8");
  std::string taken = OrderBody();
  taken.insert(1, R"("id":")" + order + "\",");
  const Answer exists = client_.Push({CommandText(Ulid(2), "ORDER_CREATE_V1", taken)});
  Expect(exists, 0, "CONFLICT", "409", "ALREADY_EXISTS");
  EXPECT_EQ(exists.At("results.0.currentState.id"), order);
  client_.Post("/pos/orders/" + order + "/cancel", "");
  const Answer state = client_.Push({CommandText(Ulid(3), "ORDER_SEND_TO_KITCHEN_V1", Id(order))});
  Expect(state, 0, "CONFLICT", "409", "INVALID_STATE_TRANSITION");
  EXPECT_EQ(state.At("results.0.currentState.status"), "CANCELLED");
}

TEST_F(Results, AForceOverridesTheVersionOnly) {
  const std::string order = NewOrder();
  client_.Send("PATCH", "/pos/orders/" + order, R"({"tableId":"8"})");
  const auto modify = [&](const std::string& more) {
    return CommandText(Ulid(1), "ORDER_MODIFY_V1", Table(order, "9"), more);
  };
  Expect(client_.Push({modify(R"(,"expectedVersion":1)")}), 0, "CONFLICT", "409", "VERSION_CONFLICT");
  const Answer again = client_.Push({modify(R"(,"expectedVersion":1)")});
  EXPECT_EQ(again.At("results.0.replayed"), "true") << "a refusal is stored under its revision";
  Expect(client_.Push({modify(R"(,"expectedVersion":1,"revision":1)")}), 0, "CONFLICT", "409", "VERSION_CONFLICT");
  Client till(port(), Token(Who{.workspace = workspace(), .user = "till", .roles = {"terminal"}}));
  Expect(till.Push({CommandText(Ulid(9), "ORDER_MODIFY_V1", Table(order, "9"), R"(,"expectedVersion":1)")}), 0,
         "CONFLICT", "409", "VERSION_CONFLICT");
  Expect(till.Push({CommandText(Ulid(9), "ORDER_MODIFY_V1", Table(order, "9"), R"(,"revision":1)")}), 0, "FAILED",
         "403", "FORBIDDEN");
  Expect(client_.Push({modify(R"(,"revision":2)")}), 0, "SUCCEEDED", "200", "");
  EXPECT_EQ(client_.Push({modify(R"(,"revision":3)")}).At("results.0.replayed"), "true");
}

TEST_F(Results, FailedForGood) {
  Expect(client_.Push({CommandText(Ulid(1), "NOTHING_V1", "{}")}), 0, "FAILED", "422", "UNKNOWN_COMMAND_TYPE");
  Expect(client_.Push({CommandText(Ulid(2), "ORDER_CREATE_V99", OrderBody())}), 0, "FAILED", "422",
         "UNKNOWN_COMMAND_TYPE");
  Expect(client_.Push({CommandText(Ulid(3), "ORDER_CREATE_V1", "{}")}), 0, "FAILED", "422", "VALIDATION_FAILED");
  Expect(client_.Push({CommandText(Ulid(4), "ORDER_CANCEL_V1", Id("nobody"))}), 0, "FAILED", "404", "NOT_FOUND");
  Expect(As("kit", {"kitchen"}).Push({CommandText(Ulid(5), "ORDER_CREATE_V1", OrderBody())}), 0, "FAILED", "403",
         "FORBIDDEN");
  Expect(client_.Push({CommandText(Ulid(6), "ORDER_CREATE_V1", OrderBody(), R"(,"author":"bob")")}), 0, "FAILED", "403",
         "FORBIDDEN");
  const Answer cycle =
      client_.Push({CommandText(Ulid(7), "ORDER_CREATE_V1", OrderBody(), R"(,"dependsOn":[")" + Ulid(8) + "\"]"),
                    CommandText(Ulid(8), "ORDER_CREATE_V1", OrderBody(), R"(,"dependsOn":[")" + Ulid(7) + "\"]")});
  Expect(cycle, 0, "FAILED", "422", "DEPENDENCY_CYCLE");
  Expect(cycle, 1, "FAILED", "422", "DEPENDENCY_CYCLE");
}

TEST_F(Results, TheSameKeyOrIdTwiceInABatch) {
  const std::string other = R"({"items":[{"sku":"a","name":"A","quantity":1,"unitPrice":1}]})";
  for (const std::string& more : {std::string(), std::string(R"(,"key":"K")")}) {
    const int base = more.empty() ? 10 : 20;
    const auto id = [&](int i) { return Ulid(more.empty() ? base : base + i); };
    const Answer answer = client_.Push({CommandText(id(0), "ORDER_CREATE_V1", OrderBody(), more),
                                        CommandText(id(1), "ORDER_CREATE_V1", OrderBody(), more),
                                        CommandText(id(2), "ORDER_CREATE_V1", other, more)});
    Expect(answer, 0, "SUCCEEDED", "201", "");
    Expect(answer, 1, "SUCCEEDED", "201", "");
    EXPECT_EQ(answer.At("results.1.replayed"), "true");
    Expect(answer, 2, "FAILED", "409", "IDEMPOTENCY_KEY_REUSED");
  }
  EXPECT_EQ(client_.Push({CommandText(Ulid(30), "ORDER_CREATE_V1", OrderBody(), R"(,"idempotencyKey":"K")")})
                .At("results.0.replayed"),
            "true");
}

TEST_F(Results, BlockedBehindWhatDidNotSucceed) {
  const Answer unknown =
      client_.Push({CommandText(Ulid(1), "ORDER_CREATE_V1", OrderBody(), R"(,"dependsOn":[")" + Ulid(99) + "\"]")});
  Expect(unknown, 0, "BLOCKED", "424", "DEPENDENCY_FAILED");
  EXPECT_EQ(unknown.At("results.0.blockedBy.0"), Ulid(99));
  const std::string order = NewOrder();
  const Answer refused = client_.Push(
      {CommandText(Ulid(2), "ORDER_MODIFY_V1", R"({"id":")" + order + R"(","items":[]})"),
       CommandText(Ulid(3), "ORDER_ADD_ITEMS_V1",
                   R"({"id":")" + order + R"(","items":[{"sku":"a","name":"A","quantity":1,"unitPrice":1}]})"),
       CommandText(Ulid(4), "ORDER_MODIFY_V1", Table(order, "5"))});
  Expect(refused, 0, "FAILED", "422", "VALIDATION_FAILED");
  Expect(refused, 1, "SUCCEEDED", "200", "");  // commutes: a refused update does not hold it
  Expect(refused, 2, "BLOCKED", "424", "DEPENDENCY_FAILED");
  EXPECT_EQ(refused.At("results.2.blockedBy.0"), Ulid(2));
  Expect(client_.Push({CommandText(Ulid(4), "ORDER_MODIFY_V1", Table(order, "5"))}), 0, "SUCCEEDED", "200", "");
}

TEST_F(Results, ADiscardBurnsOrSaysThatItCameTooLate) {
  const std::string create = CommandText(Ulid(1), "ORDER_CREATE_V1", OrderBody());
  Expect(client_.Push({CommandText(Ulid(2), "COMMAND_DISCARD_V1", Id(Ulid(1)))}), 0, "SUCCEEDED", "200", "");
  Expect(client_.Push({create}), 0, "FAILED", "409", "IDEMPOTENCY_KEY_EXPIRED");
  client_.Push({CommandText(Ulid(3), "ORDER_CREATE_V1", OrderBody())});
  const Answer late = client_.Push({CommandText(Ulid(4), "COMMAND_DISCARD_V1", Id(Ulid(3)))});
  Expect(late, 0, "FAILED", "409", "ALREADY_APPLIED");
  EXPECT_EQ(late.At("results.0.problem.outcome.body.id"), Ulid(3)) << late.text;
}

TEST_F(Results, AreListedAsSentAndRunAfterTheirCauses) {
  const std::string local = "local_" + Ulid(60);
  std::string create = OrderBody();
  create.insert(1, R"("id":")" + local + "\",");
  const Answer answer = client_.Push(
      {CommandText(Ulid(1), "ORDER_CANCEL_V1", Id(Ulid(2)), R"(,"dependsOn":[")" + Ulid(2) + "\"]"),
       CommandText(Ulid(2), "ORDER_CREATE_V1", OrderBody()),
       CommandText(Ulid(3), "ORDER_SEND_TO_KITCHEN_V1", Id(local)), CommandText(Ulid(4), "ORDER_CREATE_V1", create),
       CommandText(Ulid(5), "ORDER_CREATE_V1", OrderBody(), R"(,"dependsOn":[")" + Ulid(5) + "\"]")});
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(answer.At("results." + std::to_string(i) + ".id"), Ulid(i + 1));
    EXPECT_EQ(answer.At("results." + std::to_string(i) + ".status"), "SUCCEEDED") << answer.text;
  }
  EXPECT_GT(std::stoi(answer.At("results.0.seq")), std::stoi(answer.At("results.1.seq")));
  EXPECT_GT(std::stoi(answer.At("results.2.seq")), std::stoi(answer.At("results.3.seq")));
  Expect(answer, 4, "FAILED", "422", "DEPENDENCY_CYCLE");
}

TEST_F(Results, AVersionMayBeTheOneACommandMade) {
  const auto after = [](int number) { return R"(,"expectedVersion":{"after":")" + Ulid(number) + "\"}"; };
  const Answer chain = client_.Push({CommandText(Ulid(1), "ORDER_CREATE_V1", OrderBody()),
                                     CommandText(Ulid(2), "ORDER_MODIFY_V1", Table(Ulid(1), "1"), after(1)),
                                     CommandText(Ulid(3), "ORDER_MODIFY_V1", Table(Ulid(1), "2"), after(2))});
  Expect(chain, 2, "SUCCEEDED", "200", "");
  Expect(client_.Push({CommandText(Ulid(4), "ORDER_MODIFY_V1", Table(Ulid(1), "3"), after(2))}), 0, "CONFLICT", "409",
         "VERSION_CONFLICT");
  Expect(client_.Push({CommandText(Ulid(5), "ORDER_MODIFY_V1", Table(Ulid(1), "3"), after(3))}), 0, "SUCCEEDED", "200",
         "");
  const std::string by_rest = R"({"tableId":"4","expectedVersion":{"after":")" + Ulid(5) + "\"}}";
  EXPECT_EQ(client_.Send("PATCH", "/pos/orders/" + Ulid(1), by_rest).status, 200);
}

TEST_F(Results, OneNumberIsOneCommand) {
  const std::string device = R"("deviceId":"till-1","incarnation":"i1",)";
  const auto create = [](int id, int n) {
    return CommandText(Ulid(id), "ORDER_CREATE_V1", OrderBody(), ",\"n\":" + std::to_string(n));
  };
  EXPECT_EQ(client_.Push({create(1, 1), create(2, 2)}, device).At("highestN"), "2");
  const Answer cloned = client_.Push({create(3, 3), create(4, 2)}, device);
  EXPECT_EQ(cloned.status, 409);
  EXPECT_EQ(cloned.code(), "DEVICE_CLONED");
  EXPECT_EQ(cloned.At("conflictType"), "DEVICE_CLONED");
  EXPECT_EQ(client_.Push({create(5, 7), create(6, 7)}, device).code(), "DEVICE_CLONED") << "in one batch";
  EXPECT_EQ(client_.Get("/pos/orders").body.at("items").as_array().size(), 2u) << "nothing of either batch";
  EXPECT_EQ(client_.Push({create(7, 1)}, R"("deviceId":"till-1","incarnation":"i2",)").status, 200)
      << "another life of the store numbers anew";
}

TEST_F(Results, AnEditedCommandTakesThePlaceOfARefusedOneOnly) {
  const auto edited = [](int id, int replaced) {
    return CommandText(Ulid(id), "ORDER_CREATE_V1", OrderBody(), R"(,"replaces":")" + Ulid(replaced) + "\"");
  };
  Expect(client_.Push({CommandText(Ulid(1), "ORDER_CREATE_V1", R"({"items":[]})")}), 0, "FAILED", "422",
         "VALIDATION_FAILED");
  Expect(client_.Push({edited(2, 1)}), 0, "SUCCEEDED", "201", "");
  Expect(client_.Push({CommandText(Ulid(1), "ORDER_CREATE_V1", R"({"items":[]})", R"(,"revision":9)")}), 0, "FAILED",
         "409", "IDEMPOTENCY_KEY_EXPIRED");
  Expect(client_.Push({edited(3, 2)}), 0, "FAILED", "409", "ALREADY_APPLIED");
}

TEST_F(Results, LocalIdsAreResolvedForTheirDeviceOnly) {
  const std::string local = "local_" + Ulid(50);
  std::string create = OrderBody();
  create.insert(1, R"("id":")" + local + "\",");
  const std::string device = R"("deviceId":"till-1","incarnation":"i1",)";
  const Answer both = client_.Push(
      {CommandText(Ulid(1), "ORDER_CREATE_V1", create), CommandText(Ulid(2), "ORDER_SEND_TO_KITCHEN_V1", Id(local))},
      device);
  Expect(both, 1, "SUCCEEDED", "200", "");
  EXPECT_EQ(both.At("results.0.ids." + local), both.At("results.0.body.id")) << both.text;
  Expect(
      client_.Push({CommandText(Ulid(3), "ORDER_CANCEL_V1", Id(local))}, R"("deviceId":"till-2","incarnation":"i1",)"),
      0, "BLOCKED", "424", "DEPENDENCY_FAILED");
  Expect(client_.Push({CommandText(Ulid(4), "ORDER_CANCEL_V1", Id(local))}, device), 0, "SUCCEEDED", "200", "");
}

TEST_F(Results, ATerminalSpeaksWithTheRightsOfWhomItSpeaksFor) {
  const auto on_till = [this](const std::string& user, const std::string& role) {
    return Client(port(), Token(Who{.workspace = workspace(), .user = user, .roles = {role}, .device = "till-1"}));
  };
  const std::string kit = CommandText(Ulid(1), "ORDER_CREATE_V1", OrderBody(), R"(,"author":"kit")");
  const Client till = on_till("till", "terminal");
  Expect(till.Push({kit}), 0, "FAILED", "403", "FORBIDDEN");
  on_till("kit", "kitchen").Push({});
  Expect(till.Push({kit}), 0, "FAILED", "403", "FORBIDDEN");
  on_till("kit", "staff").Push({});
  const Answer done = till.Push({kit});
  Expect(done, 0, "SUCCEEDED", "201", "");
  EXPECT_EQ(done.At("results.0.body.createdBy"), "kit");
}

TEST_F(Results, EachResultNamesItsOwnTrace) {
  const std::string own(32, 'a');
  const std::string requests(32, 'c');
  const auto parent = [](const std::string& trace) { return "00-" + trace + "-00f067aa0ba902b7-01"; };
  const std::string body =
      R"({"commands":[)" +
      CommandText(Ulid(1), "ORDER_CREATE_V1", OrderBody(), R"(,"traceparent":")" + parent(own) + "\"") + "," +
      CommandText(Ulid(2), "NOTHING_V1", "{}") + "]}";
  const Answer answer = client_.Post("/sync/commands", body, {{"traceparent", parent(requests)}});
  EXPECT_EQ(answer.At("results.0.traceId"), own) << answer.text;
  EXPECT_EQ(answer.At("results.1.traceId"), requests) << "the request's, where the command brings none";
  EXPECT_EQ(client_.Push({CommandText(Ulid(3), "NOTHING_V1", "{}")}).At("results.0.traceId"), "");
}

}  // namespace
}  // namespace outpost::blackbox
