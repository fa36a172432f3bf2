// The service on commands that depend on each other: order, local ids, chained edits, discards, replacements.
#include "server/core/service_fixture.h"

namespace outpost::server {
namespace {

class CausalOrderTest : public ServiceFixture {};

TEST_F(CausalOrderTest, BatchIsExecutedInCausalOrderAndAnsweredInItsOwn) {
  Command send = SendToKitchen("c2", "c1");
  send.depends_on = {CommandId("c1")};
  const auto results = Results(Send(Staff(), send, CreateOrder("c1")));
  EXPECT_EQ(results[0].id, CommandId("c2"));
  EXPECT_EQ(results[0].status, WireStatus::kSucceeded);
  EXPECT_EQ(results[0].seq, Sequence(2));
  EXPECT_EQ(results[1].seq, Sequence(1));
}

TEST_F(CausalOrderTest, FailureHoldsBackWhatDependsOnItAndNobodyElse) {
  Command bad = Make("c1", "ORDER_CREATE_V1", {{"items", json::array()}});
  const auto results = Results(Send(Staff(), bad, SendToKitchen("c2", "c1"), AddItems("c3", "c1"), CreateOrder("c4")));
  EXPECT_EQ(results[0].status, WireStatus::kFailed);
  for (int i : {1, 2}) {
    EXPECT_EQ(results[i].status, WireStatus::kBlocked);
    EXPECT_EQ(results[i].http_status, 424);
    EXPECT_EQ(CodeOf(results[i]), ProblemCode::kDependencyFailed);
    EXPECT_EQ(results[i].problem->extra.at("blockedBy").as_array().at(0), "c1");
  }
  EXPECT_EQ(results[3].status, WireStatus::kSucceeded);
  // Nothing of a blocked command is remembered: once the order exists it runs.
  Command good = CreateOrder("c9");
  good.payload["id"] = "c1";
  Run(good);
  EXPECT_EQ(Run(SendToKitchen("c2", "c1")).status, WireStatus::kSucceeded);
}

TEST_F(CausalOrderTest, RefusedUpdateHoldsBackUpdatesButNotCommutingCommands) {
  Run(CreateOrder("c1"));
  Command refused = ModifyOrder("c2", "c1");
  refused.expected_version = Version(9);
  const auto results = Results(Send(Staff(), refused, AddItems("c3", "c1"), ModifyOrder("c4", "c1")));
  EXPECT_EQ(results[0].status, WireStatus::kConflict);
  EXPECT_EQ(results[1].status, WireStatus::kSucceeded);
  EXPECT_EQ(results[2].status, WireStatus::kBlocked);
}

TEST_F(CausalOrderTest, DependencyOutsideTheBatchMustHaveSucceeded) {
  Command dependent = CreateOrder("c2");
  dependent.depends_on = {CommandId("c1")};
  EXPECT_EQ(Run(dependent).status, WireStatus::kBlocked);
  Run(Make("c1", "ORDER_CREATE_V1", {{"items", json::array()}}));
  EXPECT_EQ(Run(dependent).status, WireStatus::kBlocked);
  Command repaired = CreateOrder("c3");
  Run(repaired);
  dependent.depends_on = {CommandId("c3")};
  EXPECT_EQ(Run(dependent).status, WireStatus::kSucceeded);
}

TEST_F(CausalOrderTest, CycleIsRefusedAndWhatHangsOnItIsHeldBack) {
  Command a = CreateOrder("c1"), b = CreateOrder("c2"), c = CreateOrder("c3"), free = CreateOrder("c4");
  a.depends_on = {CommandId("c2")};
  b.depends_on = {CommandId("c1")};
  c.depends_on = {CommandId("c1")};
  Command self = CreateOrder("c5");
  self.depends_on = {CommandId("c5")};
  const auto results = Results(Send(Staff(), a, b, c, free, self));
  EXPECT_EQ(CodeOf(results[0]), ProblemCode::kDependencyCycle);
  EXPECT_EQ(results[0].http_status, 422);
  EXPECT_EQ(CodeOf(results[1]), ProblemCode::kDependencyCycle);
  EXPECT_EQ(results[2].status, WireStatus::kBlocked);
  EXPECT_EQ(results[3].status, WireStatus::kSucceeded);
  EXPECT_EQ(CodeOf(results[4]), ProblemCode::kDependencyCycle);
}

constexpr const char* kLocal = "local_01JD0000000000000000000001";

TEST_F(CausalOrderTest, LocalIdIsResolvedInTheBatchAndLater) {
  Command create = CreateOrder("c1");
  create.payload["id"] = kLocal;
  const auto results = Results(FromTill(Staff(), 1, create, SendToKitchen("c2", kLocal)));
  ASSERT_EQ(results[0].status, WireStatus::kSucceeded);
  EXPECT_EQ(results[0].ids, (std::vector<std::pair<std::string, std::string>>{{kLocal, "c1"}}));
  EXPECT_EQ(results[0].fingerprint, ToHex(FingerprintOf("ORDER_CREATE", create.payload)));
  EXPECT_EQ(results[1].status, WireStatus::kSucceeded);
  EXPECT_EQ(Stored("orders", "c1").at("status"), "SENT");
  EXPECT_EQ(Results(FromTill(Staff(), 3, AddItems("c3", kLocal))).front().status, WireStatus::kSucceeded);
  const CommandResult again = Results(FromTill(Staff(), 1, create)).front();
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.ids, results[0].ids);
}

TEST_F(CausalOrderTest, UnknownLocalIdWaits) {
  EXPECT_EQ(Results(FromTill(Staff(), 1, SendToKitchen("c1", kLocal))).front().status, WireStatus::kBlocked);
  Command create = CreateOrder("c2");
  create.payload["id"] = kLocal;
  Results(FromTill(Staff(), 2, create));
  EXPECT_EQ(Results(FromTill(Staff(), 1, SendToKitchen("c1", kLocal))).front().status, WireStatus::kSucceeded);
  Submission elsewhere = FromTill(Staff(), 1, SendToKitchen("c3", kLocal));
  elsewhere.request.device = DeviceId("till-2");
  EXPECT_EQ(Results(elsewhere).front().status, WireStatus::kBlocked);
}

TEST_F(CausalOrderTest, ExpectedVersionOfAnEarlierCommandChainsEdits) {
  Command second = ModifyOrder("c2", "c1", "1"), third = ModifyOrder("c3", "c1", "2");
  second.expected_version = AfterCommand{CommandId("c1")};
  third.expected_version = AfterCommand{CommandId("c2")};
  const auto results = Results(Send(Staff(), CreateOrder("c1"), second, third));
  EXPECT_EQ(results[2].status, WireStatus::kSucceeded);
  Run(ModifyOrder("c4", "c1", "9"));
  Command late = ModifyOrder("c5", "c1", "3");
  late.expected_version = AfterCommand{CommandId("c3")};
  EXPECT_EQ(CodeOf(Run(late)), ProblemCode::kVersionConflict);
  late = ModifyOrder("c6", "c1", "3");
  late.expected_version = AfterCommand{CommandId("never")};
  EXPECT_EQ(Run(late).status, WireStatus::kBlocked);
  Run(CreateOrder("c7"));
  late.expected_version = AfterCommand{CommandId("c7")};
  EXPECT_EQ(CodeOf(Run(late)), ProblemCode::kValidationFailed);
}

TEST_F(CausalOrderTest, DiscardOfAnUnknownCommandKeepsItOut) {
  const CommandResult discarded = Run(Discard("d1", "c1"));
  EXPECT_EQ(discarded.status, WireStatus::kSucceeded);
  EXPECT_EQ(discarded.http_status, 200);
  EXPECT_FALSE(discarded.seq.has_value());
  EXPECT_TRUE(discarded.changes.empty());
  const CommandResult late = Run(CreateOrder("c1"));
  EXPECT_EQ(late.http_status, 409);
  EXPECT_EQ(CodeOf(late), ProblemCode::kIdempotencyKeyExpired);
  EXPECT_TRUE(Stored("orders", "c1").empty());
  EXPECT_TRUE(Run(Discard("d1", "c1")).replayed);
  EXPECT_EQ(Run(Discard("d2", "c1")).status, WireStatus::kSucceeded);
}

TEST_F(CausalOrderTest, DiscardOfARefusedCommandBurnsItsKey) {
  Run(Make("c1", "ORDER_MODIFY_V1", {{"id", "o1"}, {"tableId", "2"}}));
  EXPECT_EQ(Run(Discard("d1", "c1")).status, WireStatus::kSucceeded);
  Command create = CreateOrder("c2");
  create.payload["id"] = "o1";
  Run(create);
  Command again = ModifyOrder("c1", "o1", "2");
  again.revision = Revision(5);
  EXPECT_EQ(CodeOf(Run(again)), ProblemCode::kIdempotencyKeyExpired);
  EXPECT_EQ(Stored("orders", "o1").at("version"), 1);
}

TEST_F(CausalOrderTest, DiscardOfAnAppliedCommandTellsItsOutcome) {
  Run(CreateOrder("c1"));
  const CommandResult result = Run(Discard("d1", "c1"));
  EXPECT_EQ(result.status, WireStatus::kFailed);
  EXPECT_EQ(result.http_status, 409);
  EXPECT_EQ(CodeOf(result), ProblemCode::kAlreadyApplied);
  const json::object& outcome = result.problem->extra.at("outcome").as_object();
  EXPECT_EQ(outcome.at("seq"), 1);
  EXPECT_EQ(outcome.at("resource").as_object().at("id"), "c1");
  EXPECT_EQ(outcome.at("body").as_object().at("id"), "c1");
}

TEST_F(CausalOrderTest, DiscardInTheSameBatchFollowsTheList) {
  const auto before = Results(Send(Staff(), Discard("d1", "c1"), CreateOrder("c1")));
  EXPECT_EQ(before[0].status, WireStatus::kSucceeded);
  EXPECT_EQ(CodeOf(before[1]), ProblemCode::kIdempotencyKeyExpired);
  const auto after = Results(Send(Staff(), CreateOrder("c2"), Discard("d2", "c2")));
  EXPECT_EQ(after[0].status, WireStatus::kSucceeded);
  EXPECT_EQ(CodeOf(after[1]), ProblemCode::kAlreadyApplied);
}

TEST_F(CausalOrderTest, DiscardRefusesABadPayloadAndOtherPeoplesCommands) {
  EXPECT_EQ(CodeOf(Run(Make("d1", "COMMAND_DISCARD_V1", {{"id", "c1"}, {"why", "x"}}))),
            ProblemCode::kValidationFailed);
  Run(ModifyOrder("c1", "nowhere"));
  EXPECT_EQ(CodeOf(Results(Send(WithRole("guest", "eve"), Discard("d2", "c1"))).front()), ProblemCode::kForbidden);
}

TEST_F(CausalOrderTest, ReplacementIsTakenOnlyForACommandThatWasNotApplied) {
  Run(Make("c1", "ORDER_MODIFY_V1", {{"id", "o1"}, {"tableId", "2"}}));
  Command create = CreateOrder("c2");
  create.payload["id"] = "o1";
  Run(create);
  Command edited = ModifyOrder("c3", "o1", "5");
  edited.replaces = CommandId("c1");
  EXPECT_EQ(Run(edited).status, WireStatus::kSucceeded);
  Command old = ModifyOrder("c1", "o1", "2");
  old.revision = Revision(1);
  EXPECT_EQ(CodeOf(Run(old)), ProblemCode::kIdempotencyKeyExpired);
  Command late = ModifyOrder("c4", "o1", "6");
  late.replaces = CommandId("c3");
  EXPECT_EQ(CodeOf(Run(late)), ProblemCode::kAlreadyApplied);
  EXPECT_EQ(Stored("orders", "o1").at("tableId"), "5");
}

}  // namespace
}  // namespace outpost::server
