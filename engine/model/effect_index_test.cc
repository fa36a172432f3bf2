#include "engine/model/effect_index.h"

#include <gtest/gtest.h>

namespace outpost::engine {
namespace {

using rules::Access;

DocumentKey Key(const std::string& id) { return {CollectionName("c"), DocumentId(id)}; }

TEST(EffectIndexTest, ClosesOverWhatAffectedCommandsWrite) {
  EffectIndex index;
  index.Add(Position(1), {{Key("a"), Access::kUpdates, ""}, {Key("b"), Access::kCommutes, ""}}, {});
  index.Add(Position(2), {{Key("b"), Access::kReads, ""}, {Key("c"), Access::kUpdates, ""}}, {});
  index.Add(Position(3), {{Key("d"), Access::kUpdates, ""}}, {});
  std::set<DocumentKey> documents = {Key("a")};
  EXPECT_EQ(index.Affected(documents), (std::set<Position>{Position(1), Position(2)}));
  EXPECT_EQ(documents, (std::set<DocumentKey>{Key("a"), Key("b"), Key("c")}));
}

TEST(EffectIndexTest, AReaderIsAffectedButSpreadsNothingItOnlyReads) {
  EffectIndex index;
  index.Add(Position(1), {{Key("b"), Access::kUpdates, ""}}, {});
  index.Add(Position(2), {{Key("a"), Access::kReads, ""}, {Key("b"), Access::kReads, ""}}, {});
  std::set<DocumentKey> documents = {Key("a")};
  EXPECT_EQ(index.Affected(documents), (std::set<Position>{Position(2)}));
}

TEST(EffectIndexTest, WhatAReaderReadIsMadeAnewWhenALaterCommandHasWrittenIt) {
  EffectIndex index;
  index.Add(Position(1), {{Key("a"), Access::kReads, ""}, {Key("b"), Access::kReads, ""}}, {});
  index.Add(Position(2), {{Key("b"), Access::kUpdates, ""}}, {});
  std::set<DocumentKey> documents = {Key("a")};
  EXPECT_EQ(index.Affected(documents), (std::set<Position>{Position(1), Position(2)}));
}

Touch Sale(const std::string& id, std::int64_t delta) {
  rules::Add add;
  add.deltas["onHand"] = delta;
  add.defaults = {{"onHand", 0}};
  return {Key(id), Access::kCommutes, EncodeSum(add)};
}

TEST(EffectIndexTest, AdditionsAreNoLinksAndStandAsOneSumPerGap) {
  EffectIndex index;
  for (int i = 1; i <= 1000; ++i) index.Add(Position(i), {Sale("stock", -2)}, {UserId("anna"), Timestamp{i}});
  std::set<DocumentKey> documents = {Key("stock")};
  EXPECT_TRUE(index.Affected(documents).empty());
  index.Add(Position(1001), {{Key("stock"), Access::kUpdates, ""}}, {});
  index.Add(Position(1002), {Sale("stock", -5)}, {UserId("ben"), Timestamp{1002}});
  EXPECT_EQ(index.Affected(documents), (std::set<Position>{Position(1001)}));

  const auto before_count = index.SumsBetween(Key("stock"), Position(0), Position(1001));
  ASSERT_EQ(before_count.size(), 1u);
  EXPECT_EQ(before_count[0].commands, 1000);
  EXPECT_EQ(before_count[0].fields.at("onHand").delta, -2000);
  EXPECT_EQ(before_count[0].first_at, Timestamp{1});
  EXPECT_EQ(before_count[0].last_at, Timestamp{1000});
  const auto after_count = index.SumsBetween(Key("stock"), Position(1001), Position(9999));
  ASSERT_EQ(after_count.size(), 1u);
  EXPECT_EQ(after_count[0].first_author, UserId("ben"));
}

TEST(EffectIndexTest, LeavingAndArrivingLinksKeepTheSumsOfWhatIsLeft) {
  EffectIndex index;
  for (int i : {1, 2, 4, 5}) index.Add(Position(i), {Sale("stock", -i)}, {UserId("anna"), Timestamp{i}});
  index.Add(Position(3), {{Key("stock"), Access::kUpdates, ""}}, {});
  ASSERT_EQ(index.SumsBetween(Key("stock"), Position(0), Position(9)).size(), 2u);
  index.Remove(Position(1));
  EXPECT_EQ(index.SumsBetween(Key("stock"), Position(0), Position(3))[0].fields.at("onHand").delta, -2);
  index.Remove(Position(3));
  const auto whole = index.SumsBetween(Key("stock"), Position(0), Position(9));
  ASSERT_EQ(whole.size(), 1u);
  EXPECT_EQ(whole[0].fields.at("onHand").delta, -11);
  EXPECT_EQ(whole[0].first_at, Timestamp{2});
  for (int i : {2, 4, 5}) index.Remove(Position(i));
  EXPECT_FALSE(index.Touches(Key("stock")));
}

TEST(EffectIndexTest, RemovedCommandsAreForgotten) {
  EffectIndex index;
  index.Add(Position(1), {{Key("a"), Access::kUpdates, ""}}, {});
  index.Remove(Position(1));
  EXPECT_FALSE(index.Touches(Key("a")));
  EXPECT_EQ(index.size(), 0u);
}

TEST(TouchText, RoundTripsAndRefusesOtherText) {
  const std::vector<Touch> touches = {
      {Key("a"), Access::kCreates, ""}, Sale("stock:1", -3), {Key("b"), Access::kReads, ""}};
  const auto decoded = DecodeTouches(EncodeTouches(touches));
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded.value(), touches);
  EXPECT_FALSE(DecodeTouches("garbage").ok());
  EXPECT_FALSE(DecodeTouches("a\x1f"
                             "b\x1f"
                             "9\x1e")
                   .ok());
}

}  // namespace
}  // namespace outpost::engine
