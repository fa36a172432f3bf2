#include "wasm/session.h"

#include <gtest/gtest.h>

#include "wasm/memory_storage.h"

namespace outpost::wasm {
namespace {

constexpr char kOrder[] =
    R"("type":"ORDER_CREATE_V1","payload":{"id":"o1","items":[{"sku":"tea","name":"Tea","quantity":2,"unitPrice":250}]})";

class SessionTest : public ::testing::Test {
 protected:
  SessionTest() { Open(); }

  void Open() {
    session_.reset();
    session_.emplace(storage_);
    Ok(R"({"do":"open","workspace":"w","user":"ann","seed":7})");
    Ok(R"({"do":"start"})");
  }

  void LosePower() {
    const MemoryStorage::Image left = storage_.Durable();
    session_.reset();
    storage_.Restore(left);
    Open();
  }

  // The answers and, last, what is to be done.
  std::vector<json::value> Perform(const std::vector<std::string>& texts, std::string_view attachment = {}) {
    std::vector<Operation> operations;
    for (const std::string& text : texts) operations.push_back({text, attachment});
    std::vector<json::value> answers;
    for (const std::string& text : session_->Perform(operations, now_)) {
      auto parsed = ParseJson(text);
      EXPECT_TRUE(parsed.ok()) << text;
      answers.push_back(parsed.ok() ? std::move(parsed).value() : json::value());
    }
    EXPECT_EQ(answers.size(), texts.size() + 1);
    conclusion_ = answers.back().as_object();
    return answers;
  }
  json::value Ok(const std::string& text, std::string_view attachment = {}) {
    const json::value answer = Perform({text}, attachment).front();
    EXPECT_TRUE(answer.as_object().contains("ok")) << ToJson(answer);
    return answer.as_object().contains("ok") ? answer.at("ok") : json::value();
  }
  std::string CodeOf(const std::string& text) {
    const json::value answer = Perform({text}).front();
    return answer.as_object().contains("error") ? std::string(answer.at("error").at("code").as_string()) : "ok";
  }
  std::vector<json::object> Effects(std::string_view kind) {
    std::vector<json::object> found;
    for (const json::value& effect : conclusion_.at("effects").as_array()) {
      if (effect.at("effect").as_string() == kind) found.push_back(effect.as_object());
    }
    return found;
  }
  std::string Execute(const std::string& key) {
    return std::string(R"({"do":"execute","key":")") + key + "\"," + kOrder + '}';
  }

  MemoryStorage storage_;
  Timestamp now_{1'760'000'000'000};
  std::optional<Session> session_;
  json::object conclusion_;
};

TEST_F(SessionTest, WhatAGroupAcceptedIsThereAfterAPowerCut) {
  const auto answers =
      Perform({Execute("k1"), R"({"do":"execute","type":"ORDER_SEND_TO_KITCHEN_V1","payload":{"id":"o1"}})"});
  EXPECT_EQ(answers[0].at("ok").at("optimistic").at("total").as_int64(), 500);
  EXPECT_EQ(conclusion_.at("status").at("waiting").as_int64(), 2);
  LosePower();
  const json::value order = Ok(R"({"do":"get","collection":"orders","id":"o1"})");
  EXPECT_EQ(order.at("doc").at("status").as_string(), "SENT");
  EXPECT_TRUE(order.at("pending").as_bool());
}

TEST_F(SessionTest, OneCallIsOneFlush) {
  Ok(Execute("k1"));
  const int before = storage_.flushes;
  std::vector<std::string> adds(
      20,
      R"({"do":"execute","type":"ORDER_ADD_ITEMS_V1","payload":{"id":"o1","items":[{"sku":"tea","name":"Tea","quantity":1,"unitPrice":250}]}})");
  for (const json::value& answer : Perform(adds)) EXPECT_FALSE(answer.as_object().contains("error"));
  EXPECT_LE(storage_.flushes, before + 2);
}

TEST_F(SessionTest, TheSameKeyIsTheSameCommand) {
  const json::value first = Ok(Execute("k1"));
  EXPECT_EQ(Ok(Execute("k1")).at("id"), first.at("id"));
  EXPECT_EQ(Ok(R"({"do":"queue"})").as_array().size(), 1u);
}

TEST_F(SessionTest, AnExecuteAsksForAPushAndAnAnswerSettlesIt) {
  Ok(Execute("k1"));
  const auto sends = Effects("send");
  ASSERT_FALSE(sends.empty());
  EXPECT_EQ(conclusion_.at("status").at("inFlight").as_int64(), 1);
  Ok(R"({"do":"httpDone","exchange":)" + std::to_string(sends.front().at("exchange").as_int64()) +
         R"(,"status":200,"contentType":"text/html"})",
     "<html>Sign in to the hotel's network</html>");
  EXPECT_EQ(conclusion_.at("status").at("waiting").as_int64(), 1) << "a page that is not ours settles nothing";
}

TEST_F(SessionTest, WatchedQueriesTellWhatChanged) {
  const json::value watched =
      Ok(R"({"do":"watch","query":{"collection":"orders","where":[{"field":"status","value":"NEW"}]}})");
  EXPECT_TRUE(watched.at("documents").as_array().empty());
  Ok(Execute("k1"));
  const auto changes = Effects("queryChanged");
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes.front().at("added").as_array().front().at("id").as_string(), "o1");
}

TEST_F(SessionTest, WrongOperationsAreNamedAndChangeNothing) {
  EXPECT_EQ(CodeOf("{"), "INVALID_ARGUMENT");
  EXPECT_EQ(CodeOf(R"({"do":"fly"})"), "INVALID_ARGUMENT");
  EXPECT_EQ(CodeOf(R"({"do":"execute","type":"ORDER_CREATE_V1"})"), "INVALID_ARGUMENT");
  EXPECT_EQ(CodeOf(R"({"do":"find","query":{"collection":"orders","where":[{"field":"a'b","value":1}]}})"),
            "INVALID_ARGUMENT");
  EXPECT_EQ(CodeOf(R"({"do":"queue","status":["LOST"]})"), "INVALID_ARGUMENT");
  EXPECT_EQ(CodeOf(R"({"do":"retry","id":"nobody"})"), "NOT_FOUND");
  EXPECT_EQ(Ok(R"({"do":"queue"})").as_array().size(), 0u);
}

TEST_F(SessionTest, AFullStorageRefusesTheNewWriteAndKeepsTheOthers) {
  Ok(Execute("k1"));
  storage_.full = true;
  EXPECT_EQ(CodeOf(R"({"do":"execute","type":"ORDER_SEND_TO_KITCHEN_V1","payload":{"id":"o1"}})"), "QUEUE_FULL");
  storage_.full = false;
  EXPECT_EQ(Ok(R"({"do":"queue","status":["PENDING"]})").as_array().size(), 1u);
  EXPECT_EQ(CodeOf(R"({"do":"execute","type":"ORDER_SEND_TO_KITCHEN_V1","payload":{"id":"o1"}})"), "ok");
}

TEST_F(SessionTest, AGroupThatCannotBeMadeDurableAcceptsNothing) {
  storage_.broken = true;
  EXPECT_EQ(CodeOf(Execute("k1")), "STORE_FAILED");
  EXPECT_EQ(CodeOf(R"({"do":"queue"})"), "STORE_FAILED");
}

TEST_F(SessionTest, AStoreThatIsCreatedTakesTheDeviceItsHostKnows) {
  MemoryStorage empty;
  session_.reset();
  session_.emplace(empty);
  const json::value opened = Ok(R"({"do":"open","workspace":"w","user":"ann","seed":7,"device":"till-3"})");
  EXPECT_EQ(opened.at("device").as_string(), "till-3");
  session_.reset();  // before the storage
}

}  // namespace
}  // namespace outpost::wasm
