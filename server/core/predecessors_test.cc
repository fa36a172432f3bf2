#include "server/core/predecessors.h"

#include <gtest/gtest.h>

namespace outpost::server {
namespace {

using rules::Access;
using Order = std::vector<std::size_t>;

DocumentKey Doc(const std::string& id) { return {CollectionName("orders"), DocumentId(id)}; }
BatchNode Node(std::vector<std::size_t> depends_on, std::vector<std::pair<DocumentKey, Access>> accesses = {}) {
  BatchNode node;
  for (const std::size_t from : depends_on) node.predecessors.push_back({from, EdgeKind::kDepends});
  node.accesses = std::move(accesses);
  return node;
}
bool HasEdge(const BatchNode& node, std::size_t from) {
  for (const Edge& edge : node.predecessors) {
    if (edge.from == from) return true;
  }
  return false;
}

TEST(Predecessors, ListOrderStandsWhereNothingIsNamed) {
  std::vector<BatchNode> nodes{Node({}), Node({0}), Node({})};
  EXPECT_EQ(PlanBatch(nodes), (Order{0, 1, 2}));
}

TEST(Predecessors, NamedPredecessorComesFirst) {
  std::vector<BatchNode> nodes{Node({2}), Node({}), Node({})};
  EXPECT_EQ(PlanBatch(nodes), (Order{1, 2, 0}));
}

TEST(Predecessors, EarlierWriterOfADocumentStaysBeforeALaterOne) {
  // 0 waits for 2; 1 writes what 0 writes, and so follows it.
  std::vector<BatchNode> nodes{Node({2}, {{Doc("a"), Access::kUpdates}}), Node({}, {{Doc("a"), Access::kUpdates}}),
                               Node({})};
  EXPECT_EQ(PlanBatch(nodes), (Order{2, 0, 1}));
}

TEST(Predecessors, DocumentEdgeNeverContradictsANamedOne) {
  std::vector<BatchNode> nodes{Node({1}, {{Doc("a"), Access::kUpdates}}), Node({}, {{Doc("a"), Access::kUpdates}})};
  EXPECT_EQ(PlanBatch(nodes), (Order{1, 0}));
  EXPECT_FALSE(nodes[0].on_cycle);
}

TEST(Predecessors, CommutingWritersDoNotFollowEachOther) {
  std::vector<BatchNode> nodes{Node({}, {{Doc("a"), Access::kUpdates}}), Node({}, {{Doc("a"), Access::kCommutes}}),
                               Node({}, {{Doc("a"), Access::kCommutes}}), Node({}, {{Doc("a"), Access::kUpdates}})};
  PlanBatch(nodes);
  EXPECT_TRUE(HasEdge(nodes[1], 0));
  EXPECT_TRUE(HasEdge(nodes[2], 0));
  EXPECT_FALSE(HasEdge(nodes[2], 1));
  EXPECT_TRUE(HasEdge(nodes[3], 1));
  EXPECT_TRUE(HasEdge(nodes[3], 2));
}

TEST(Predecessors, CreatorIsAPredecessorOfEveryLaterUser) {
  std::vector<BatchNode> nodes{Node({}, {{Doc("a"), Access::kCreates}}), Node({}, {{Doc("a"), Access::kUpdates}}),
                               Node({}, {{Doc("a"), Access::kCommutes}})};
  PlanBatch(nodes);
  EXPECT_TRUE(HasEdge(nodes[2], 0));
}

TEST(Predecessors, OnlyWhatIsOnACycleIsMarked) {
  std::vector<BatchNode> nodes{Node({1}), Node({0}), Node({1}), Node({}), Node({4})};
  const Order order = PlanBatch(nodes);
  EXPECT_EQ(order.size(), 5u);
  EXPECT_TRUE(nodes[0].on_cycle);
  EXPECT_TRUE(nodes[1].on_cycle);
  EXPECT_FALSE(nodes[2].on_cycle);
  EXPECT_FALSE(nodes[3].on_cycle);
  EXPECT_TRUE(nodes[4].on_cycle);
}

TEST(Predecessors, RefusedUpdateHoldsBackUpdatesOnly) {
  const auto holds = [](Access first, Access second, bool refused) {
    return HoldsBack({0, EdgeKind::kDocument, first, second}, refused, rules::Nature::kRequest);
  };
  EXPECT_TRUE(holds(Access::kUpdates, Access::kUpdates, true));
  EXPECT_FALSE(holds(Access::kUpdates, Access::kCommutes, true));
  EXPECT_FALSE(holds(Access::kCommutes, Access::kUpdates, true));
  EXPECT_TRUE(holds(Access::kCreates, Access::kCommutes, true));
  EXPECT_TRUE(holds(Access::kCreates, Access::kReads, true));
  EXPECT_TRUE(holds(Access::kUpdates, Access::kCommutes, false));
  EXPECT_TRUE(HoldsBack({0, EdgeKind::kDepends}, true, rules::Nature::kFact));
  EXPECT_FALSE(HoldsBack({0, EdgeKind::kDocument, Access::kUpdates, Access::kUpdates}, true, rules::Nature::kFact));
  EXPECT_TRUE(HoldsBack({0, EdgeKind::kDocument, Access::kCreates, Access::kUpdates}, true, rules::Nature::kFact));
  EXPECT_FALSE(HoldsBack({0, EdgeKind::kFollows}, false, rules::Nature::kRequest));
}

}  // namespace
}  // namespace outpost::server
