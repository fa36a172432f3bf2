#include "server/core/command_service.h"

#include "server/core/service_fixture.h"

namespace outpost::server {
namespace {

class CommandServiceTest : public ServiceFixture {};

TEST_F(CommandServiceTest, NewCommandSucceedsAndIsInTheStore) {
  const CommandResult result = Run(CreateOrder("c1", 3));
  EXPECT_EQ(result.status, WireStatus::kSucceeded);
  EXPECT_EQ(result.http_status, 201);
  EXPECT_FALSE(result.replayed);
  EXPECT_EQ(result.seq, Sequence(1));
  ASSERT_EQ(result.changes.size(), 1u);
  EXPECT_EQ(result.changes[0].key.id, DocumentId("c1"));
  EXPECT_EQ(result.changes[0].doc, result.body);
  EXPECT_EQ(Stored("orders", "c1").at("total"), 750);
  EXPECT_EQ(HeadSeq(), Sequence(1));
}

TEST_F(CommandServiceTest, SameCommandAgainTakesEffectOnceAndGetsTheSameAnswer) {
  const CommandResult first = Run(CreateOrder("c1"));
  now_ = now_ + Milliseconds(60'000);
  const CommandResult again = Run(CreateOrder("c1"));
  EXPECT_EQ(again.status, WireStatus::kSucceeded);
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.http_status, 201);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.seq, first.seq);
  EXPECT_TRUE(again.changes.empty());
  EXPECT_EQ(HeadSeq(), Sequence(1));
}

TEST_F(CommandServiceTest, SameCommandTwiceInOneBatchAndTwiceInOneGroupTakesEffectOnce) {
  const std::vector<CommandResult> results = Results(Send(Staff(), CreateOrder("c1"), CreateOrder("c1")));
  EXPECT_FALSE(results[0].replayed);
  EXPECT_TRUE(results[1].replayed);
  EXPECT_EQ(results[1].body, results[0].body);

  std::vector<Submission> group;
  group.push_back(Send(Staff(), CreateOrder("c2")));
  group.push_back(Send(Staff(), CreateOrder("c2")));
  const auto answers = service_.ExecuteGroup(group, now_);
  EXPECT_FALSE(std::get<PushResponse>(answers[0]).results[0].replayed);
  EXPECT_TRUE(std::get<PushResponse>(answers[1]).results[0].replayed);
  EXPECT_EQ(HeadSeq(), Sequence(2));
}

TEST_F(CommandServiceTest, EveryResultCarriesTheFingerprintOfItsCommand) {
  const Command good = CreateOrder("c1"), bad = ModifyOrder("c2", "nowhere");
  Command held = CreateOrder("c3");
  held.depends_on = {CommandId("never-seen")};
  const auto results = Results(Send(Staff(), good, bad, held));
  EXPECT_EQ(results[0].fingerprint, ToHex(FingerprintOf("ORDER_CREATE", good.payload)));
  EXPECT_EQ(results[1].fingerprint, ToHex(FingerprintOf("ORDER_MODIFY", bad.payload)));
  EXPECT_EQ(results[2].status, WireStatus::kBlocked);
  EXPECT_EQ(results[2].fingerprint, ToHex(FingerprintOf("ORDER_CREATE", held.payload)));
}

TEST_F(CommandServiceTest, KeyWithAnotherPayloadIsRefusedAndTheFirstOutcomeStays) {
  Run(CreateOrder("c1", 1));
  const CommandResult reused = Run(CreateOrder("c1", 2));
  EXPECT_EQ(reused.status, WireStatus::kFailed);
  EXPECT_EQ(reused.http_status, 409);
  EXPECT_EQ(CodeOf(reused), ProblemCode::kIdempotencyKeyReused);
  EXPECT_TRUE(Run(CreateOrder("c1", 1)).replayed);
}

TEST_F(CommandServiceTest, CommandIdWithAnotherKeyIsRefused) {
  Run(CreateOrder("c1"));
  Command other = CreateOrder("c1");
  other.key = IdempotencyKey("another key");
  EXPECT_EQ(CodeOf(Run(other)), ProblemCode::kIdempotencyKeyReused);
  EXPECT_EQ(HeadSeq(), Sequence(1));
}

TEST_F(CommandServiceTest, ReplayUnderAnotherCommandIdSatisfiesDependenciesOnThatId) {
  Command over_rest = CreateOrder("c1");
  over_rest.key = IdempotencyKey("till receipt 9");
  Run(over_rest);
  Command queued = CreateOrder("c2");
  queued.key = IdempotencyKey("till receipt 9");
  EXPECT_TRUE(Results(FromTill(Staff(), 1, queued)).front().replayed);
  Command later = SendToKitchen("c3", "c1");
  later.depends_on = {CommandId("c2")};
  EXPECT_EQ(Run(later).status, WireStatus::kSucceeded);
}

TEST_F(CommandServiceTest, KeysOfTwoAuthorsAreIndependent) {
  Command mine = CreateOrder("c1"), theirs = CreateOrder("c2");
  mine.key = theirs.key = IdempotencyKey("checkout");
  Results(Send(Staff("ann"), mine));
  const CommandResult result = Results(Send(Staff("bob"), theirs)).front();
  EXPECT_EQ(result.status, WireStatus::kSucceeded);
  EXPECT_FALSE(result.replayed);
  EXPECT_EQ(HeadSeq(), Sequence(2));
}

TEST_F(CommandServiceTest, RefusalIsAnsweredAgainUntilTheRevisionRises) {
  Run(CreateOrder("c1"));
  Run(ModifyOrder("c2", "c1", "1"));
  Command stale = ModifyOrder("c3", "c1", "2");
  stale.expected_version = Version(1);
  const CommandResult first = Run(stale);
  EXPECT_EQ(first.status, WireStatus::kConflict);
  EXPECT_EQ(CodeOf(first), ProblemCode::kVersionConflict);
  EXPECT_FALSE(first.replayed);
  EXPECT_EQ(first.problem->extra.at("currentVersion"), 2);

  Run(ModifyOrder("c4", "c1", "3"));
  const CommandResult again = Run(stale);
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.status, WireStatus::kConflict);
  EXPECT_EQ(again.problem->extra.at("currentVersion"), 2);

  stale.revision = Revision(1);
  const CommandResult anew = Run(stale);
  EXPECT_FALSE(anew.replayed);
  EXPECT_EQ(anew.problem->extra.at("currentVersion"), 3);

  stale.revision = Revision(2);
  stale.expected_version = Version(3);
  EXPECT_EQ(Run(stale).status, WireStatus::kSucceeded);
  EXPECT_EQ(Stored("orders", "c1").at("tableId"), "2");
  EXPECT_TRUE(Run(stale).replayed);
}

TEST_F(CommandServiceTest, ForcingIsForStaffAndAdmin) {
  Run(CreateOrder("c1"));
  Run(ModifyOrder("c2", "c1", "1"));
  Command stale = ModifyOrder("c3", "c1", "2");
  stale.expected_version = Version(1);
  Results(Send(WithRole("terminal"), stale));
  stale.revision = Revision(1);
  stale.expected_version = std::monostate();
  EXPECT_EQ(CodeOf(Results(Send(WithRole("terminal"), stale)).front()), ProblemCode::kForbidden);
  EXPECT_EQ(Results(Send(Staff(), stale)).front().status, WireStatus::kSucceeded);
  EXPECT_EQ(Stored("orders", "c1").at("tableId"), "2");
}

TEST_F(CommandServiceTest, RefusedCommandLeavesNothingBehind) {
  Run(CreateOrder("c1"));
  const auto results = Results(Send(Staff(), ModifyOrder("c2", "nowhere"), CreateOrder("c3")));
  EXPECT_EQ(results[0].status, WireStatus::kFailed);
  EXPECT_EQ(CodeOf(results[0]), ProblemCode::kNotFound);
  EXPECT_EQ(results[1].seq, Sequence(2));
  EXPECT_EQ(HeadSeq(), Sequence(2));
  EXPECT_TRUE(Stored("orders", "nowhere").empty());
}

TEST_F(CommandServiceTest, ForbiddenIsNotRemembered) {
  EXPECT_EQ(CodeOf(Results(Send(WithRole("kitchen"), CreateOrder("c1"))).front()), ProblemCode::kForbidden);
  EXPECT_EQ(CodeOf(Results(Send(WithRole("guest"), CreateOrder("c1"))).front()), ProblemCode::kForbidden);
  Caller nobody = Staff();
  nobody.roles.clear();
  EXPECT_EQ(CodeOf(Results(Send(nobody, CreateOrder("c1"))).front()), ProblemCode::kForbidden);
  const CommandResult later = Run(CreateOrder("c1"));
  EXPECT_EQ(later.status, WireStatus::kSucceeded);
  EXPECT_FALSE(later.replayed);
}

TEST_F(CommandServiceTest, UnknownTypeAndBadPayloadAreRefused) {
  const auto results = Results(Send(Staff(), Make("c1", "ORDER_FOLD_V1", {}), Make("c2", "ORDER_CREATE_V9", {}),
                                    Make("c3", "nonsense", {}), Make("c4", "ORDER_CREATE_V1", {{"items", "many"}})));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(results[i].http_status, 422);
    EXPECT_EQ(CodeOf(results[i]), ProblemCode::kUnknownCommandType);
  }
  EXPECT_EQ(CodeOf(results[3]), ProblemCode::kValidationFailed);
  ASSERT_FALSE(results[3].problem->errors.empty());
  EXPECT_EQ(results[3].problem->errors[0].field, "items");
}

TEST_F(CommandServiceTest, MalformedEntryFailsAlone) {
  Command malformed = CreateOrder("c1");
  malformed.envelope_errors = {{"n", "must be a whole number from 1"}};
  const auto results = Results(Send(Staff(), malformed, CreateOrder("c2")));
  EXPECT_EQ(CodeOf(results[0]), ProblemCode::kValidationFailed);
  EXPECT_EQ(results[1].status, WireStatus::kSucceeded);
}

TEST_F(CommandServiceTest, NoOpHasNoSequenceAndNoChanges) {
  Run(CreateOrder("c1"));
  Run(SendToKitchen("c2", "c1"));
  const CommandResult again = Run(SendToKitchen("c3", "c1"));
  EXPECT_EQ(again.status, WireStatus::kSucceeded);
  EXPECT_EQ(again.http_status, 200);
  EXPECT_FALSE(again.seq.has_value());
  EXPECT_TRUE(again.changes.empty());
  EXPECT_FALSE(again.body.empty());
  EXPECT_EQ(HeadSeq(), Sequence(2));
}

TEST_F(CommandServiceTest, DocumentsOfOneCommandShareItsSequence) {
  Run(CreateOrder("c1"));
  const CommandResult sent = Run(SendToKitchen("c2", "c1"));
  ASSERT_EQ(sent.changes.size(), 2u);
  for (const Change& change : sent.changes) EXPECT_EQ(change.seq, Sequence(2));
}

TEST_F(CommandServiceTest, SameNumberUnderAnotherIdRefusesTheWholeBatch) {
  Results(FromTill(Staff(), 1, CreateOrder("c1")));
  SubmissionResult result = Execute(FromTill(Staff(), 1, CreateOrder("c2"), CreateOrder("c3")));
  ASSERT_TRUE(std::holds_alternative<Problem>(result));
  EXPECT_EQ(std::get<Problem>(result).code, ProblemCode::kDeviceCloned);
  EXPECT_EQ(HeadSeq(), Sequence(1));
  EXPECT_TRUE(Results(FromTill(Staff(), 1, CreateOrder("c1"))).front().replayed);
  // Also when both come in one group.
  std::vector<Submission> group;
  group.push_back(FromTill(Staff(), 2, CreateOrder("c4")));
  group.push_back(FromTill(Staff(), 2, CreateOrder("c5")));
  const auto answers = service_.ExecuteGroup(group, now_);
  EXPECT_TRUE(std::holds_alternative<PushResponse>(answers[0]));
  EXPECT_TRUE(std::holds_alternative<Problem>(answers[1]));
}

TEST_F(CommandServiceTest, AnotherIncarnationNumbersFromOneAgain) {
  Results(FromTill(Staff(), 1, CreateOrder("c1")));
  Submission second = FromTill(Staff(), 1, CreateOrder("c2"));
  second.request.incarnation = Incarnation("second");
  EXPECT_EQ(Results(second).front().status, WireStatus::kSucceeded);
}

TEST_F(CommandServiceTest, OtherEpochRefusesTheWholeRequest) {
  Submission submission = Send(Staff(), CreateOrder("c1"));
  submission.request.epoch = Epoch("another life");
  SubmissionResult result = Execute(submission);
  ASSERT_TRUE(std::holds_alternative<Problem>(result));
  EXPECT_EQ(std::get<Problem>(result).code, ProblemCode::kEpochChanged);
  EXPECT_EQ(std::get<Problem>(result).extra.at("epoch"), json::value(store_->epoch().value));
  submission.request.epoch = store_->epoch();
  EXPECT_EQ(Results(submission).front().status, WireStatus::kSucceeded);
}

TEST_F(CommandServiceTest, TokenOfAnotherDeviceIsRefused) {
  Submission submission = FromTill(Staff(), 1, CreateOrder("c1"));
  submission.caller.device = DeviceId("till-2");
  SubmissionResult result = Execute(submission);
  ASSERT_TRUE(std::holds_alternative<Problem>(result));
  EXPECT_EQ(std::get<Problem>(result).code, ProblemCode::kForbidden);
}

TEST_F(CommandServiceTest, TerminalSpeaksForWhoHasSignedInOnIt) {
  Command ann = CreateOrder("c1");
  ann.author = UserId("ann");
  EXPECT_EQ(CodeOf(Results(FromTill(WithRole("terminal", "bob"), 1, ann)).front()), ProblemCode::kForbidden);
  Results(FromTill(Staff("ann"), 2));
  EXPECT_EQ(CodeOf(Results(FromTill(Staff("bob"), 1, ann)).front()), ProblemCode::kForbidden);
  const CommandResult result = Results(FromTill(WithRole("terminal", "bob"), 1, ann)).front();
  EXPECT_EQ(result.status, WireStatus::kSucceeded);
  EXPECT_EQ(Stored("orders", "c1").at("createdBy"), "ann");
}

TEST_F(CommandServiceTest, TerminalGivesNobodyMoreRightsThanTheirOwn) {
  Results(FromTill(WithRole("kitchen", "kit"), 2));
  Command kit = CreateOrder("c1");
  kit.author = UserId("kit");
  EXPECT_EQ(CodeOf(Results(FromTill(WithRole("terminal", "bob"), 1, kit)).front()), ProblemCode::kForbidden);
  Results(FromTill(Staff("kit"), 3));
  EXPECT_EQ(Results(FromTill(WithRole("terminal", "bob"), 1, kit)).front().status, WireStatus::kSucceeded);
}

TEST_F(CommandServiceTest, HighestNumberAndReportOfADeviceAreKept) {
  Submission submission = FromTill(Staff(), 5, CreateOrder("c1"), CreateOrder("c2"));
  submission.request.report = DeviceReport{4, "", 0, "", "1.0"};
  SubmissionResult result = Execute(submission);
  EXPECT_EQ(std::get<PushResponse>(result).highest_n, CommandNumber(6));
  EXPECT_EQ(std::get<PushResponse>(result).epoch, store_->epoch());
  EXPECT_TRUE(std::get<PushResponse>(result).head.has_value());
  result = Execute(FromTill(Staff(), 3, CreateOrder("c3")));
  EXPECT_EQ(std::get<PushResponse>(result).highest_n, CommandNumber(6));
  const auto devices = store_->BeginRead().value()->Devices(WorkspaceId("shop")).value();
  ASSERT_EQ(devices.size(), 1u);
  EXPECT_EQ(devices[0].acknowledged, 3);
  EXPECT_EQ(devices[0].last_command, CommandId("c3"));
  EXPECT_EQ(devices[0].report.waiting, 4);
}

TEST_F(CommandServiceTest, WorkspacesOfOneGroupDoNotMeet) {
  std::vector<Submission> group;
  group.push_back(Send(Staff("ann", "a"), CreateOrder("c1")));
  group.push_back(Send(Staff("ann", "b"), CreateOrder("c1"), SendToKitchen("c2", "c1")));
  const auto answers = service_.ExecuteGroup(group, now_);
  EXPECT_FALSE(std::get<PushResponse>(answers[1]).results[0].replayed);
  EXPECT_EQ(HeadSeq("a"), Sequence(1));
  EXPECT_EQ(HeadSeq("b"), Sequence(2));
}

TEST_F(CommandServiceTest, PurgedOutcomeIsReplayedWithTheResourceAsItIsNow) {
  Run(CreateOrder("c1"));
  Run(ModifyOrder("c2", "c1", "12"));
  ASSERT_TRUE(store_->Purge({now_ + Milliseconds(1), Timestamp{0}, Timestamp{0}, 100}).ok());
  const CommandResult again = Run(CreateOrder("c1"));
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.status, WireStatus::kSucceeded);
  EXPECT_EQ(ParseJson(again.body).value().at("tableId"), "12");
}

TEST_F(CommandServiceTest, CommandOlderThanTheMemoryOfKeysIsRefused) {
  Results(FromTill(Staff(), 1, CreateOrder("c1")));
  Results(FromTill(Staff(), 2, CreateOrder("c2")));
  const Timestamp later = now_ + Milliseconds(1);
  ASSERT_TRUE(store_->Purge({later, later, Timestamp{0}, 100}).ok());
  const CommandResult late = Results(FromTill(Staff(), 1, CreateOrder("c1"))).front();
  EXPECT_EQ(late.http_status, 409);
  EXPECT_EQ(CodeOf(late), ProblemCode::kIdempotencyKeyExpired);
  EXPECT_EQ(Results(FromTill(Staff(), 3, CreateOrder("c3"))).front().status, WireStatus::kSucceeded);
  EXPECT_EQ(HeadSeq(), Sequence(3));
}

TEST_F(CommandServiceTest, ReplayHidesABodyThatIsNoLongerTheAuthorsToSee) {
  Results(Send(Staff("gil"), Make("c1", "PRODUCT_PUT_V1", {{"sku", "tea"}, {"name", "Tea"}, {"price", 250}})));
  const CommandResult again =
      Results(Send(WithRole("guest", "gil"),
                   Make("c1", "PRODUCT_PUT_V1", {{"sku", "tea"}, {"name", "Tea"}, {"price", 250}})))
          .front();
  EXPECT_EQ(again.status, WireStatus::kSucceeded);
  EXPECT_TRUE(again.redacted);
  EXPECT_TRUE(again.body.empty());
}

// Refuses the first transactions, as a full disk would.
class FailingStore : public Store {
 public:
  explicit FailingStore(Store& store) : store_(store) {}
  Epoch epoch() const override { return store_.epoch(); }
  Result<std::unique_ptr<WriteTransaction>> BeginWrite() override {
    if (failures > 0 && --failures >= 0) return Error{ErrorCode::kIo, "disk failed"};
    return store_.BeginWrite();
  }
  Result<std::unique_ptr<ReadTransaction>> BeginRead() override { return store_.BeginRead(); }
  Result<bool> Purge(const PurgeBounds& bounds) override { return store_.Purge(bounds); }

  int failures = 0;

 private:
  Store& store_;
};

TEST_F(CommandServiceTest, WhatFailsAloneIsToBeSentAgain) {
  FailingStore failing(*store_);
  CommandService service(failing, {});
  std::vector<Submission> group;
  group.push_back(Send(Staff(), CreateOrder("c1"), CreateOrder("c2")));
  group.push_back(Send(Staff(), CreateOrder("c3")));
  failing.failures = 2;  // the group, then the first submission alone
  const auto answers = service.ExecuteGroup(group, now_);
  for (const CommandResult& result : std::get<PushResponse>(answers[0]).results) {
    EXPECT_EQ(result.status, WireStatus::kRetry);
    EXPECT_EQ(result.http_status, 503);
    EXPECT_EQ(result.retry_after_ms, 1000);
    EXPECT_FALSE(result.fingerprint.empty());
  }
  EXPECT_EQ(std::get<PushResponse>(answers[1]).results[0].status, WireStatus::kSucceeded);
  EXPECT_EQ(service.counters().group_failures, 1u);
  EXPECT_EQ(service.counters().retried, 2u);
  EXPECT_EQ(HeadSeq(), Sequence(1));
  EXPECT_FALSE(Run(CreateOrder("c1")).replayed);
}

}  // namespace
}  // namespace outpost::server
