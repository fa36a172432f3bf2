#include "protocol/command.h"

#include <gtest/gtest.h>

namespace outpost {
namespace {

json::value Parse(std::string_view text) { return ParseJson(text).value(); }

std::vector<std::string> EnvelopeErrors(std::string_view members) {
  const auto command = CommandFromJson(Parse(R"({"id":"c1","type":"X_V1","payload":{})" + std::string(members) + "}"));
  std::vector<std::string> fields;
  if (!command.ok()) return {"refused whole: " + command.error().message};
  for (const FieldError& error : command.value().envelope_errors) fields.push_back(error.field);
  return fields;
}

TEST(TypeName, IsAFamilyAndAVersion) {
  EXPECT_EQ(ParseTypeName("ORDER_CREATE_V1").value().family, "ORDER_CREATE");
  EXPECT_EQ(ParseTypeName("ORDER_CREATE_V12").value().version, 12);
  EXPECT_EQ(ParseTypeName("A_V2_V3").value().family, "A_V2");
  EXPECT_EQ(ToString(ParseTypeName("TICKET_BUMP_V1").value()), "TICKET_BUMP_V1");
  for (const char* text : {"", "ORDER_CREATE", "ORDER_CREATE_V", "ORDER_CREATE_V0", "ORDER_CREATE_V01", "_V1", "X_V-1",
                           "X_V+1", "X_V1x", "X_V99999999999", "X_v1"}) {
    EXPECT_FALSE(ParseTypeName(text).ok()) << text;
  }
}

TEST(Fingerprint, IsSha256OfTheCanonicalFamilyAndPayload) {
  const json::value payload = Parse(R"({"b":1,"a":"x"})");
  EXPECT_EQ(FingerprintOf("F", payload.as_object()), Sha256Of(R"({"family":"F","payload":{"a":"x","b":1}})"));
  EXPECT_EQ(FingerprintOf("F\"", {}), Sha256Of(R"({"family":"F\"","payload":{}})"));
}

TEST(Fingerprint, IsTheSameHoweverThePayloadWasWritten) {
  const Digest digest =
      FingerprintOf("ORDER_CREATE", Parse(R"({"id":"1","items":[{"sku":"é","price":1250}]})").as_object());
  for (const char* text : {R"({ "items":[{"price":1250,"sku":"é"}], "id":"1" })",
                           R"({"items":[{"price":1.25e3,"sku":"\u00e9"}],"id":"\u0031"})"}) {
    EXPECT_EQ(FingerprintOf("ORDER_CREATE", Parse(text).as_object()), digest) << text;
  }
  EXPECT_NE(FingerprintOf("ORDER_MODIFY", Parse(R"({"id":"1","items":[{"sku":"é","price":1250}]})").as_object()),
            digest);
  EXPECT_NE(FingerprintOf("ORDER_CREATE", Parse(R"({"id":"1","items":[{"sku":"é","price":1251}]})").as_object()),
            digest);
}

TEST(CommandFromJson, ReadsEveryField) {
  const auto read =
      CommandFromJson(Parse(R"({"id":"c1","n":17,"author":"mia","type":"ORDER_CREATE_V1","payload":{"id":"o1"},
      "key":"k/1","revision":2,"expectedVersion":3,"dependsOn":["c0","b"],"replaces":"old","createdAt":"2026-11-20T15:17:58Z",
      "traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","unknown":[1]})"));
  ASSERT_TRUE(read.ok());
  const Command& command = read.value();
  EXPECT_TRUE(command.envelope_errors.empty());
  EXPECT_EQ(command.id.value, "c1");
  EXPECT_EQ(command.n->value, 17);
  EXPECT_EQ(command.author->value, "mia");
  EXPECT_EQ(command.type, "ORDER_CREATE_V1");
  EXPECT_EQ(ToJson(command.payload), R"({"id":"o1"})");
  EXPECT_EQ(command.key.value, "k/1");
  EXPECT_EQ(command.revision.value, 2);
  EXPECT_EQ(std::get<Version>(command.expected_version).value, 3);
  EXPECT_EQ(command.depends_on, (std::vector{CommandId("c0"), CommandId("b")}));
  EXPECT_EQ(command.replaces->value, "old");
  EXPECT_EQ(command.created_at, "2026-11-20T15:17:58Z");
  EXPECT_EQ(command.traceparent, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
}

TEST(CommandFromJson, FillsInDefaults) {
  const Command command = CommandFromJson(Parse(R"({"id":"c1","type":"X_V1","payload":{},"author":null})")).value();
  EXPECT_TRUE(command.envelope_errors.empty());
  EXPECT_EQ(command.key.value, "c1");
  EXPECT_EQ(command.revision.value, 0);
  EXPECT_FALSE(command.n.has_value());
  EXPECT_FALSE(command.author.has_value());
  EXPECT_FALSE(command.replaces.has_value());
  EXPECT_TRUE(std::holds_alternative<std::monostate>(command.expected_version));
}

TEST(CommandFromJson, TakesIdempotencyKeyForKey) {
  const Command other = CommandFromJson(Parse(R"({"id":"c","type":"X_V1","payload":{},"idempotencyKey":"a"})")).value();
  EXPECT_EQ(other.key.value, "a");
  const Command both =
      CommandFromJson(Parse(R"({"id":"c","type":"X_V1","payload":{},"idempotencyKey":"a","key":"b"})")).value();
  EXPECT_EQ(both.key.value, "b");
}

TEST(CommandFromJson, ExpectsTheVersionAnotherCommandProduced) {
  const Command command =
      CommandFromJson(Parse(R"({"id":"c","type":"X_V1","payload":{},"expectedVersion":{"after":"c0"}})")).value();
  EXPECT_EQ(std::get<AfterCommand>(command.expected_version).id.value, "c0");
}

TEST(CommandFromJson, WithoutAValidIdIsRefusedWhole) {
  for (const char* text : {"1", "null", "[]", "{}", R"({"id":7})", R"({"id":""})", R"({"id":"a b"})"}) {
    EXPECT_FALSE(CommandFromJson(Parse(text)).ok()) << text;
  }
}

TEST(CommandFromJson, NotesEveryOtherMalformedField) {
  using Fields = std::vector<std::string>;
  EXPECT_EQ(EnvelopeErrors(""), Fields{});
  EXPECT_EQ(EnvelopeErrors(R"(,"n":0)"), Fields{"n"});
  EXPECT_EQ(EnvelopeErrors(R"(,"n":1.5)"), Fields{"n"});
  EXPECT_EQ(EnvelopeErrors(R"(,"n":"1")"), Fields{"n"});
  EXPECT_EQ(EnvelopeErrors(R"(,"revision":-1)"), Fields{"revision"});
  EXPECT_EQ(EnvelopeErrors(R"(,"author":"a b")"), Fields{"author"});
  EXPECT_EQ(EnvelopeErrors(R"(,"key":"")"), Fields{"key"});
  EXPECT_EQ(EnvelopeErrors(R"(,"key":"a b")"), Fields{"key"});
  EXPECT_EQ(EnvelopeErrors(R"(,"idempotencyKey":7)"), Fields{"idempotencyKey"});
  EXPECT_EQ(EnvelopeErrors(R"(,"expectedVersion":-1)"), Fields{"expectedVersion"});
  EXPECT_EQ(EnvelopeErrors(R"(,"expectedVersion":"3")"), Fields{"expectedVersion"});
  EXPECT_EQ(EnvelopeErrors(R"(,"expectedVersion":{"after":""})"), Fields{"expectedVersion"});
  EXPECT_EQ(EnvelopeErrors(R"(,"dependsOn":"c0")"), Fields{"dependsOn"});
  EXPECT_EQ(EnvelopeErrors(R"(,"dependsOn":["c0",7,""])"), (Fields{"dependsOn[1]", "dependsOn[2]"}));
  EXPECT_EQ(EnvelopeErrors(R"(,"replaces":{})"), Fields{"replaces"});
  EXPECT_EQ(EnvelopeErrors(R"(,"createdAt":5)"), Fields{"createdAt"});
  EXPECT_EQ(EnvelopeErrors(R"(,"traceparent":5)"), Fields{});
  const Command bare = CommandFromJson(Parse(R"({"id":"c","payload":[]})")).value();
  ASSERT_EQ(bare.envelope_errors.size(), 2u);
  EXPECT_EQ(bare.envelope_errors[0].field, "payload");
  EXPECT_EQ(bare.envelope_errors[1].field, "type");
}

TEST(CommandFromJson, DropsATraceparentThatCouldForgeALogLine) {
  const Command command =
      CommandFromJson(Parse(R"({"id":"c","type":"X_V1","payload":{},"traceparent":"00-a\nlevel=error"})")).value();
  EXPECT_EQ(command.traceparent, "");
}

TEST(CommandFromJson, MovesThePayloadOutOfAnEntryThatIsGivenAway) {
  json::monotonic_resource memory;
  json::value entry = ParseJson(R"({"id":"c","type":"X_V1","payload":{"a":1}})", &memory).value();
  const Command copied = CommandFromJson(static_cast<const json::value&>(entry)).value();
  EXPECT_NE(copied.payload.storage().get(), &memory);
  const Command moved = CommandFromJson(std::move(entry)).value();
  EXPECT_EQ(moved.payload.storage().get(), &memory);
  EXPECT_EQ(moved.payload, copied.payload);
}

TEST(AppendCommandJson, WritesWhatReadsBackAsTheSameCommand) {
  Command command{.id = CommandId("c1"), .n = CommandNumber(4), .author = UserId("mia"), .type = "X_V1"};
  command.key = IdempotencyKey("k\"1");
  command.revision = Revision(1);
  command.expected_version = AfterCommand{CommandId("c0")};
  command.depends_on = {CommandId("a"), CommandId("b")};
  command.replaces = CommandId("r");
  command.created_at = "2026-11-20T15:17:58.000Z";
  command.traceparent = "00-ab-cd-01";
  std::string text;
  AppendCommandJson(text, command, R"({"x":1})");
  const Command read = CommandFromJson(Parse(text)).value();
  EXPECT_TRUE(read.envelope_errors.empty());
  std::string again;
  AppendCommandJson(again, read, ToJson(read.payload));
  EXPECT_EQ(again, text);
}

TEST(AppendCommandJson, LeavesOutWhatIsAbsentOrDefault) {
  const Command command{.id = CommandId("c1"), .type = "X_V1", .key = IdempotencyKey("c1")};
  std::string text;
  AppendCommandJson(text, command, "{}");
  EXPECT_EQ(text, R"({"id":"c1","type":"X_V1","payload":{}})");
}

}  // namespace
}  // namespace outpost
