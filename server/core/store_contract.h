// The contract of the Store port as tests: every implementation runs this suite by including it in one test file and
// defining MakeStoreForTest.
#pragma once

#include <gtest/gtest.h>

#include "server/core/store_for_test.h"

namespace outpost::server {

class StoreContract : public testing::Test {
 protected:
  static DocumentKey Order(const std::string& id) { return {CollectionName("orders"), DocumentId(id)}; }
  static DocumentKey Ticket(const std::string& id) { return {CollectionName("tickets"), DocumentId(id)}; }

  static DocumentWrite Document(DocumentKey key, std::int64_t version, std::int64_t seq) {
    DocumentWrite write;
    write.key = std::move(key);
    write.version = Version(version);
    write.seq = Sequence(seq);
    write.body = "{\"id\":\"" + write.key.id.value + "\",\"createdBy\":\"ann\",\"status\":\"NEW\"}";
    write.existed = version > 1;
    return write;
  }

  static KeyRef Key(const std::string& key, const std::string& author = "ann",
                    const std::string& family = "ORDER_CREATE") {
    return {UserId(author), family, IdempotencyKey(key)};
  }

  // An outcome of the command `id`, whose key is its id unless another is given.
  static OutcomeWrite Succeeded(const std::string& id, std::int64_t seq, const std::string& key = {}) {
    OutcomeWrite write;
    write.key = Key(key.empty() ? id : key);
    write.record.state = KeyState::kSucceeded;
    write.record.fingerprint = Sha256Of(id);
    write.record.command = CommandId(id);
    write.record.seq = Sequence(seq);
    write.record.http_status = 201;
    write.record.resource = Order(id);
    write.record.resource_version = Version(1);
    write.record.body = "{\"id\":\"" + id + "\"}";
    return write;
  }
  static OutcomeWrite Refused(const std::string& id, std::int64_t revision) {
    OutcomeWrite write = Succeeded(id, 0);
    write.record.state = KeyState::kRefused;
    write.record.revision = Revision(revision);
    write.record.http_status = 409;
    write.record.resource.reset();
    write.record.body = "{\"code\":\"VERSION_CONFLICT\"}";
    write.existed = revision > 0;
    return write;
  }
  static OutcomeWrite From(OutcomeWrite write, const DeviceRef& device, std::int64_t n) {
    write.device = device;
    write.n = CommandNumber(n);
    return write;
  }
  // One command that wrote these documents at `seq`.
  static WriteSet Commit(std::int64_t seq, std::vector<DocumentWrite> documents) {
    WriteSet writes;
    writes.head = Sequence(seq);
    writes.documents = std::move(documents);
    writes.outcomes.push_back(Succeeded("c" + std::to_string(seq), seq));
    return writes;
  }

  void Apply(const WriteSet& writes, const std::string& workspace = "shop", std::int64_t now_ms = 1000) {
    auto transaction = store_->BeginWrite();
    ASSERT_TRUE(transaction.ok()) << transaction.error().message;
    const WorkspaceId id(workspace);
    ASSERT_TRUE(transaction.value()->Lock(id).ok());
    const Status applied = transaction.value()->Apply(id, writes, Timestamp{now_ms});
    ASSERT_TRUE(applied.ok()) << applied.error().message;
    ASSERT_TRUE(transaction.value()->Commit().ok());
  }

  // Runs a question in a write transaction that is then dropped.
  template <class Question>
  auto InWrite(Question question, const std::string& workspace = "shop") {
    auto transaction = store_->BeginWrite().value();
    const WorkspaceId id(workspace);
    static_cast<void>(transaction->Lock(id).value());
    return question(*transaction, id);
  }
  WorkspaceHead Head(const std::string& workspace = "shop") {
    return store_->BeginRead().value()->Head(WorkspaceId(workspace)).value();
  }
  std::optional<KeyRecord> LoadKey(const KeyRef& key, const std::string& workspace = "shop") {
    return InWrite(
        [&](WriteTransaction& t, const WorkspaceId& id) {
          return t.LoadKeys(id, {&key, 1}).value().front();
        },
        workspace);
  }
  std::optional<CommandRecord> LoadCommand(const std::string& command, const std::string& workspace = "shop") {
    const CommandId wanted(command);
    return InWrite(
        [&](WriteTransaction& t, const WorkspaceId& id) {
          return t.LoadCommands(id, {&wanted, 1}).value().front();
        },
        workspace);
  }
  std::optional<DocumentRow> LoadDocument(const DocumentKey& key, const std::string& workspace = "shop") {
    return InWrite(
        [&](WriteTransaction& t, const WorkspaceId& id) {
          return t.LoadDocuments(id, {&key, 1}).value().front();
        },
        workspace);
  }
  FeedPage Feed(const FeedQuery& query, const std::string& workspace = "shop") {
    return store_->BeginRead().value()->ReadFeed(WorkspaceId(workspace), query).value();
  }
  // "3 order-1 v2" per change, a reason instead of the version where the document is gone.
  static std::vector<std::string> Lines(const FeedPage& page) {
    std::vector<std::string> lines;
    for (const Change& change : page.changes) {
      const std::string what = change.doc.empty() ? change.reason : "v" + std::to_string(change.version.value);
      lines.push_back(std::to_string(change.seq.value) + " " + change.key.id.value + " " + what);
    }
    return lines;
  }
  static FeedQuery After(std::int64_t seq) {
    FeedQuery query;
    query.after = Sequence(seq);
    return query;
  }

  using Strings = std::vector<std::string>;
  const DeviceRef till_{DeviceId("till-1"), Incarnation("first")};
  std::unique_ptr<Store> store_ = MakeStoreForTest();
};

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
    writes.sign_ins.push_back({till_.device, UserId("ann")});
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

TEST_F(StoreContract, WorkspacesAreIslands) {
  WriteSet writes = Commit(1, {Document(Order("o1"), 1, 1)});
  writes.outcomes.front().device = till_;
  writes.outcomes.front().n = CommandNumber(1);
  writes.local_ids.push_back({till_.device, "local_X", DocumentId("o1")});
  writes.sign_ins.push_back({till_.device, UserId("ann")});
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
        EXPECT_FALSE(t.HasSignedIn(id, till_.device, UserId("ann")).value());
        EXPECT_EQ(t.LoadIncarnation(id, till_).value().highest_n, CommandNumber(0));
        return 0;
      },
      "other");
  auto read = store_->BeginRead().value();
  const WorkspaceId other("other");
  EXPECT_FALSE(read->Get(other, Order("o1")).value().has_value());
  EXPECT_TRUE(read->List(other, CollectionName("orders"), {}, {}, {}, 10).value().rows.empty());
  EXPECT_TRUE(read->OwnCommands(other, till_, Sequence(0), Sequence(9)).value().empty());
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
      store_->BeginRead().value()->OwnCommands(WorkspaceId("shop"), till_, Sequence(0), Sequence(1)).value();
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
      store_->BeginRead().value()->OwnCommands(WorkspaceId("shop"), till_, Sequence(0), Sequence(1)).value();
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
  writes.sign_ins.push_back({till_.device, UserId("ann")});
  Apply(writes);
  Apply(writes);
  InWrite([&](WriteTransaction& t, const WorkspaceId& id) {
    const std::vector<std::string> locals{"local_A", "local_B"};
    const auto found = t.LoadLocalIds(id, till_.device, locals).value();
    EXPECT_EQ(found[0], DocumentId("o1"));
    EXPECT_FALSE(found[1].has_value());
    EXPECT_FALSE(t.LoadLocalIds(id, DeviceId("till-2"), locals).value()[0].has_value());
    EXPECT_TRUE(t.HasSignedIn(id, till_.device, UserId("ann")).value());
    EXPECT_FALSE(t.HasSignedIn(id, till_.device, UserId("bob")).value());
    EXPECT_FALSE(t.HasSignedIn(id, DeviceId("till-2"), UserId("ann")).value());
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

TEST_F(StoreContract, FeedShowsEachDocumentOnceAtItsLatestSequence) {
  Apply(Commit(1, {Document(Order("o1"), 1, 1)}));
  Apply(Commit(2, {Document(Order("o2"), 1, 2)}));
  Apply(Commit(3, {Document(Order("o1"), 2, 3)}));
  EXPECT_EQ(Lines(Feed(After(0))), (Strings{"2 o2 v1", "3 o1 v2"}));
  EXPECT_EQ(Lines(Feed(After(2))), (Strings{"3 o1 v2"}));
  EXPECT_TRUE(Feed(After(3)).changes.empty());
  EXPECT_EQ(Feed(After(0)).last, Sequence(3));
}

TEST_F(StoreContract, FeedKeepsTheOrderWithinACommand) {
  Apply(Commit(1, {Document(Order("z"), 1, 1), Document(Ticket("a"), 1, 1), Document(Order("b"), 1, 1)}));
  EXPECT_EQ(Lines(Feed(After(0))), (Strings{"1 z v1", "1 a v1", "1 b v1"}));
}

TEST_F(StoreContract, PagesEndOnCommitBoundaries) {
  Apply(Commit(1, {Document(Order("a"), 1, 1), Document(Order("b"), 1, 1)}));
  Apply(Commit(2, {Document(Order("c"), 1, 2), Document(Order("d"), 1, 2)}));
  Apply(Commit(3, {Document(Order("e"), 1, 3)}));
  FeedQuery query = After(0);
  query.limit = 3;
  FeedPage page = Feed(query);
  EXPECT_EQ(Lines(page), (Strings{"1 a v1", "1 b v1"}));
  EXPECT_TRUE(page.more);
  EXPECT_EQ(page.last, Sequence(1));
  query.after = page.last;
  page = Feed(query);
  EXPECT_EQ(Lines(page), (Strings{"2 c v1", "2 d v1", "3 e v1"}));
  EXPECT_FALSE(page.more);
  EXPECT_EQ(page.last, Sequence(3));
}

TEST_F(StoreContract, CommitLargerThanThePageComesWhole) {
  Apply(Commit(1, {Document(Order("a"), 1, 1), Document(Order("b"), 1, 1), Document(Order("c"), 1, 1)}));
  Apply(Commit(2, {Document(Order("d"), 1, 2)}));
  FeedQuery query = After(0);
  query.limit = 1;
  const FeedPage page = Feed(query);
  EXPECT_EQ(page.changes.size(), 3u);
  EXPECT_TRUE(page.more);
  EXPECT_EQ(page.last, Sequence(1));
}

TEST_F(StoreContract, FeedStopsWhereAsked) {
  for (int seq = 1; seq <= 4; ++seq) Apply(Commit(seq, {Document(Order("o" + std::to_string(seq)), 1, seq)}));
  FeedQuery query = After(1);
  query.up_to = Sequence(3);
  const FeedPage page = Feed(query);
  EXPECT_EQ(Lines(page), (Strings{"2 o2 v1", "3 o3 v1"}));
  EXPECT_EQ(page.last, Sequence(3));
  EXPECT_FALSE(page.more);
}

TEST_F(StoreContract, FeedIsFilteredByCollectionAndByWhatIsAllowed) {
  Apply(Commit(1, {Document(Order("o1"), 1, 1), Document(Ticket("t1"), 1, 1)}));
  Apply(Commit(2, {Document({CollectionName("products"), DocumentId("p1")}, 1, 2)}));
  FeedQuery query = After(0);
  query.collections = {CollectionName("tickets"), CollectionName("products")};
  EXPECT_EQ(Lines(Feed(query)), (Strings{"1 t1 v1", "2 p1 v1"}));
  query.allowed = {CollectionName("orders"), CollectionName("tickets")};
  EXPECT_EQ(Lines(Feed(query)), (Strings{"1 t1 v1"}));
  query.collections = {CollectionName("products")};
  EXPECT_TRUE(Feed(query).changes.empty());
  query.collections.clear();
  EXPECT_EQ(Lines(Feed(query)), (Strings{"1 o1 v1", "1 t1 v1"}));
}

TEST_F(StoreContract, InternalDocumentsAreInNoFeed) {
  const DocumentKey counter{CollectionName("_counter"), DocumentId("20261120")};
  DocumentWrite write = Document(counter, 1, 0);
  WriteSet writes = Commit(1, {write, Document(Order("o1"), 1, 1)});
  Apply(writes);
  EXPECT_EQ(Lines(Feed(After(0))), (Strings{"1 o1 v1"}));
  ASSERT_TRUE(LoadDocument(counter).has_value());
  write.version = Version(2);
  write.existed = true;
  Apply(Commit(2, {write}));
  EXPECT_EQ(LoadDocument(counter)->version, Version(2));
}

TEST_F(StoreContract, DocumentThatLeavesAScopeIsToldToThatScope) {
  DocumentWrite ticket = Document(Ticket("t1"), 1, 1);
  ticket.scope = "station:grill";
  Apply(Commit(1, {ticket, Document(Order("o1"), 1, 1)}));
  ticket = Document(Ticket("t1"), 2, 2);
  ticket.scope = "station:bar";
  ticket.previous_scope = "station:grill";
  Apply(Commit(2, {ticket}));

  FeedQuery grill = After(0);
  grill.scope = "station:grill";
  grill.from_start = true;
  EXPECT_EQ(Lines(Feed(grill)), (Strings{"1 o1 v1"}));  // scope filters only collections that have it
  grill.from_start = false;
  grill.after = Sequence(1);
  EXPECT_EQ(Lines(Feed(grill)), (Strings{"2 t1 left"}));
  FeedQuery bar = After(1);
  bar.scope = "station:bar";
  EXPECT_EQ(Lines(Feed(bar)), (Strings{"2 t1 v2"}));
  EXPECT_EQ(LoadDocument(Ticket("t1"))->scope, "station:bar");
}

TEST_F(StoreContract, TombstonesAreToldExceptFromTheStart) {
  Apply(Commit(1, {Document(Order("o1"), 1, 1)}));
  DocumentWrite gone = Document(Order("o1"), 2, 2);
  gone.deleted = true;
  gone.body.clear();
  Apply(Commit(2, {gone}));
  EXPECT_EQ(Lines(Feed(After(1))), (Strings{"2 o1 deleted"}));
  FeedQuery start = After(0);
  start.from_start = true;
  EXPECT_TRUE(Feed(start).changes.empty());
  const auto row = LoadDocument(Order("o1"));
  ASSERT_TRUE(row.has_value());
  EXPECT_TRUE(row->deleted);
  EXPECT_EQ(row->version, Version(2));
}

TEST_F(StoreContract, GuestsSeeTheirOwn) {
  const CollectionName reservations("reservations");
  DocumentWrite mine = Document({reservations, DocumentId("r1")}, 1, 1);
  DocumentWrite other = Document({reservations, DocumentId("r2")}, 1, 2);
  other.body = R"({"id":"r2","createdBy":"bob"})";
  Apply(Commit(1, {mine}));
  Apply(Commit(2, {other}));
  FeedQuery query = After(0);
  query.allowed = {reservations};
  query.only_created_by = UserId("ann");
  EXPECT_EQ(Lines(Feed(query)), (Strings{"1 r1 v1"}));
}

TEST_F(StoreContract, OwnCommandsAreThoseOfTheDeviceInTheRange) {
  for (int seq = 1; seq <= 4; ++seq) {
    WriteSet writes = Commit(seq, {Document(Order("o" + std::to_string(seq)), 1, seq)});
    const DeviceRef device = seq == 2 ? DeviceRef{DeviceId("till-2"), Incarnation("first")} : till_;
    writes.outcomes.front() = From(writes.outcomes.front(), device, seq);
    Apply(writes);
  }
  const auto own =
      store_->BeginRead().value()->OwnCommands(WorkspaceId("shop"), till_, Sequence(1), Sequence(4)).value();
  ASSERT_EQ(own.size(), 2u);
  EXPECT_EQ(own[0].id, CommandId("c3"));
  EXPECT_EQ(own[0].seq, Sequence(3));
  EXPECT_EQ(own[0].fingerprint, ToHex(Sha256Of("c3")));
  EXPECT_EQ(own[1].id, CommandId("c4"));
}

TEST_F(StoreContract, TagNamesTheCommandOfASequence) {
  Apply(Commit(1, {Document(Order("o1"), 1, 1)}));
  auto read = store_->BeginRead().value();
  const WorkspaceId shop("shop");
  EXPECT_EQ(read->TagAt(shop, Sequence(1)).value(), TagOf(CommandId("c1"), Sequence(1)));
  EXPECT_FALSE(read->TagAt(shop, Sequence(2)).value().has_value());
  EXPECT_FALSE(read->TagAt(shop, Sequence(0)).value().has_value());
  read.reset();
  EXPECT_EQ(Head().tag, TagOf(CommandId("c1"), Sequence(1)));
  EXPECT_EQ(InWrite([](WriteTransaction& t, const WorkspaceId& id) { return t.Lock(id).value().tag; }), Head().tag);
}

TEST_F(StoreContract, ListIsNewestFirstInPages) {
  for (int seq = 1; seq <= 3; ++seq) Apply(Commit(seq, {Document(Order("o" + std::to_string(seq)), 1, seq)}));
  auto read = store_->BeginRead().value();
  const WorkspaceId shop("shop");
  const CollectionName orders("orders");
  const DocumentList first = read->List(shop, orders, {}, {}, {}, 2).value();
  ASSERT_EQ(first.rows.size(), 2u);
  EXPECT_EQ(first.rows[0].seq, Sequence(3));
  EXPECT_EQ(first.rows[1].seq, Sequence(2));
  ASSERT_FALSE(first.next.empty());
  const DocumentList second = read->List(shop, orders, {}, {}, first.next, 2).value();
  ASSERT_EQ(second.rows.size(), 1u);
  EXPECT_TRUE(second.next.empty());
}

TEST_F(StoreContract, ListIsFilteredByATextField) {
  Apply(Commit(1, {Document(Order("o1"), 1, 1)}));
  DocumentWrite closed = Document(Order("o2"), 1, 2);
  closed.body = R"({"id":"o2","status":"CLOSED"})";
  Apply(Commit(2, {closed}));
  auto read = store_->BeginRead().value();
  const auto list = read->List(WorkspaceId("shop"), CollectionName("orders"), "status", "CLOSED", {}, 10).value();
  ASSERT_EQ(list.rows.size(), 1u);
  EXPECT_EQ(list.rows[0].seq, Sequence(2));
}

TEST_F(StoreContract, SecondWriteTransactionIsRefusedWhileOneIsOpen) {
  auto first = store_->BeginWrite();
  ASSERT_TRUE(first.ok());
  const auto second = store_->BeginWrite();
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::kBusy);
  first.value().reset();
  EXPECT_TRUE(store_->BeginWrite().ok());
}

// Purges until there is nothing more to do.
inline void PurgeAll(Store& store, const PurgeBounds& bounds) {
  for (int step = 0; step < 100; ++step) {
    const auto more = store.Purge(bounds);
    ASSERT_TRUE(more.ok()) << more.error().message;
    if (!more.value()) return;
  }
  FAIL() << "the purge does not end";
}

TEST_F(StoreContract, PurgedOutcomeLeavesItsKey) {
  Apply(Commit(1, {Document(Order("c1"), 1, 1)}), "shop", 1000);
  Apply(Commit(2, {Document(Order("c2"), 1, 2)}), "shop", 9000);
  PurgeAll(*store_, {Timestamp{5000}, Timestamp{0}, Timestamp{0}, 1});
  const auto record = LoadKey(Key("c1"));
  ASSERT_TRUE(record.has_value());
  EXPECT_TRUE(record->outcome_purged);
  EXPECT_TRUE(record->body.empty());
  EXPECT_EQ(*record->resource, Order("c1"));
  EXPECT_FALSE(LoadKey(Key("c2"))->outcome_purged);
}

TEST_F(StoreContract, PurgedKeyIsKnownByItsNumber) {
  WriteSet writes = Commit(1, {Document(Order("c1"), 1, 1)});
  writes.outcomes.front() = From(writes.outcomes.front(), till_, 12);
  Apply(writes, "shop", 1000);
  writes = Commit(2, {Document(Order("c2"), 1, 2)});
  writes.outcomes.front() = From(writes.outcomes.front(), till_, 13);
  Apply(writes, "shop", 9000);
  PurgeAll(*store_, {Timestamp{5000}, Timestamp{5000}, Timestamp{0}, 1});
  EXPECT_FALSE(LoadKey(Key("c1")).has_value());
  EXPECT_TRUE(LoadKey(Key("c2")).has_value());
  EXPECT_TRUE(LoadDocument(Order("c1")).has_value());
  InWrite([&](WriteTransaction& t, const WorkspaceId& id) {
    EXPECT_EQ(t.LoadIncarnation(id, till_).value().keys_purged_below, CommandNumber(12));
    return 0;
  });
}

TEST_F(StoreContract, PurgedTombstoneRaisesPurgedBelowAndKeepsTheVersion) {
  Apply(Commit(1, {Document(Order("o1"), 1, 1)}), "shop", 1000);
  DocumentWrite gone = Document(Order("o1"), 2, 2);
  gone.deleted = true;
  gone.body.clear();
  Apply(Commit(2, {gone}), "shop", 2000);
  Apply(Commit(3, {Document(Order("o2"), 1, 3)}), "shop", 3000);
  Apply(Commit(4, {Document(Order("o3"), 1, 4)}), "shop", 9000);
  PurgeAll(*store_, {Timestamp{0}, Timestamp{0}, Timestamp{5000}, 1});
  EXPECT_EQ(Head().purged_below, Sequence(3));
  EXPECT_EQ(Lines(Feed(After(1))), (Strings{"3 o2 v1", "4 o3 v1"}));
  const auto row = LoadDocument(Order("o1"));
  ASSERT_TRUE(row.has_value());
  EXPECT_TRUE(row->deleted);
  EXPECT_EQ(row->version, Version(2));
  Apply(Commit(5, {Document(Order("o1"), 3, 5)}), "shop", 9000);
  EXPECT_EQ(LoadDocument(Order("o1"))->version, Version(3));
  EXPECT_EQ(Lines(Feed(After(4))), (Strings{"5 o1 v3"}));
}

}  // namespace outpost::server
