// One operation, one effect: however often, however late, by whichever way it is sent.
#include <thread>

#include "tests/blackbox/server_fixture.h"

namespace outpost::blackbox {
namespace {

class Idempotency : public ServerTest {
 protected:
  std::size_t Orders() const { return client_.Get("/pos/orders").body.at("items").as_array().size(); }
};

TEST_F(Idempotency, TheSameKeyGetsTheFirstAnswerByteForByte) {
  const HeaderList key = {{"Idempotency-Key", "submit-1"}};
  const Answer first = client_.Post("/pos/orders", OrderBody(), key);
  ASSERT_EQ(first.status, 201) << first.text;
  EXPECT_EQ(first.headers.Find("Idempotency-Replayed"), nullptr);
  const std::string receipt(first.headers.Get("Outpost-Receipt"));
  EXPECT_EQ(receipt.size(), std::string("submit-1 ").size() + 64) << receipt;
  client_.Post("/pos/orders/" + first.At("id") + "/cancel", "");
  const Answer again = client_.Post("/pos/orders", OrderBody(), key);
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.text, first.text);
  EXPECT_EQ(again.headers.Get("Idempotency-Replayed"), "true");
  EXPECT_EQ(again.headers.Get("ETag"), first.headers.Get("ETag"));
  EXPECT_EQ(again.headers.Get("Location"), first.headers.Get("Location"));
  EXPECT_EQ(again.headers.Get("Outpost-Receipt"), receipt);
  EXPECT_EQ(Orders(), 1u);
}

TEST_F(Idempotency, TwentyAtOnceMakeOneOrder) {
  std::vector<Answer> answers(20);
  std::vector<std::thread> threads;
  for (Answer& answer : answers) {
    threads.emplace_back([&] { answer = client_.Post("/pos/orders", OrderBody(), {{"Idempotency-Key", "rush"}}); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Answer& answer : answers) {
    EXPECT_EQ(answer.status, 201);
    EXPECT_EQ(answer.text, answers.front().text);
  }
  EXPECT_EQ(Orders(), 1u);
}

TEST_F(Idempotency, TheSameKeyWithAnotherBodyIsRefused) {
  client_.Post("/pos/orders", OrderBody(), {{"Idempotency-Key", "k"}});
  const Answer other = client_.Post("/pos/orders", R"({"items":[{"sku":"a","name":"A","quantity":1,"unitPrice":1}]})",
                                    {{"Idempotency-Key", "k"}});
  EXPECT_EQ(other.status, 409);
  EXPECT_EQ(other.code(), "IDEMPOTENCY_KEY_REUSED");
  EXPECT_EQ(Orders(), 1u);
}

TEST_F(Idempotency, AKeyInTheBodyCountsAndIsNotPartOfTheRequest) {
  std::string by_body = OrderBody();
  by_body.insert(1, R"("clientRequestId":"k",)");
  const Answer first = client_.Post("/pos/orders", by_body);
  ASSERT_EQ(first.status, 201) << first.text;
  const Answer by_header = client_.Post("/pos/orders", OrderBody(), {{"Idempotency-Key", "\"k\""}});
  EXPECT_EQ(by_header.text, first.text);
  EXPECT_EQ(by_header.headers.Get("Idempotency-Replayed"), "true");
}

TEST_F(Idempotency, AKeyIsItsAuthorsAndItsFamilysOwn) {
  const HeaderList key = {{"Idempotency-Key", "shared"}};
  const Answer mine = client_.Post("/pos/orders", OrderBody(), key);
  const Answer hers = As("bea", {"staff"}).Post("/pos/orders", OrderBody(), key);
  EXPECT_EQ(hers.status, 201);
  EXPECT_NE(hers.At("id"), mine.At("id"));
  EXPECT_EQ(client_.Post("/pos/orders/" + mine.At("id") + "/cancel", "", key).status, 200);
}

TEST_F(Idempotency, AKeyThatIsAUlidIsTheResourcesId) {
  const Answer answer = client_.Post("/pos/orders", OrderBody(), {{"Idempotency-Key", Ulid(7)}});
  EXPECT_EQ(answer.At("id"), Ulid(7));
  // The same key on another route of the same author is another operation.
  const Answer sent = client_.Post("/pos/orders/" + Ulid(7) + "/send-to-kitchen", "", {{"Idempotency-Key", Ulid(7)}});
  EXPECT_EQ(sent.status, 200) << sent.text;
  EXPECT_EQ(sent.At("status"), "SENT");
  const Answer again = client_.Post("/pos/orders/" + Ulid(7) + "/send-to-kitchen", "", {{"Idempotency-Key", Ulid(7)}});
  EXPECT_EQ(again.text, sent.text);
  EXPECT_EQ(again.headers.Get("Idempotency-Replayed"), "true");
}

// The key is another author's own, but the id it asks for is taken.
TEST_F(Idempotency, AUlidThatIsAnotherAuthorsOrderIsATakenId) {
  const HeaderList key = {{"Idempotency-Key", Ulid(5)}};
  const Answer mine = client_.Post("/pos/orders", OrderBody(), key);
  const Answer hers = As("bea", {"staff"}).Post("/pos/orders", OrderBody(), key);
  EXPECT_EQ(hers.status, 409);
  EXPECT_EQ(hers.code(), "ALREADY_EXISTS");
  EXPECT_EQ(hers.At("currentState.id"), mine.At("id"));
  EXPECT_EQ(Orders(), 1u);
}

TEST_F(Idempotency, AUlidWithAnotherBodyIsStillReuse) {
  const HeaderList key = {{"Idempotency-Key", Ulid(6)}};
  client_.Post("/pos/orders", OrderBody(), key);
  EXPECT_EQ(client_.Post("/pos/orders", R"({"items":[{"sku":"a","name":"A","quantity":1,"unitPrice":1}]})", key).code(),
            "IDEMPOTENCY_KEY_REUSED");
}

TEST_F(Idempotency, RestAndSyncMeetInOneKeySpace) {
  const Answer by_rest = client_.Post("/pos/orders", OrderBody(), {{"Idempotency-Key", Ulid(8)}});
  ASSERT_EQ(by_rest.status, 201);
  const Answer replayed = client_.Push({CommandText(Ulid(8), "ORDER_CREATE_V1", OrderBody())});
  ASSERT_EQ(replayed.status, 200) << replayed.text;
  EXPECT_EQ(replayed.At("results.0.status"), "SUCCEEDED") << replayed.text;
  EXPECT_EQ(replayed.At("results.0.replayed"), "true");
  EXPECT_EQ(replayed.At("results.0.body.id"), Ulid(8));
  EXPECT_EQ(replayed.At("results.0.changes"), "[]");
  const Answer pushed =
      client_.Push({CommandText(Ulid(9), "ORDER_CANCEL_V1", R"({"id":")" + Ulid(8) + "\"}", R"(,"key":"cancel-8")")});
  EXPECT_EQ(pushed.At("results.0.status"), "SUCCEEDED") << pushed.text;
  const Answer by_route = client_.Post("/pos/orders/" + Ulid(8) + "/cancel", "", {{"Idempotency-Key", "cancel-8"}});
  EXPECT_EQ(by_route.status, 200);
  EXPECT_EQ(by_route.headers.Get("Idempotency-Replayed"), "true");
  EXPECT_EQ(Orders(), 1u);
}

TEST_F(Idempotency, ARefusalIsRemembered) {
  const HeaderList key = {{"Idempotency-Key", "no"}};
  const Answer refused = client_.Post("/pos/orders/later/cancel", "", key);
  EXPECT_EQ(refused.status, 404);
  std::string body = OrderBody();
  body.insert(1, R"("id":"later",)");
  EXPECT_EQ(client_.Post("/pos/orders", body).status, 201);
  const Answer again = client_.Post("/pos/orders/later/cancel", "", key);
  EXPECT_EQ(again.status, 404);
  EXPECT_EQ(again.text, refused.text);
}

// Byte for byte whatever the first answer was: status, problem and receipt.
TEST_F(Idempotency, EveryKindOfRefusalIsReplayed) {
  const std::string order = "/pos/orders/" + client_.Post("/pos/orders", OrderBody()).At("id");
  client_.Send("PATCH", order, R"({"tableId":"2"})");
  struct Row {
    const char* method;
    std::string path;
    const char* body;
    HeaderList headers;
    int status;
  };
  const Row rows[] = {
      {"POST", "/pos/orders", "{}", {}, 422},
      {"PATCH", order, R"({"tableId":"3"})", {{"If-Match", "\"1\""}}, 412},
      {"PATCH", order, R"({"tableId":"4","expectedVersion":1})", {}, 409},
      {"POST", order + "/lines/nobody", R"({"quantity":1})", {}, 404},
  };
  for (const Row& row : rows) {
    HeaderList headers = row.headers;
    headers.push_back({"Idempotency-Key", "k" + std::to_string(&row - rows)});
    const Answer first = client_.Send(row.method, row.path, row.body, headers);
    EXPECT_EQ(first.status, row.status) << first.text;
    EXPECT_EQ(first.headers.Find("Idempotency-Replayed"), nullptr);
    const Answer again = client_.Send(row.method, row.path, row.body, headers);
    EXPECT_EQ(again.status, row.status);
    EXPECT_EQ(again.text, first.text);
    EXPECT_EQ(again.headers.Get("Idempotency-Replayed"), "true");
    EXPECT_EQ(again.headers.Get("Outpost-Receipt"), first.headers.Get("Outpost-Receipt"));
    EXPECT_FALSE(first.headers.Get("Outpost-Receipt").empty());
  }
  const HeaderList forced = {{"If-Match", "*"}, {"Idempotency-Key", "k1"}};
  EXPECT_EQ(client_.Send("PATCH", order, R"({"tableId":"3"})", forced).At("tableId"), "3") << "If-Match: * forces";
}

TEST_F(Idempotency, AForbiddenRequestIsNotRemembered) {
  const HeaderList key = {{"Idempotency-Key", "k"}};
  EXPECT_EQ(As("kit", {"kitchen"}).Post("/pos/orders", OrderBody(), key).status, 403);
  const Answer allowed = As("kit", {"staff"}).Post("/pos/orders", OrderBody(), key);
  EXPECT_EQ(allowed.status, 201) << allowed.text;
  EXPECT_EQ(allowed.headers.Find("Idempotency-Replayed"), nullptr);
}

// SHA-256 of RFC 8785 of {"family","payload"}, made by another program.
TEST_F(Idempotency, AFingerprintIsWhatEveryoneComputes) {
  const std::string fingerprint = "73835e1884c4a943cdeea1ff9d715c25a87f756efeb1a63b147f6f1ba8d99cb0";
  const std::string order =
      R"({"tableId":"ü\ud83d\ude00","items":[{"unitPrice":5e2,"sku":"zz","quantity":2.0,"name":"Crème \"brûlée\"\n"}],"id":"fp-1"})";
  const Answer pushed = client_.Push({CommandText(Ulid(1), "ORDER_CREATE_V1", order, R"(,"expectedVersion":0)")});
  EXPECT_EQ(pushed.At("results.0.status"), "SUCCEEDED") << pushed.text;
  EXPECT_EQ(pushed.At("results.0.fingerprint"), fingerprint);
  std::string with_more = order;
  with_more.insert(1, R"("_idempotencyKey":")" + Ulid(1) + R"(","expectedVersion":3,)");
  const Answer by_rest = client_.Post("/pos/orders", with_more);
  EXPECT_EQ(by_rest.headers.Get("Outpost-Receipt"), Ulid(1) + " " + fingerprint);
  EXPECT_EQ(by_rest.headers.Get("Idempotency-Replayed"), "true");
}

TEST_F(Idempotency, TheHeadersKeyComesFirst) {
  std::string body = OrderBody();
  body.insert(1, R"("_idempotencyKey":"second","clientRequestId":"third",)");
  EXPECT_TRUE(client_.Post("/pos/orders", body).headers.Get("Outpost-Receipt").starts_with("second "));
  const Answer by_header = client_.Post("/pos/orders", body, {{"Idempotency-Key", "first"}});
  EXPECT_TRUE(by_header.headers.Get("Outpost-Receipt").starts_with("first "));
}

TEST_F(Idempotency, ABrokenKeyIsRefusedBeforeAnythingHappens) {
  for (const std::string& value : {std::string(256, 'k'), std::string("a b"), std::string("\"\"")}) {
    const Answer answer = client_.Post("/pos/orders", OrderBody(), {{"Idempotency-Key", value}});
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.code(), "IDEMPOTENCY_KEY_INVALID");
  }
  EXPECT_EQ(Orders(), 0u);
}

TEST_F(Idempotency, WithoutAKeyEverySendIsAnotherOrder) {
  client_.Post("/pos/orders", OrderBody());
  const Answer second = client_.Post("/pos/orders", OrderBody());
  EXPECT_EQ(second.headers.Find("Outpost-Receipt"), nullptr);
  EXPECT_EQ(Orders(), 2u);
}

}  // namespace
}  // namespace outpost::blackbox
