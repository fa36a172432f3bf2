// A large group is stored part by part while the rest is computed: it must give what its commands give one by one.
#include "server/core/group_execution.h"

#include "base/random.h"
#include "server/core/service_fixture.h"

namespace outpost::server {
namespace {

constexpr int kSubmissions = 6;
constexpr int kCommandsEach = 100;

class GroupExecutionTest : public ServiceFixture {
 protected:
  std::string AnyOrder() { return "o" + std::to_string(random_.Below(static_cast<std::uint64_t>(made_) + 1)); }

  // Orders, changes of orders of this and earlier submissions, and what was sent before once more: as it was, with
  // another payload, or after a refusal with a higher revision.
  Command Any() {
    const std::string id = "c" + std::to_string(next_++);
    switch (random_.Below(9)) {
      case 0:
        return ModifyOrder(id, AnyOrder(), id);
      case 1:
        return AddItems(id, AnyOrder());
      case 2:
        return SendToKitchen(id, AnyOrder());
      case 8:  // meets stock that nobody foresaw
        return Make(id, "ORDER_CLOSE_V1",
                    {{"id", AnyOrder()}, {"payment", json::object{{"method", "CASH"}, {"amount", 750}}}});
      case 3:
        if (!sent_.empty()) return Again();
        [[fallthrough]];
      case 4: {
        Command after = ModifyOrder(id, AnyOrder());
        if (!sent_.empty()) after.depends_on = {sent_[random_.Below(sent_.size())].id};
        return after;
      }
      default: {
        Command order = CreateOrder(id, 3);
        order.payload["id"] = "o" + std::to_string(++made_);
        return order;
      }
    }
  }
  Command Again() {
    Command again = sent_[random_.Below(sent_.size())];
    if (random_.OneIn(3)) again.payload["tableId"] = "another";
    if (random_.OneIn(2)) again.revision = Revision(again.revision.value + 1);
    return again;
  }
  std::vector<Submission> Submissions() {
    std::vector<Submission> submissions;
    for (int i = 0; i < kSubmissions; ++i) {
      Submission submission;
      submission.caller = Staff(i % 3 == 0 ? "ann" : "bob");
      submission.request.device = DeviceId("till-" + std::to_string(i % 2));
      submission.request.incarnation = Incarnation("first");
      for (int k = 0; k < kCommandsEach; ++k) {
        submission.request.commands.push_back(Any());
        sent_.push_back(submission.request.commands.back());
      }
      submissions.push_back(std::move(submission));
    }
    return submissions;
  }

  static std::string Told(const CommandResult& result) {
    std::string told = result.id.value + " " + std::string(Name(result.status)) + " " +
                       std::to_string(result.http_status) + (result.replayed ? " replayed" : "");
    if (result.seq) told += " at " + std::to_string(result.seq->value);
    if (result.problem) told += " " + ToJson(ToProblemDocument(*result.problem));
    for (const Change& change : result.changes) told += " " + change.doc;
    return told + " " + result.body;
  }
  static std::vector<std::string> Told(const std::vector<SubmissionResult>& answers) {
    std::vector<std::string> told;
    for (const SubmissionResult& answer : answers) {
      for (const CommandResult& result : std::get<PushResponse>(answer).results) told.push_back(Told(result));
    }
    return told;
  }
  static std::vector<std::string> Feed(Store& store) {
    FeedQuery query;
    query.limit = 10'000;
    std::vector<std::string> documents;
    const FeedPage page = store.BeginRead().value()->ReadFeed(WorkspaceId("shop"), query).value();
    for (const Change& change : page.changes) {
      documents.push_back(std::to_string(change.seq.value) + " " + change.key.id.value + " " + change.doc);
    }
    return documents;
  }

  // Says where they part, and not all of both.
  static void ExpectSame(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) ASSERT_EQ(a[i], b[i]) << "at " << i;
  }

  Random random_{20};
  int next_ = 0;
  int made_ = 0;
  std::vector<Command> sent_;
};

TEST_F(GroupExecutionTest, AGroupStoredInPartsGivesWhatItsCommandsGiveOneByOne) {
  const std::vector<Submission> submissions = Submissions();
  const Submission stock = Send(Staff(), Make("count", "INVENTORY_COUNT_V1", {{"sku", "tea"}, {"quantity", 9}}));
  Execute(stock);
  const auto together = service_.ExecuteGroup(submissions, now_);
  EXPECT_EQ(service_.counters().group_failures, 0u);

  const std::unique_ptr<Store> other = MakeStoreForTest();
  CommandService one_by_one(*other, {});
  one_by_one.ExecuteGroup({&stock, 1}, now_);
  std::vector<SubmissionResult> alone;
  for (const Submission& submission : submissions) {
    alone.push_back(std::move(one_by_one.ExecuteGroup({&submission, 1}, now_).front()));
  }
  ExpectSame(Told(together), Told(alone));
  ExpectSame(Feed(*store_), Feed(*other));
  EXPECT_GT(service_.counters().replayed, 0u);
  EXPECT_GT(service_.counters().refused, 0u);
  EXPECT_GT(service_.counters().blocked, 0u);
}

}  // namespace
}  // namespace outpost::server
