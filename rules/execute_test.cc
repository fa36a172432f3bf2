#include "rules/execute.h"

#include <gtest/gtest.h>

#include "rules/test_world.h"

namespace outpost::rules {
namespace {

constexpr std::string_view kTea = R"([{"sku":"tea","name":"Tea","quantity":2,"unitPrice":300}])";

std::string Order(std::string_view id, std::string_view items = kTea) {
  return R"({"id":")" + std::string(id) + R"(","items":)" + std::string(items) + "}";
}
std::string Id(std::string_view id) { return R"({"id":")" + std::string(id) + R"("})"; }

DocumentKey Key(std::string_view collection, std::string_view id) {
  return {CollectionName(std::string(collection)), DocumentId(std::string(id))};
}

std::vector<FieldError> Accepts(const json::object&) { return {}; }

// A type made for one test, run as it stands.
Execution RunRule(TestWorld& world, Outcome (*apply)(const Context&, const json::object&, Documents&)) {
  CommandType type;
  type.family = "TEST";
  type.validate = Accepts;
  type.apply = apply;
  const json::object payload;
  ExecutionRequest request;
  request.type = &type;
  request.context = world.context;
  request.payload = &payload;
  return Execute(request, world).value();
}

Outcome AppliedWith(std::vector<Write> writes) {
  Applied applied;
  applied.resource = writes.front().key;
  applied.writes = std::move(writes);
  return applied;
}

TEST(Roles, AdminAndListedRolesMayOthersMayNot) {
  TestWorld world;
  const auto may = [&](std::vector<std::string> roles, std::string_view type, std::string_view payload) {
    world.roles = std::move(roles);
    const Execution execution = world.Try(type, payload);
    const auto* refused = std::get_if<Refused>(&execution.outcome);
    return refused == nullptr || refused->problem.code != ProblemCode::kForbidden;
  };
  for (const CommandType& type : AllTypes()) {
    const std::string name = ToString(TypeName{std::string(type.family), type.version});
    const bool is_ticket = type.family.substr(0, 7) == "TICKET_";
    EXPECT_TRUE(may({"admin"}, name, "{}")) << name;
    EXPECT_TRUE(may({"staff"}, name, "{}")) << name;
    EXPECT_TRUE(may({"terminal"}, name, "{}")) << name;
    EXPECT_EQ(may({"kitchen"}, name, "{}"), is_ticket) << name;
    EXPECT_FALSE(may({"guest"}, name, "{}")) << name;
    EXPECT_TRUE(may({"guest", "staff"}, name, "{}")) << name;
    EXPECT_TRUE(may({}, name, "{}")) << "a device that knows no roles does not check them: " << name;
  }
}

TEST(OrderOfChecks, EachComesBeforeTheNext) {
  TestWorld world;
  world.Must("ORDER_CREATE_V1", Order("o1"));
  world.Must("ORDER_CANCEL_V1", Id("o1"));
  const std::string bad_items = R"({"id":"o1","items":7})";
  world.expected_version = Version(1);

  world.roles = {"guest"};
  EXPECT_EQ(world.CodeOf("ORDER_MODIFY_V1", R"({"id":"gone","items":7})"), ProblemCode::kForbidden);
  world.roles = {"staff"};
  EXPECT_EQ(world.CodeOf("ORDER_MODIFY_V1", R"({"id":"gone","items":7})"), ProblemCode::kNotFound);
  EXPECT_EQ(world.CodeOf("ORDER_MODIFY_V1", bad_items), ProblemCode::kValidationFailed);
  EXPECT_EQ(world.CodeOf("ORDER_MODIFY_V1", Order("o1")), ProblemCode::kVersionConflict);
  world.expected_version = Version(2);
  EXPECT_EQ(world.CodeOf("ORDER_MODIFY_V1", Order("o1")), ProblemCode::kInvalidStateTransition);
}

TEST(OrderOfChecks, AnUnusableTargetIdIsASchemaError) {
  TestWorld world;
  for (const char* payload : {"{}", R"({"id":""})", R"({"id":7})", R"({"id":"a b"})", R"({"id":null})"}) {
    const Execution execution = world.Try("ORDER_CANCEL_V1", payload);
    EXPECT_EQ(No(execution).problem.code, ProblemCode::kValidationFailed) << payload;
    ASSERT_EQ(No(execution).problem.errors.size(), 1u) << payload;
    EXPECT_EQ(No(execution).problem.errors[0].field, "id");
  }
}

TEST(VersionConflict, ShowsCurrentStateVersionAndDiff) {
  TestWorld world;
  world.Must("ORDER_CREATE_V1", Order("o1"));
  world.Must("ORDER_MODIFY_V1", R"({"id":"o1","tableId":"t1"})");
  world.expected_version = Version(1);
  const Execution execution = world.Try("ORDER_MODIFY_V1", R"({"id":"o1","tableId":"t2"})");
  const json::object& extra = No(execution).problem.extra;
  EXPECT_EQ(No(execution).problem.code, ProblemCode::kVersionConflict);
  EXPECT_EQ(extra.at("currentState"), json::value(world.Get("orders", "o1")));
  EXPECT_EQ(Number(extra, "currentVersion"), 2);
  EXPECT_EQ(ToJson(extra.at("diff")), R"([{"field":"tableId","yours":"t2","theirs":"t1"}])");
  EXPECT_FALSE(No(execution).met_not_held);
}

TEST(VersionConflict, AVersionOfSomethingThatIsGoneConflictsWithNothing) {
  TestWorld world;
  world.expected_version = Version(3);
  const Execution execution = world.Try("PRODUCT_PUT_V1", R"({"sku":"tea","name":"Tea","price":1})");
  EXPECT_EQ(No(execution).problem.code, ProblemCode::kVersionConflict);
  EXPECT_TRUE(No(execution).problem.extra.at("currentState").is_null());
  EXPECT_EQ(Number(No(execution).problem.extra, "currentVersion"), 0);
  EXPECT_EQ(ToJson(No(execution).problem.extra.at("diff")).find("sku"), std::string::npos)
      << "the target is no difference";
}

TEST(VersionConflict, FactsAndCommutingWritesIgnoreTheVersion) {
  TestWorld world;
  world.Must("ORDER_CREATE_V1", Order("o1"));
  world.expected_version = Version(77);
  const std::string line = Text(world.Get("orders", "o1").at("items").get_array()[0].get_object(), "lineId");
  world.Must("ORDER_ADD_ITEMS_V1", Order("o1"));
  world.Must("ORDER_CHANGE_LINE_V1", R"({"id":"o1","lineId":")" + line + R"(","quantity":1})");
  world.Must("ORDER_REMOVE_LINE_V1", R"({"id":"o1","lineId":")" + line + R"("})");
  world.Must("INVENTORY_ADJUST_V1", R"({"sku":"tea","delta":5,"reason":"delivery"})");
  EXPECT_EQ(Text(world.Must("ORDER_CLOSE_V1", R"({"id":"o1","payment":{"method":"CASH","amount":600}})"), "status"),
            "CLOSED");
}

TEST(Refusal, EveryConflictShowsTheWholeResource) {
  TestWorld world;
  const json::object order = world.Must("ORDER_CREATE_V1", Order("o1"));
  const Execution again = world.Try("ORDER_CREATE_V1", Order("o1"));
  EXPECT_EQ(No(again).problem.code, ProblemCode::kAlreadyExists);
  EXPECT_EQ(No(again).problem.extra.at("currentState"), json::value(order));
  EXPECT_EQ(Number(No(again).problem.extra, "currentVersion"), 1);
}

TEST(NotHeld, ATargetTheDeviceDoesNotHoldIsNoVerdict) {
  TestWorld device(TestWorld::Side::kDevice);
  device.Forget("orders", "o1");
  const Execution execution = device.Try("ORDER_CANCEL_V1", Id("o1"));
  EXPECT_EQ(No(execution).problem.code, ProblemCode::kNotFound);
  EXPECT_TRUE(No(execution).met_not_held);
  EXPECT_EQ(AccessTo(execution, "orders", "o1"), Access::kUpdates) << "the order edges are needed all the same";
}

TEST(NotHeld, ABrokenPayloadIsRefusedWhateverIsHeld) {
  TestWorld device(TestWorld::Side::kDevice);
  device.Forget("orders", "o1");
  const Execution execution = device.Try("ORDER_ADD_ITEMS_V1", R"({"id":"o1","items":[]})");
  EXPECT_EQ(No(execution).problem.code, ProblemCode::kValidationFailed);
  EXPECT_FALSE(No(execution).met_not_held);
}

TEST(NotHeld, InternalBookKeepingDoesNotMakeARefusalDoubtful) {
  TestWorld device(TestWorld::Side::kDevice);
  const std::string huge = R"([{"sku":"a","name":"A","quantity":2,"unitPrice":9007199254740991}])";
  const Execution execution = device.Try("ORDER_CREATE_V1", Order("o1", huge));
  EXPECT_EQ(No(execution).problem.code, ProblemCode::kValidationFailed);
  EXPECT_FALSE(No(execution).met_not_held);
}

TEST(Metadata, StandsAroundTheFieldsAndSurvivesUpdates) {
  TestWorld world;
  const json::object created = world.Must("ORDER_CREATE_V1", Order("o1"));
  std::vector<std::string> names;
  for (const auto& member : created) names.emplace_back(member.key());
  EXPECT_EQ(names, (std::vector<std::string>{"id", "version", "number", "tableId", "status", "items", "total",
                                             "currency", "paid", "createdAt", "updatedAt", "createdBy"}));
  EXPECT_EQ(Text(created, "createdAt"), "2023-11-14T22:13:20.000Z");

  world.context.now = Timestamp{1'700'000'001'000};
  world.context.author = UserId("ben");
  const json::object changed = world.Must("ORDER_MODIFY_V1", R"({"id":"o1","tableId":"t1"})");
  EXPECT_EQ(Number(changed, "version"), 2);
  EXPECT_EQ(Text(changed, "createdAt"), "2023-11-14T22:13:20.000Z");
  EXPECT_EQ(Text(changed, "updatedAt"), "2023-11-14T22:13:21.000Z");
  EXPECT_EQ(Text(changed, "createdBy"), "anna");
}

TEST(Metadata, VersionsOfARecreatedIdGoOn) {
  TestWorld world;
  Execution gone;
  gone.outcome =
      Executed{{{Key("orders", "o1"), Access::kUpdates, Version(6), true, {}}}, Key("orders", "o1"), 200, {}};
  world.Store(gone);
  EXPECT_EQ(Number(world.Must("ORDER_CREATE_V1", Order("o1")), "version"), 7);
}

TEST(Writes, SeveralToOneDocumentAreOneVersionStep) {
  TestWorld world;
  world.Seed("stock", "tea", R"({"sku":"tea","onHand":10,"oversold":0,"counted":true})", 4);
  const Execution execution = RunRule(world, [](const Context&, const json::object&, Documents&) {
    const Add minus{{{"onHand", -7}}, {}, {}};
    return AppliedWith(
        {{Key("stock", "tea"), Access::kCommutes, minus}, {Key("stock", "tea"), Access::kCommutes, minus}});
  });
  ASSERT_EQ(Ok(execution).documents.size(), 1u);
  const NewDocument& stock = Ok(execution).documents[0];
  EXPECT_EQ(stock.version, Version(5));
  EXPECT_EQ(Number(stock.body, "onHand"), -4);
  EXPECT_EQ(Number(stock.body, "oversold"), 4);
  EXPECT_EQ(AccessTo(execution, "stock", "tea"), Access::kCommutes);
}

TEST(Writes, TheStrongestAccessIsReported) {
  TestWorld world;
  const Execution execution = RunRule(world, [](const Context&, const json::object&, Documents&) {
    return AppliedWith({{Key("stock", "tea"), Access::kUpdates, Put{{{"onHand", 1}}}},
                        {Key("stock", "tea"), Access::kCommutes, Add{{{"onHand", 2}}, {}, {}}}});
  });
  ASSERT_EQ(Ok(execution).documents.size(), 1u);
  EXPECT_EQ(Number(Ok(execution).documents[0].body, "onHand"), 3);
  EXPECT_EQ(Ok(execution).documents[0].access, Access::kUpdates);
  EXPECT_EQ(AccessTo(execution, "stock", "tea"), Access::kUpdates);
}

TEST(Writes, ASumBeyondTheLargestNumberIsRefused) {
  for (const std::int64_t sign : {1, -1}) {
    TestWorld world;
    world.Seed("stock", "tea", R"({"onHand":)" + std::to_string(sign * kIntegerMax) + "}");
    const std::string delta = std::to_string(sign);
    const Execution execution = world.Try("INVENTORY_ADJUST_V1", R"({"sku":"tea","reason":"","delta":)" + delta + "}");
    EXPECT_EQ(No(execution).problem.code, ProblemCode::kValidationFailed);
    EXPECT_EQ(No(execution).problem.errors.at(0).field, "onHand");
    world.Must("INVENTORY_ADJUST_V1", R"({"sku":"tea","reason":"","delta":)" + std::to_string(-sign) + "}");
  }
}

TEST(Writes, AddingToWhatIsNotHeldShowsNothingButIsReported) {
  TestWorld device(TestWorld::Side::kDevice);
  device.Forget("stock", "tea");
  const Execution execution = device.Try("INVENTORY_ADJUST_V1", R"({"sku":"tea","delta":5,"reason":"delivery"})");
  EXPECT_TRUE(Ok(execution).documents.empty());
  EXPECT_TRUE(Ok(execution).resource_body().empty());
  EXPECT_EQ(AccessTo(execution, "stock", "tea"), Access::kCommutes);
}

TEST(Writes, CreatingOverAnExistingIdIsAConflict) {
  TestWorld world;
  world.Seed("ledger", "e1", R"({"lines":[]})");
  const Execution execution = RunRule(world, [](const Context&, const json::object&, Documents&) {
    return AppliedWith({{Key("ledger", "e1"), Access::kCreates, Put{}}});
  });
  EXPECT_EQ(No(execution).problem.code, ProblemCode::kAlreadyExists);
  EXPECT_EQ(No(execution).problem.extra.at("currentState"), json::value(world.Get("ledger", "e1")));
}

TEST(Writes, ADeletedDocumentLeavesItsIdAndVersion) {
  TestWorld world;
  world.Seed("products", "tea", R"({"sku":"tea"})", 3);
  const Execution execution = RunRule(world, [](const Context&, const json::object&, Documents&) {
    return AppliedWith({{Key("products", "tea"), Access::kUpdates, Delete{}}});
  });
  ASSERT_EQ(Ok(execution).documents.size(), 1u);
  EXPECT_TRUE(Ok(execution).documents[0].deleted);
  EXPECT_EQ(ToJson(Ok(execution).resource_body()), R"({"id":"tea","version":4})");
}

TEST(Writes, DeletingWhatIsNotThereDoesNothing) {
  TestWorld world;
  const Execution execution = RunRule(world, [](const Context&, const json::object&, Documents&) {
    return AppliedWith({{Key("products", "tea"), Access::kUpdates, Delete{}}});
  });
  EXPECT_TRUE(Ok(execution).documents.empty());
}

TEST(Loading, WhatOneRunMissesComesInOneLoad) {
  TestWorld world;
  const Execution execution = RunRule(world, [](const Context&, const json::object&, Documents& documents) -> Outcome {
    bool all = true;
    for (int i = 0; i < 40; ++i) all = documents.Find(Key("products", "p" + std::to_string(i))).has_value() && all;
    if (!all) return NeedsDocuments{};
    return AppliedWith({{Key("products", "p7"), Access::kCreates, Put{{{"sku", "p7"}}}}});
  });
  EXPECT_EQ(world.loads, 1);
  ASSERT_EQ(execution.touched.size(), 40u);
  EXPECT_EQ(AccessTo(execution, "products", "p7"), Access::kCreates);
  EXPECT_EQ(AccessTo(execution, "products", "p39"), Access::kReads);
  EXPECT_EQ(Ok(execution).documents.size(), 1u);
}

TEST(Loading, AnOrderNeedsTwoRoundTripsToBeCreatedAndOneToBeChanged) {
  TestWorld world;
  world.Must("ORDER_CREATE_V1", Order("o1"));
  EXPECT_EQ(world.loads, 2);
  world.loads = 0;
  world.Must("ORDER_ADD_ITEMS_V1", Order("o1"));
  EXPECT_EQ(world.loads, 1);
}

TEST(Loading, AFailingSourceIsAnErrorAndNoVerdict) {
  class Broken : public DocumentSource {
    Status Load(std::span<const DocumentKey>, std::vector<const StoredDocument*>&) override {
      return Error{ErrorCode::kIo, "disk"};
    }
  };
  Broken source;
  const json::object payload = Parsed(Id("o1"));
  ExecutionRequest request;
  request.type = FindType("ORDER_CANCEL", 1);
  request.payload = &payload;
  const Result<Execution> result = Execute(request, source);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kIo);
}

TEST(Target, IsThePayloadsIdOrTheCommands) {
  const CommandId command("01HZZZZZZZ0000000000000001");
  const CommandType& create = *FindType("ORDER_CREATE", 1);
  EXPECT_EQ(TargetOf(create, command, {})->id.value, command.value);
  EXPECT_EQ(TargetOf(create, command, {{"id", nullptr}})->id.value, command.value);
  EXPECT_EQ(TargetOf(create, command, {{"id", "o1"}})->id.value, "o1");
  EXPECT_EQ(TargetOf(create, command, {{"id", "o 1"}}), std::nullopt);
  EXPECT_EQ(TargetOf(*FindType("ORDER_CANCEL", 1), command, {}), std::nullopt);
  EXPECT_EQ(*TargetOf(*FindType("PRODUCT_PUT", 1), command, {{"sku", "tea"}}), Key("products", "tea"));
}

TEST(Types, AreFoundByFamilyAndVersion) {
  EXPECT_NE(FindType("ORDER_CREATE", 1), nullptr);
  EXPECT_EQ(FindType("ORDER_CREATE", 2), nullptr);
  EXPECT_EQ(FindType("ORDER_DREAM", 1), nullptr);
}

}  // namespace
}  // namespace outpost::rules
