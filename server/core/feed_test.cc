#include "server/core/feed.h"

#include "server/core/cursor.h"
#include "server/core/service_fixture.h"

namespace outpost::server {
namespace {

class FeedTest : public ServiceFixture {
 protected:
  ChangesPage Read(const PullRequest& request, const Caller& caller = Staff()) {
    PullResult result = ReadChanges(*store_, caller, request);
    if (auto* problem = std::get_if<Problem>(&result)) {
      ADD_FAILURE() << Name(problem->code) << ": " << problem->detail;
      return {};
    }
    return std::get<ChangesPage>(std::move(result));
  }
  std::optional<ProblemCode> Refusal(const PullRequest& request, const Caller& caller = Staff()) {
    PullResult result = ReadChanges(*store_, caller, request);
    const auto* problem = std::get_if<Problem>(&result);
    return problem == nullptr ? std::nullopt : std::optional(problem->code);
  }
  static PullRequest From(const Cursor& cursor) {
    PullRequest request;
    request.cursor = cursor;
    return request;
  }
  static PullRequest Only(std::vector<std::string> names) {
    PullRequest request;
    for (std::string& name : names) request.collections.emplace_back(std::move(name));
    return request;
  }
  static std::vector<std::string> Ids(const ChangesPage& page) {
    std::vector<std::string> ids;
    for (const Change& change : page.changes) ids.push_back(change.key.id.value);
    return ids;
  }

  using Strings = std::vector<std::string>;
};

TEST_F(FeedTest, PagesFollowEachOtherUntilNothingIsLeft) {
  for (int i = 1; i <= 5; ++i) Run(CreateOrder("o" + std::to_string(i)));
  PullRequest request;
  request.limit = 2;
  Strings seen;
  for (int round = 0; round < 9; ++round) {
    const ChangesPage page = Read(request);
    for (const std::string& id : Ids(page)) seen.push_back(id);
    request.cursor = page.cursor;
    if (!page.more) break;
  }
  EXPECT_EQ(seen, (Strings{"o1", "o2", "o3", "o4", "o5"}));
  EXPECT_TRUE(Read(request).changes.empty());
  Run(CreateOrder("o6"));
  EXPECT_EQ(Ids(Read(request)), (Strings{"o6"}));
}

TEST_F(FeedTest, EmptyWorkspaceHasACursor) {
  const ChangesPage page = Read({});
  EXPECT_TRUE(page.changes.empty());
  EXPECT_FALSE(page.more);
  Run(CreateOrder("o1"));
  EXPECT_EQ(Ids(Read(From(page.cursor))), (Strings{"o1"}));
}

TEST_F(FeedTest, AnswerOfAWriteCarriesTheCursorOfTheWholeFeed) {
  SubmissionResult result = Execute(Send(Staff(), CreateOrder("o1")));
  const Cursor head = *std::get<PushResponse>(result).head;
  EXPECT_EQ(head, Read({}).cursor);
  EXPECT_EQ(head, HeadCursor(*store_, Staff(), {}).value());
}

TEST_F(FeedTest, OwnCommandsOfTheDeviceAreListedWithThePage) {
  const ChangesPage start = Read({});
  Results(FromTill(Staff(), 1, CreateOrder("o1")));
  Run(CreateOrder("o2"));
  PullRequest request = From(start.cursor);
  request.device = DeviceRef{DeviceId("till-1"), Incarnation("first")};
  const ChangesPage page = Read(request);
  EXPECT_EQ(Ids(page), (Strings{"o1", "o2"}));
  ASSERT_EQ(page.own.size(), 1u);
  EXPECT_EQ(page.own[0].id, CommandId("o1"));
  EXPECT_EQ(page.own[0].seq, Sequence(1));
  EXPECT_EQ(page.own[0].fingerprint, ToHex(FingerprintOf("ORDER_CREATE", CreateOrder("o1").payload)));
  request.cursor = page.cursor;
  EXPECT_TRUE(Read(request).own.empty());
}

TEST_F(FeedTest, CursorBelongsToItsFilter) {
  Run(CreateOrder("o1"));
  const Cursor all = Read({}).cursor;
  PullRequest orders = Only({"orders"});
  orders.cursor = all;
  EXPECT_EQ(Refusal(orders), ProblemCode::kCursorMismatch);
  const Cursor some = Read(Only({"orders", "tickets"})).cursor;
  PullRequest swapped = Only({"tickets", "orders"});
  swapped.cursor = some;
  EXPECT_EQ(Refusal(swapped), std::nullopt);
  PullRequest scoped = swapped;
  scoped.scope = "station:bar";
  EXPECT_EQ(Refusal(scoped), ProblemCode::kCursorMismatch);
}

TEST_F(FeedTest, ForeignOrBrokenCursorIsInvalid) {
  Run(CreateOrder("o1"));
  const Cursor cursor = Read({}).cursor;
  EXPECT_EQ(Refusal(From(cursor), Staff("ann", "other")), ProblemCode::kCursorInvalid);
  EXPECT_EQ(Refusal(From(Cursor("nonsense"))), ProblemCode::kCursorInvalid);
  EXPECT_EQ(Refusal(From(Cursor(""))), ProblemCode::kCursorInvalid);
  for (std::size_t i = 0; i < cursor.value.size(); ++i) {
    Cursor forged = cursor;
    forged.value[i] = forged.value[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(Refusal(From(forged)), ProblemCode::kCursorInvalid) << i;
  }
}

TEST_F(FeedTest, CursorOfAnotherHistoryIsExpired) {
  Run(CreateOrder("o1"));
  const CursorContent good = DecodeCursor(WorkspaceId("shop"), Read({}).cursor).value();
  const auto refusal = [this](const CursorContent& content) {
    return Refusal(From(EncodeCursor(WorkspaceId("shop"), content)));
  };
  EXPECT_EQ(refusal(good), std::nullopt);
  CursorContent other = good;
  other.epoch = HashEpoch(Epoch("before the restore"));
  EXPECT_EQ(refusal(other), ProblemCode::kCursorExpired);
  other = good;
  other.tag ^= 1;
  EXPECT_EQ(refusal(other), ProblemCode::kCursorExpired);
  other = good;
  other.seq = Sequence(2);
  EXPECT_EQ(refusal(other), ProblemCode::kCursorExpired);
}

TEST_F(FeedTest, ChangedRightsExpireTheCursor) {
  Run(CreateOrder("o1"));
  const Cursor cursor = Read({}).cursor;
  EXPECT_EQ(Refusal(From(cursor), WithRole("kitchen")), ProblemCode::kCursorExpired);
  EXPECT_EQ(Refusal(From(cursor), WithRole("admin")), std::nullopt);
  EXPECT_EQ(Refusal(From(cursor), Staff("bob")), std::nullopt);
}

TEST_F(FeedTest, CursorOlderThanTheTombstonesKeptIsExpired) {
  const Cursor empty = Read({}).cursor;
  Run(CreateOrder("o1"));
  const Cursor old = Read({}).cursor;
  Run(CreateOrder("o2"));
  Run(CreateOrder("o3"));
  const Timestamp later = now_ + Milliseconds(1);
  ASSERT_TRUE(store_->Purge({Timestamp{0}, Timestamp{0}, later, 100}).ok());
  EXPECT_EQ(Refusal(From(old)), ProblemCode::kCursorExpired);
  EXPECT_EQ(Refusal(From(empty)), ProblemCode::kCursorExpired);
  EXPECT_EQ(Ids(Read({})), (Strings{"o1", "o2", "o3"}));
}

TEST_F(FeedTest, FirstSyncPassesSequencesWhoseKeysWerePurged) {
  for (int i = 1; i <= 4; ++i) Run(CreateOrder("o" + std::to_string(i)));
  const Timestamp later = now_ + Milliseconds(1);
  ASSERT_TRUE(store_->Purge({later, later, Timestamp{0}, 100}).ok());
  PullRequest request;
  request.limit = 1;
  request.cursor = Read(request).cursor;
  EXPECT_EQ(Ids(Read(request)), (Strings{"o2"}));
}

TEST_F(FeedTest, ParametersAreChecked) {
  EXPECT_EQ(Refusal(Only({"recipes"})), ProblemCode::kInvalidParameter);
  EXPECT_EQ(Refusal(Only({"_order_number"})), ProblemCode::kInvalidParameter);
  PullRequest request;
  request.limit = 0;
  EXPECT_EQ(Refusal(request), ProblemCode::kInvalidParameter);
  request.limit = 10'001;
  EXPECT_EQ(Refusal(request), ProblemCode::kInvalidParameter);
  request.limit = 10'000;
  request.scope = "grill";
  EXPECT_EQ(Refusal(request), ProblemCode::kInvalidParameter);
}

TEST_F(FeedTest, RolesSeeWhatIsTheirs) {
  Run(CreateOrder("o1"));
  Run(SendToKitchen("c2", "o1"));
  Run(Make("c3", "INVENTORY_COUNT_V1", {{"sku", "tea"}, {"quantity", 4}}));
  EXPECT_EQ(Read({}).changes.size(), 3u);
  EXPECT_EQ(Read({}, WithRole("kitchen")).changes.size(), 2u);
  EXPECT_TRUE(Read(Only({"stock"}), WithRole("kitchen")).changes.empty());
  EXPECT_TRUE(Read({}, WithRole("guest")).changes.empty());
  Caller nobody = Staff();
  nobody.roles.clear();
  EXPECT_TRUE(Read({}, nobody).changes.empty());
}

TEST_F(FeedTest, ScopeFiltersTheCollectionsThatHaveIt) {
  Run(CreateOrder("o1"));
  Run(SendToKitchen("c2", "o1"));
  PullRequest bar;
  bar.scope = "station:bar";
  EXPECT_EQ(Read(bar).changes.size(), 2u);
  PullRequest grill = bar;
  grill.scope = "station:grill";
  EXPECT_EQ(Ids(Read(grill)), (Strings{"o1"}));
}

TEST_F(FeedTest, NewSubscriptionBackfillsToTheCursorAndJoins) {
  Run(CreateOrder("o1"));
  Run(Make("c2", "PRODUCT_PUT_V1", {{"sku", "tea"}, {"name", "Tea"}, {"price", 250}}));
  Run(Make("c3", "PRODUCT_PUT_V1", {{"sku", "pie"}, {"name", "Pie"}, {"price", 450}}));
  const Cursor orders = Read(Only({"orders"})).cursor;
  Run(Make("c4", "PRODUCT_PUT_V1", {{"sku", "jam"}, {"name", "Jam"}, {"price", 150}}));

  PullRequest backfill = Only({"products"});
  backfill.join = orders;
  backfill.limit = 1;
  ChangesPage page = Read(backfill);
  EXPECT_EQ(page.changes.size(), 1u);
  ASSERT_TRUE(page.more);
  backfill.cursor = page.cursor;
  page = Read(backfill);
  EXPECT_EQ(page.changes.size(), 1u);
  EXPECT_FALSE(page.more);

  PullRequest both = Only({"orders", "products"});
  both.cursor = page.cursor;
  Run(CreateOrder("o2"));
  const ChangesPage joined = Read(both);
  EXPECT_EQ(joined.changes.size(), 2u);  // jam and o2
  both.cursor = joined.cursor;
  EXPECT_EQ(Refusal(both), std::nullopt);
  PullRequest neither = Only({"orders"});
  neither.cursor = page.cursor;
  EXPECT_EQ(Refusal(neither), ProblemCode::kCursorMismatch);
}

}  // namespace
}  // namespace outpost::server
