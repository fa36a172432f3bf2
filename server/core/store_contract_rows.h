// The store contract, first part: transactions, workspaces, keys, commands, numbers, devices. Included by
// store_contract.h only.
#pragma once

#include "server/core/store_contract_fixture.h"

namespace outpost::server {

TEST_F(StoreContract, NewWorkspaceIsEmpty) {
  EXPECT_EQ(Head().head, Sequence(0));
  EXPECT_EQ(Head().tag, 0u);
  EXPECT_FALSE(store_->epoch().value.empty());
  EXPECT_TRUE(Feed(After(0)).changes.empty());
  EXPECT_FALSE(Feed(After(0)).more);
}

TEST_F(StoreContract, WhatWasCommittedIsThere) {
  Apply(Commit(1, {Document(Order("o1"), 1, 1)}));
  EXPECT_EQ(Head().head, Sequence(1));
  const auto row = LoadDocument(Order("o1"));
  ASSERT_TRUE(row.has_value());
  EXPECT_EQ(row->version, Version(1));
  EXPECT_EQ(row->seq, Sequence(1));
  EXPECT_FALSE(row->deleted);
  EXPECT_NE(row->body.find("\"o1\""), std::string::npos);
  EXPECT_FALSE(LoadDocument(Order("o2")).has_value());
}

TEST_F(StoreContract, DroppedTransactionLeavesNothing) {
  {
    auto transaction = store_->BeginWrite().value();
    const WorkspaceId id("shop");
    ASSERT_TRUE(transaction->Lock(id).ok());
    WriteSet writes = Commit(1, {Document(Order("o1"), 1, 1)});
    writes.local_ids.push_back({till_.device, "local_X", DocumentId("o1")});
    writes.sign_ins.push_back({{till_.device, UserId("ann")}, {"staff"}});
    writes.devices.push_back({till_, CommandNumber(4), std::nullopt, std::nullopt});
    ASSERT_TRUE(transaction->Apply(id, writes, Timestamp{1}).ok());
  }
  EXPECT_EQ(Head().head, Sequence(0));
  EXPECT_FALSE(LoadDocument(Order("o1")).has_value());
  EXPECT_FALSE(LoadKey(Key("c1")).has_value());
  EXPECT_FALSE(LoadCommand("c1").has_value());
  EXPECT_TRUE(store_->BeginRead().value()->Devices(WorkspaceId("shop")).value().empty());
  // Names met only in the dropped transaction must not leak into the next one.
  Apply(Commit(1, {Document(Order("o9"), 1, 1)}), "other");
  EXPECT_FALSE(LoadDocument(Order("o9")).has_value());
  EXPECT_TRUE(LoadDocument(Order("o9"), "other").has_value());
  Apply(Commit(1, {Document(Order("o1"), 1, 1)}));
  EXPECT_TRUE(LoadDocument(Order("o1")).has_value());
}

TEST_F(StoreContract, PartsAppliedMeanwhileAreOneTransaction) {
  const WorkspaceId id("shop");
  for (const bool commits : {false, true}) {
    auto transaction = store_->BeginWrite().value();
    ASSERT_TRUE(transaction->Lock(id).ok());
    ASSERT_TRUE(transaction->ApplyMeanwhile(id, Commit(1, {Document(Order("o1"), 1, 1)}), Timestamp{1}).ok());
    ASSERT_TRUE(transaction->ApplyMeanwhile(id, Commit(2, {Document(Order("o2"), 1, 2)}), Timestamp{1}).ok());
    const std::vector<KeyRef> keys = {Key("c1"), Key("c2"), Key("c3")};
    const auto known = transaction->LoadKeys(id, keys).value();
    EXPECT_TRUE(known[0].has_value());
    EXPECT_TRUE(known[1].has_value());
    EXPECT_FALSE(known[2].has_value());
    if (!commits) continue;
    ASSERT_TRUE(transaction->Apply(id, Commit(3, {Document(Order("o1"), 2, 3)}), Timestamp{1}).ok());
    ASSERT_TRUE(transaction->Commit().ok());
  }
  EXPECT_EQ(Head().head, Sequence(3));
  const FeedPage page = Feed(After(0));
  ASSERT_EQ(page.changes.size(), 2u);
  EXPECT_EQ(page.changes[0].key, Order("o2"));
  EXPECT_EQ(page.changes[1].key, Order("o1"));
  EXPECT_EQ(page.changes[1].version, Version(2));
}

TEST_F(StoreContract, WorkspacesAreIslands) {
  WriteSet writes = Commit(1, {Document(Order("o1"), 1, 1)});
  writes.outcomes.front().device = till_;
  writes.outcomes.front().n = CommandNumber(1);
  writes.local_ids.push_back({till_.device, "local_X", DocumentId("o1")});
  writes.sign_ins.push_back({{till_.device, UserId("ann")}, {"staff"}});
  writes.devices.push_back({till_, CommandNumber(1), CommandId("c1"), std::nullopt});
  Apply(writes, "shop");

  EXPECT_EQ(Head("other").head, Sequence(0));
  EXPECT_FALSE(LoadDocument(Order("o1"), "other").has_value());
  EXPECT_FALSE(LoadKey(Key("c1"), "other").has_value());
  EXPECT_FALSE(LoadCommand("c1", "other").has_value());
  InWrite(
      [&](WriteTransaction& t, const WorkspaceId& id) {
        const CommandNumber n(1);
        const std::string local = "local_X";
        EXPECT_FALSE(t.LoadNumbers(id, till_, {&n, 1}).value().front().has_value());
        EXPECT_FALSE(t.LoadLocalIds(id, till_.device, {&local, 1}).value().front().has_value());
        EXPECT_FALSE(t.LoadSignIn(id, {till_.device, UserId("ann")}).value().has_value());
        EXPECT_EQ(t.LoadIncarnation(id, till_).value().highest_n, CommandNumber(0));
        return 0;
      },
      "other");
  auto read = store_->BeginRead().value();
  const WorkspaceId other("other");
  EXPECT_FALSE(read->Get(other, Order("o1")).value().has_value());
  EXPECT_TRUE(read->List(other, CollectionName("orders"), {}, {}, {}, 10).value().rows.empty());
  EXPECT_TRUE(read->OwnCommands(other, till_.device, Sequence(0), Sequence(9)).value().empty());
  EXPECT_TRUE(read->Devices(other).value().empty());
  EXPECT_FALSE(read->TagAt(other, Sequence(1)).value().has_value());
  EXPECT_TRUE(read->ReadFeed(other, After(0)).value().changes.empty());
}

TEST_F(StoreContract, SameIdsInTwoWorkspacesStayApart) {
  Apply(Commit(1, {Document(Order("o1"), 1, 1)}), "a");
  WriteSet writes = Commit(1, {Document(Order("o1"), 7, 1)});
  writes.documents.front().existed = false;
  Apply(writes, "b");
  EXPECT_EQ(LoadDocument(Order("o1"), "a")->version, Version(1));
  EXPECT_EQ(LoadDocument(Order("o1"), "b")->version, Version(7));
}

TEST_F(StoreContract, KeyRemembersItsOutcome) {
  WriteSet writes = Commit(1, {Document(Order("c1"), 1, 1)});
  writes.outcomes.front().record.ids = {{"local_A", "c1"}};
  Apply(writes);
  const auto record = LoadKey(Key("c1"));
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->state, KeyState::kSucceeded);
  EXPECT_EQ(record->fingerprint, Sha256Of("c1"));
  EXPECT_EQ(record->command, CommandId("c1"));
  EXPECT_EQ(record->seq, Sequence(1));
  EXPECT_EQ(record->http_status, 201);
  ASSERT_TRUE(record->resource.has_value());
  EXPECT_EQ(*record->resource, Order("c1"));
  EXPECT_EQ(record->resource_version, Version(1));
  EXPECT_EQ(record->body, "{\"id\":\"c1\"}");
  EXPECT_EQ(record->ids, (std::vector<std::pair<std::string, std::string>>{{"local_A", "c1"}}));
  EXPECT_FALSE(record->outcome_purged);
  EXPECT_FALSE(record->device_known);
}

TEST_F(StoreContract, KeysOfAnotherAuthorOrFamilyAreOthers) {
  WriteSet writes = Commit(1, {});
  writes.outcomes.front() = Succeeded("c1", 1, "checkout 7");
  Apply(writes);
  EXPECT_TRUE(LoadKey(Key("checkout 7")).has_value());
  EXPECT_FALSE(LoadKey(Key("checkout 7", "bob")).has_value());
  EXPECT_FALSE(LoadKey(Key("checkout 7", "ann", "ORDER_CLOSE")).has_value());
  EXPECT_FALSE(LoadKey(Key("c1")).has_value());
}

TEST_F(StoreContract, OneKeyUsedByTwoAuthorsHasTwoOutcomes) {
  WriteSet writes = Commit(1, {});
  writes.outcomes.front() = Succeeded("c1", 1, "k");
  Apply(writes);
  writes = Commit(2, {});
  writes.outcomes.front() = Succeeded("c2", 2, "k");
  writes.outcomes.front().key.author = UserId("bob");
  Apply(writes);
  EXPECT_EQ(LoadKey(Key("k"))->command, CommandId("c1"));
  EXPECT_EQ(LoadKey(Key("k", "bob"))->command, CommandId("c2"));
}

TEST_F(StoreContract, RefusalIsReplacedByHigherRevisionAndThenBySuccess) {
  WriteSet writes;
  writes.outcomes.push_back(From(Refused("c1", 0), till_, 1));
  Apply(writes);
  EXPECT_EQ(LoadKey(Key("c1"))->state, KeyState::kRefused);
  EXPECT_EQ(LoadKey(Key("c1"))->revision, Revision(0));
  EXPECT_EQ(LoadCommand("c1")->state, KeyState::kRefused);

  writes.outcomes.front() = From(Refused("c1", 3), till_, 1);
  Apply(writes);
  EXPECT_EQ(LoadKey(Key("c1"))->revision, Revision(3));

  WriteSet success = Commit(1, {Document(Order("c1"), 1, 1)});
  success.outcomes.front() = From(Succeeded("c1", 1), till_, 1);
  success.outcomes.front().existed = true;
  Apply(success);
  EXPECT_EQ(LoadKey(Key("c1"))->state, KeyState::kSucceeded);
  EXPECT_EQ(LoadKey(Key("c1"))->seq, Sequence(1));
  EXPECT_EQ(LoadCommand("c1")->state, KeyState::kSucceeded);

  const auto devices = store_->BeginRead().value()->Devices(WorkspaceId("shop")).value();
  ASSERT_EQ(devices.size(), 1u);
  EXPECT_EQ(devices.front().acknowledged, 1);
  EXPECT_EQ(devices.front().refused, 0);
}

TEST_F(StoreContract, CommandIsFoundByItsId) {
  WriteSet writes = Commit(1, {});
  writes.outcomes.front() = Succeeded("c1", 1, "some key");
  Apply(writes);
  const auto command = LoadCommand("c1");
  ASSERT_TRUE(command.has_value());
  EXPECT_EQ(command->state, KeyState::kSucceeded);
  EXPECT_EQ(command->author, UserId("ann"));
  EXPECT_EQ(command->family, "ORDER_CREATE");
  EXPECT_EQ(command->key, IdempotencyKey("some key"));
  EXPECT_EQ(command->seq, Sequence(1));
  EXPECT_EQ(*command->resource, Order("c1"));
  EXPECT_EQ(command->resource_version, Version(1));
}

TEST_F(StoreContract, CommandBurntBeforeItCameIsRemembered) {
  WriteSet writes;
  OutcomeWrite burnt;
  burnt.key = {UserId("ann"), "COMMAND_DISCARD", IdempotencyKey()};
  burnt.record.state = KeyState::kBurnt;
  burnt.record.command = CommandId("c5");
  burnt.command_only = true;
  writes.outcomes.push_back(burnt);
  Apply(writes);
  ASSERT_TRUE(LoadCommand("c5").has_value());
  EXPECT_EQ(LoadCommand("c5")->state, KeyState::kBurnt);
  EXPECT_FALSE(LoadKey(Key("c5")).has_value());
}

TEST_F(StoreContract, AliasOfAnAppliedCommandIsKnownAndOwn) {
  WriteSet writes = Commit(1, {Document(Order("c1"), 1, 1)});
  writes.outcomes.front() = Succeeded("c1", 1, "k");
  Apply(writes);
  OutcomeWrite alias = From(Succeeded("c2", 1, "k"), till_, 8);
  alias.command_only = true;
  WriteSet more;
  more.head = Sequence(1);
  more.outcomes.push_back(alias);
  Apply(more);
  ASSERT_TRUE(LoadCommand("c2").has_value());
  EXPECT_EQ(LoadCommand("c2")->seq, Sequence(1));
  EXPECT_EQ(LoadKey(Key("k"))->command, CommandId("c1"));
  const auto own =
      store_->BeginRead().value()->OwnCommands(WorkspaceId("shop"), till_.device, Sequence(0), Sequence(1)).value();
  ASSERT_EQ(own.size(), 1u);
  EXPECT_EQ(own.front().id, CommandId("c2"));
}

TEST_F(StoreContract, DeviceIsAdoptedByACommandThatCameWithoutOne) {
  Apply(Commit(1, {Document(Order("c1"), 1, 1)}));
  OutcomeWrite adoption = From(Succeeded("c1", 1), till_, 3);
  adoption.command_only = true;
  WriteSet more;
  more.head = Sequence(1);
  more.outcomes.push_back(adoption);
  Apply(more);
  EXPECT_TRUE(LoadKey(Key("c1"))->device_known);
  InWrite([&](WriteTransaction& t, const WorkspaceId& id) {
    const CommandNumber n(3);
    EXPECT_EQ(t.LoadNumbers(id, till_, {&n, 1}).value().front(), CommandId("c1"));
    return 0;
  });
  const auto own =
      store_->BeginRead().value()->OwnCommands(WorkspaceId("shop"), till_.device, Sequence(0), Sequence(1)).value();
  ASSERT_EQ(own.size(), 1u);
  EXPECT_EQ(own.front().seq, Sequence(1));
}

TEST_F(StoreContract, NumbersBelongToTheirIncarnation) {
  WriteSet writes = Commit(1, {});
  writes.outcomes.front() = From(writes.outcomes.front(), till_, 17);
  writes.devices.push_back({till_, CommandNumber(17), CommandId("c1"), std::nullopt});
  Apply(writes);
  InWrite([&](WriteTransaction& t, const WorkspaceId& id) {
    const std::vector<CommandNumber> numbers{CommandNumber(16), CommandNumber(17)};
    const auto found = t.LoadNumbers(id, till_, numbers).value();
    EXPECT_FALSE(found[0].has_value());
    EXPECT_EQ(found[1], CommandId("c1"));
    EXPECT_EQ(t.LoadIncarnation(id, till_).value().highest_n, CommandNumber(17));
    const DeviceRef second{till_.device, Incarnation("second")};
    EXPECT_FALSE(t.LoadNumbers(id, second, numbers).value()[1].has_value());
    EXPECT_EQ(t.LoadIncarnation(id, second).value().highest_n, CommandNumber(0));
    return 0;
  });
}

TEST_F(StoreContract, HighestNumberNeverFalls) {
  WriteSet writes;
  writes.devices.push_back({till_, CommandNumber(9), std::nullopt, std::nullopt});
  Apply(writes);
  writes.devices.front().highest_n = CommandNumber(4);
  Apply(writes);
  InWrite([&](WriteTransaction& t, const WorkspaceId& id) {
    EXPECT_EQ(t.LoadIncarnation(id, till_).value().highest_n, CommandNumber(9));
    return 0;
  });
}

TEST_F(StoreContract, LocalIdsAndSignInsAreKeptPerDevice) {
  WriteSet writes;
  writes.local_ids.push_back({till_.device, "local_A", DocumentId("o1")});
  writes.sign_ins.push_back({{till_.device, UserId("ann")}, {"staff"}});
  Apply(writes);
  writes.sign_ins.front().roles = {"kitchen", "a \"role\""};
  Apply(writes);
  InWrite([&](WriteTransaction& t, const WorkspaceId& id) {
    const std::vector<std::string> locals{"local_A", "local_B"};
    const auto found = t.LoadLocalIds(id, till_.device, locals).value();
    EXPECT_EQ(found[0], DocumentId("o1"));
    EXPECT_FALSE(found[1].has_value());
    EXPECT_FALSE(t.LoadLocalIds(id, DeviceId("till-2"), locals).value()[0].has_value());
    EXPECT_EQ(t.LoadSignIn(id, {till_.device, UserId("ann")}).value(), (Roles{"kitchen", "a \"role\""}))
        << "the last sign-in's";
    EXPECT_FALSE(t.LoadSignIn(id, {till_.device, UserId("bob")}).value().has_value());
    EXPECT_FALSE(t.LoadSignIn(id, {DeviceId("till-2"), UserId("ann")}).value().has_value());
    return 0;
  });
}

TEST_F(StoreContract, ReportOfADeviceIsShown) {
  WriteSet writes;
  writes.devices.push_back(
      {till_, CommandNumber(2), CommandId("c9"), DeviceReport{3, "2026-11-20T10:00:00Z", 1, "clock", "1.0"}});
  Apply(writes, "shop", 5000);
  writes.devices.front() = {till_, CommandNumber(2), std::nullopt, std::nullopt};
  Apply(writes, "shop", 6000);
  const auto devices = store_->BeginRead().value()->Devices(WorkspaceId("shop")).value();
  ASSERT_EQ(devices.size(), 1u);
  EXPECT_EQ(devices.front().device, till_.device);
  EXPECT_EQ(devices.front().last_command, CommandId("c9"));
  EXPECT_EQ(devices.front().last_seen, Timestamp{6000});
  EXPECT_EQ(devices.front().report.waiting, 3);
  EXPECT_EQ(devices.front().report.quarantined, 1);
  EXPECT_EQ(devices.front().report.release, "1.0");
}

}  // namespace outpost::server
