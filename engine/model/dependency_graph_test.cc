#include "engine/model/dependency_graph.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace outpost::engine {
namespace {

using rules::Access;

constexpr std::size_t kNoLimit = 1u << 30;

DocumentKey Key(const std::string& id) { return {CollectionName("orders"), DocumentId(id)}; }

class DependencyGraphTest : public ::testing::Test {
 protected:
  Position Add(const std::vector<std::pair<std::string, Access>>& touches, std::vector<Position> depends_on = {},
               rules::Nature nature = rules::Nature::kRequest) {
    const Position position(++last_);
    std::vector<Touch> list;
    list.reserve(touches.size());
    for (const auto& [id, access] : touches) list.push_back({Key(id), access});
    graph_.Add(position, std::move(list), std::move(depends_on), nature, 100);
    return position;
  }
  std::vector<Position> Take(std::size_t max = 1000, std::size_t bytes = kNoLimit) {
    return graph_.TakeBatch(max, bytes);
  }

  DependencyGraph graph_;
  std::int64_t last_ = 0;
};

using Positions = std::vector<Position>;

TEST_F(DependencyGraphTest, ABatchCarriesACreatorAndItsUsersInOrder) {
  const Position create = Add({{"a", Access::kCreates}});
  const Position other = Add({{"b", Access::kCreates}});
  const Position add = Add({{"a", Access::kCommutes}});
  const Position close = Add({{"a", Access::kUpdates}});
  EXPECT_EQ(Take(), (Positions{create, other, add, close}));
  EXPECT_TRUE(Take().empty());
}

TEST_F(DependencyGraphTest, ADependentOfAnInFlightCommandWaits) {
  const Position create = Add({{"a", Access::kCreates}});
  EXPECT_EQ(Take(1), Positions{create});
  const Position close = Add({{"a", Access::kUpdates}});
  EXPECT_TRUE(Take().empty());
  graph_.Settle(create);
  EXPECT_EQ(Take(), Positions{close});
}

TEST_F(DependencyGraphTest, CommutingWritersDoNotWaitForOneAnother) {
  const Position first = Add({{"stock", Access::kCommutes}});
  const Position second = Add({{"stock", Access::kCommutes}});
  EXPECT_EQ(Take(1), Positions{first});
  EXPECT_EQ(Take(1), Positions{second});
}

TEST_F(DependencyGraphTest, AnUpdateWaitsForEveryCommutingWriterBeforeIt) {
  const Position first = Add({{"stock", Access::kCommutes}});
  const Position second = Add({{"stock", Access::kCommutes}});
  const Position count = Add({{"stock", Access::kUpdates}});
  Take(2);
  graph_.Settle(second);
  EXPECT_TRUE(Take().empty());
  graph_.Settle(first);
  EXPECT_EQ(Take(), Positions{count});
}

TEST_F(DependencyGraphTest, RefusedCreatorTakesAllItsUsersAlongEvenBehindAnUpdate) {
  const Position create = Add({{"a", Access::kCreates}});
  const Position update = Add({{"a", Access::kUpdates}});
  const Position add = Add({{"a", Access::kCommutes}});
  const Position other = Add({{"b", Access::kCreates}});
  EXPECT_EQ(graph_.Refuse(create), (Positions{update, add}));
  EXPECT_EQ(Take(), Positions{other});
}

TEST_F(DependencyGraphTest, RefusedUpdateHoldsBackUpdatesAndLetsCommutingPass) {
  const Position update = Add({{"a", Access::kUpdates}});
  const Position add = Add({{"a", Access::kCommutes}});
  const Position later = Add({{"a", Access::kUpdates}});
  EXPECT_EQ(graph_.Refuse(update), Positions{later});
  EXPECT_EQ(Take(), Positions{add});
}

TEST_F(DependencyGraphTest, AFactIsNotHeldBackByARefusedUpdate) {
  const Position send = Add({{"a", Access::kUpdates}});
  const Position cash = Add({{"a", Access::kUpdates}}, {}, rules::Nature::kFact);
  EXPECT_TRUE(graph_.Refuse(send).empty());
  EXPECT_EQ(Take(), Positions{cash});
}

TEST_F(DependencyGraphTest, RefusedSaleDoesNotHoldBackOtherSalesOfTheArticle) {
  const Position bad = Add({{"order-1", Access::kUpdates}, {"stock", Access::kCommutes}});
  const Position good = Add({{"order-2", Access::kUpdates}, {"stock", Access::kCommutes}});
  EXPECT_TRUE(graph_.Refuse(bad).empty());
  EXPECT_EQ(Take(), Positions{good});
}

TEST_F(DependencyGraphTest, ExplicitDependencyFallsWithItsPredecessor) {
  const Position first = Add({{"a", Access::kCommutes}});
  const Position second = Add({{"b", Access::kCommutes}}, {first});
  const Position third = Add({{"c", Access::kCommutes}}, {second});
  EXPECT_EQ(graph_.Refuse(first), (Positions{second, third}));
  EXPECT_EQ(graph_.size(), 0u);
}

TEST_F(DependencyGraphTest, ADeferredCommandHoldsBackOnlyItsSuccessors) {
  const Position first = Add({{"a", Access::kCreates}});
  const Position user = Add({{"a", Access::kUpdates}});
  const Position other = Add({{"b", Access::kCreates}});
  Take(1);
  graph_.Defer(first, Timestamp{500});
  EXPECT_EQ(Take(), Positions{other});
  graph_.ResumeDue(Timestamp{499}, Milliseconds(1000));
  EXPECT_TRUE(Take().empty());
  EXPECT_EQ(graph_.NextDue(), Timestamp{500});
  graph_.ResumeDue(Timestamp{500}, Milliseconds(1000));
  EXPECT_EQ(Take(), (Positions{first, user}));
}

TEST_F(DependencyGraphTest, AClockSetBackMakesNobodyWaitForYears) {
  const Position first = Add({{"a", Access::kCreates}});
  Take(1);
  graph_.Defer(first, Timestamp{1'000'000'000});
  graph_.ResumeDue(Timestamp{500}, Milliseconds(120000));
  EXPECT_EQ(Take(), Positions{first});
}

TEST_F(DependencyGraphTest, AnUnansweredBatchIsOfferedAgainUnchanged) {
  Add({{"a", Access::kCreates}});
  Add({{"a", Access::kUpdates}});
  const Positions batch = Take();
  EXPECT_EQ(graph_.in_flight(), 2u);
  for (const Position& position : batch) graph_.PutBack(position);
  EXPECT_EQ(Take(), batch);
}

TEST_F(DependencyGraphTest, BytesLimitABatchButNeverToNothing) {
  const Position first = Add({{"a", Access::kCreates}});
  Add({{"b", Access::kCreates}});
  EXPECT_EQ(Take(10, 50), Positions{first});
  EXPECT_EQ(Take(10, 100).size(), 1u);
}

TEST_F(DependencyGraphTest, ARerunThatTouchesAnotherDocumentChangesItsEdges) {
  const Position create = Add({{"a", Access::kCreates}});
  const Position other = Add({{"b", Access::kUpdates}});
  graph_.Retouch({{other, {{Key("a"), Access::kUpdates, ""}}}});
  EXPECT_EQ(Take(1), Positions{create});
  EXPECT_TRUE(Take().empty());
}

// The definition, written down naively: for every pair look at the accesses.
struct NaiveCommand {
  std::vector<Touch> touches;
  bool settled = false;
};

bool NaivelyReady(const std::vector<NaiveCommand>& all, std::size_t index) {
  for (const Touch& mine : all[index].touches) {
    bool writer_seen = false;
    for (std::size_t before = index; before-- > 0 && !writer_seen;) {
      if (all[before].settled) continue;
      for (const Touch& theirs : all[before].touches) {
        if (theirs.key != mine.key || theirs.access == Access::kReads) continue;
        if (theirs.access == Access::kCommutes && mine.access == Access::kCommutes) continue;
        return false;
      }
    }
  }
  return true;
}

class RandomQueue {
 public:
  explicit RandomQueue(std::uint64_t seed) : random_(seed) {}

  Random& random() { return random_; }
  std::size_t size() const { return graph_.size(); }
  void Add() {
    NaiveCommand command;
    for (int document = 0; document < 3; ++document) {
      if (random_.OneIn(2))
        command.touches.push_back({Key(std::to_string(document)), static_cast<Access>(1 + random_.Below(3))});
    }
    naive_.push_back(command);
    graph_.Add(Position(static_cast<std::int64_t>(naive_.size())), command.touches, {}, rules::Nature::kRequest, 1);
  }
  // A person takes one out, wherever it stands.
  void Discard() {
    const Position position(1 + static_cast<std::int64_t>(random_.Below(naive_.size())));
    if (!graph_.Contains(position)) return;
    for (const Position& fallen : graph_.Refuse(position)) Leave(fallen);
    Leave(position);
  }
  void Send() {
    const auto batch = graph_.TakeBatch(1, kNoLimit);
    ASSERT_EQ(batch.size(), 1u);
    ASSERT_TRUE(NaivelyReady(naive_, Index(batch[0]))) << "command " << batch[0].value;
    Leave(batch[0]);
    graph_.Settle(batch[0]);
  }

 private:
  static std::size_t Index(Position position) { return static_cast<std::size_t>(position.value - 1); }
  void Leave(Position position) { naive_[Index(position)].settled = true; }

  Random random_;
  DependencyGraph graph_;
  std::vector<NaiveCommand> naive_;
};

TEST(DependencyGraphProperty, AgreesWithTheDefinitionOnRandomQueues) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    RandomQueue queue(seed);
    for (int i = 0; i < 25; ++i) queue.Add();
    while (queue.size() > 0 && !HasFatalFailure()) queue.Send();
  }
}

TEST(DependencyGraphProperty, AgreesWithTheDefinitionAlsoWhenPeopleTakeCommandsOut) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    RandomQueue queue(seed);
    for (int i = 0; i < 15; ++i) queue.Add();
    for (int added = 0; queue.size() > 0 && !HasFatalFailure();) {
      if (queue.random().OneIn(3)) queue.Discard();
      if (added < 15 && queue.random().OneIn(2)) queue.Add(), ++added;
      if (queue.size() > 0) queue.Send();
    }
  }
}

}  // namespace
}  // namespace outpost::engine
