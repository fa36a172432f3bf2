// The store contract, second part: feed, tags, lists, purge. Included by store_contract.h only.
#pragma once

#include "server/core/store_contract_fixture.h"

namespace outpost::server {

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

TEST_F(StoreContract, FeedIsFilteredByCollection) {
  Apply(Commit(1, {Document(Order("o1"), 1, 1), Document(Ticket("t1"), 1, 1)}));
  Apply(Commit(2, {Document({CollectionName("products"), DocumentId("p1")}, 1, 2)}));
  FeedQuery query = After(0);
  query.collections = {CollectionName("tickets"), CollectionName("products")};
  EXPECT_EQ(Lines(Feed(query)), (Strings{"1 t1 v1", "2 p1 v1"}));
  query.collections = {CollectionName("nothing")};
  EXPECT_TRUE(Feed(query).changes.empty());
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
  grill.collections = {CollectionName("orders"), CollectionName("tickets")};
  grill.scoped = {CollectionName("tickets")};
  grill.from_start = true;
  EXPECT_EQ(Lines(Feed(grill)), (Strings{"1 o1 v1"}));  // scope filters only collections that have it
  grill.from_start = false;
  grill.after = Sequence(1);
  EXPECT_EQ(Lines(Feed(grill)), (Strings{"2 t1 left"}));
  FeedQuery bar = grill;
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
  query.collections = {reservations};
  query.only_created_by = UserId("ann");
  EXPECT_EQ(Lines(Feed(query)), (Strings{"1 r1 v1"}));
}

TEST_F(StoreContract, OwnCommandsAreThoseOfTheDeviceInTheRangeWhateverItsIncarnation) {
  for (int seq = 1; seq <= 4; ++seq) {
    WriteSet writes = Commit(seq, {Document(Order("o" + std::to_string(seq)), 1, seq)});
    DeviceRef device = seq == 2 ? DeviceRef{DeviceId("till-2"), Incarnation("first")} : till_;
    if (seq == 4) device.incarnation = Incarnation("second");
    writes.outcomes.front() = From(writes.outcomes.front(), device, seq);
    Apply(writes);
  }
  const auto own =
      store_->BeginRead().value()->OwnCommands(WorkspaceId("shop"), till_.device, Sequence(1), Sequence(4)).value();
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

// Write skew: of two orders one must stay as it is. Two servers would each look at the one and then change the other;
// the second is not let in before the first is done, sees what it did, and leaves it at that.
TEST_F(StoreContract, TwoWritersWhoReadWhatTheOtherWritesAreSerial) {
  const auto another = MakeSecondStoreForTest(*store_);
  if (another == nullptr) return;  // SecondWriteTransactionIsRefusedWhileOneIsOpen
  const WorkspaceId shop("shop");
  const DocumentKey a = Order("a"), b = Order("b");
  const auto version = [&](WriteTransaction& transaction, const DocumentKey& key) {
    return transaction.LoadDocuments(shop, {&key, 1}).value().front()->version;
  };
  Apply(Commit(1, {Document(a, 1, 1), Document(b, 1, 1)}));
  auto first = store_->BeginWrite().value();
  ASSERT_TRUE(first->Lock(shop).ok());
  EXPECT_EQ(version(*first, b), Version(1));
  EXPECT_EQ(another->BeginWrite().value()->Lock(shop).error().code, ErrorCode::kBusy);
  ASSERT_TRUE(first->Apply(shop, Commit(2, {Document(a, 2, 2)}), Timestamp{1000}).ok());
  ASSERT_TRUE(first->Commit().ok());
  first.reset();
  auto second = another->BeginWrite().value();
  EXPECT_EQ(second->Lock(shop).value().head, Sequence(2));
  EXPECT_EQ(version(*second, a), Version(2));
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
