#include <gtest/gtest.h>

#include "protocol/push.h"

namespace outpost {
namespace {

std::string Entry(const std::string& id) { return R"({"id":")" + id + R"(","type":"X_V1","payload":{"a":1}})"; }

std::string Batch(std::size_t size) {
  std::string text = R"({"commands":[)";
  for (std::size_t i = 0; i < size; ++i) text += (i > 0 ? "," : "") + Entry("c" + std::to_string(i));
  return text + "]}";
}

ProblemCode Refused(const std::string& text) {
  const auto read = PushRequestFromText(text);
  EXPECT_TRUE(std::holds_alternative<Problem>(read)) << text;
  const auto parsed = ParseJson(text);
  if (parsed.ok()) {
    const auto from_tree = PushRequestFromJson(parsed.value());
    EXPECT_TRUE(std::holds_alternative<Problem>(from_tree)) << text;
  }
  return std::holds_alternative<Problem>(read) ? std::get<Problem>(read).code : ProblemCode::kInternalError;
}

TEST(PushRequest, ReadsWhatADeviceSends) {
  const auto read = PushRequestFromText(
      R"({"deviceId":"d1","incarnation":"i1","epoch":"e1","future":true,
          "report":{"waiting":3,"oldestCreatedAt":"t0","quarantined":1,"clock":"t1","release":"1.2"},"commands":[)" +
      Entry("a") + "," + Entry("b") + "]}");
  ASSERT_TRUE(std::holds_alternative<PushRequest>(read));
  const auto& request = std::get<PushRequest>(read);
  EXPECT_EQ(request.device->value, "d1");
  EXPECT_EQ(request.incarnation->value, "i1");
  EXPECT_EQ(request.epoch->value, "e1");
  EXPECT_EQ(request.report->waiting, 3);
  EXPECT_EQ(request.report->oldest_created_at, "t0");
  EXPECT_EQ(request.report->quarantined, 1);
  EXPECT_EQ(request.report->clock, "t1");
  EXPECT_EQ(request.report->release, "1.2");
  ASSERT_EQ(request.commands.size(), 2u);
  EXPECT_EQ(request.commands[1].id.value, "b");
  EXPECT_EQ(ToJson(request.commands[1].payload), R"({"a":1})");
}

TEST(PushRequest, TextAndTreeReadAlike) {
  const std::string text = Batch(3);
  const auto from_text = PushRequestFromText(text);
  const auto from_tree = PushRequestFromJson(ParseJson(text).value());
  const auto& one = std::get<PushRequest>(from_text).commands;
  const auto& other = std::get<PushRequest>(from_tree).commands;
  ASSERT_EQ(one.size(), other.size());
  for (std::size_t i = 0; i < one.size(); ++i) EXPECT_EQ(one[i].payload, other[i].payload);
}

TEST(PushRequest, PayloadsSurviveTheTextAndAMoveOfTheRequest) {
  auto text = std::make_unique<std::string>(Batch(200));
  auto read = PushRequestFromText(*text);
  text.reset();
  PushRequest moved = std::get<PushRequest>(std::move(read));
  PushRequest assigned;
  assigned = std::move(moved);
  for (const Command& command : assigned.commands) EXPECT_EQ(ToJson(command.payload), R"({"a":1})");
}

TEST(PushRequest, AForeignClientNeedsOnlyCommands) {
  const auto read = PushRequestFromText(R"({"commands":[],"deviceId":null})");
  ASSERT_TRUE(std::holds_alternative<PushRequest>(read));
  EXPECT_FALSE(std::get<PushRequest>(read).device.has_value());
  EXPECT_FALSE(std::get<PushRequest>(read).report.has_value());
}

TEST(PushRequest, ABrokenReportDoesNotHoldUpTheCommands) {
  for (const char* report : {"7", "[]", R"({"waiting":"x","clock":5})", R"({"waiting":-4})"}) {
    const auto read = PushRequestFromText(R"({"commands":[],"report":)" + std::string(report) + "}");
    ASSERT_TRUE(std::holds_alternative<PushRequest>(read)) << report;
    const auto& kept = std::get<PushRequest>(read).report;
    EXPECT_EQ(kept.value_or(DeviceReport()).waiting, 0);
  }
}

TEST(PushRequest, IsRefusedWholeWhenItsFrameIsWrong) {
  EXPECT_EQ(Refused("{"), ProblemCode::kMalformedJson);
  EXPECT_EQ(Refused(R"({"commands":[],"commands":[]})"), ProblemCode::kMalformedJson);
  EXPECT_EQ(Refused("[]"), ProblemCode::kMalformedJson);
  EXPECT_EQ(Refused("{}"), ProblemCode::kInvalidParameter);
  EXPECT_EQ(Refused(R"({"commands":{}})"), ProblemCode::kInvalidParameter);
  EXPECT_EQ(Refused(R"({"commands":[],"deviceId":"a b"})"), ProblemCode::kInvalidParameter);
  EXPECT_EQ(Refused(R"({"commands":[],"incarnation":7})"), ProblemCode::kInvalidParameter);
  EXPECT_EQ(Refused(R"({"commands":[],"epoch":[]})"), ProblemCode::kInvalidParameter);
}

TEST(PushRequest, TakesAThousandCommandsAndNotOneMore) {
  EXPECT_TRUE(std::holds_alternative<PushRequest>(PushRequestFromText(Batch(1000))));
  EXPECT_EQ(Refused(Batch(1001)), ProblemCode::kBatchTooLarge);
}

TEST(PushRequest, NamesTheEntryThatIsNoCommand) {
  for (const char* broken : {"7", "{}", R"({"id":"","type":"X_V1","payload":{}})"}) {
    const auto read = PushRequestFromText(R"({"commands":[)" + Entry("a") + "," + broken + "]}");
    ASSERT_TRUE(std::holds_alternative<Problem>(read)) << broken;
    EXPECT_EQ(std::get<Problem>(read).code, ProblemCode::kMalformedJson);
    EXPECT_EQ(std::get<Problem>(read).detail.substr(0, 12), "commands[1] ");
  }
}

TEST(PushRequest, OneMalformedFieldLeavesTheOtherEntriesAlone) {
  const auto read = PushRequestFromText(R"({"commands":[{"id":"a","type":"X_V1","payload":7},)" + Entry("b") + "]}");
  ASSERT_TRUE(std::holds_alternative<PushRequest>(read));
  const auto& commands = std::get<PushRequest>(read).commands;
  ASSERT_EQ(commands[0].envelope_errors.size(), 1u);
  EXPECT_EQ(commands[0].envelope_errors[0].field, "payload");
  EXPECT_TRUE(commands[1].envelope_errors.empty());
}

}  // namespace
}  // namespace outpost
