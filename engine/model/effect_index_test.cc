#include "engine/model/effect_index.h"

#include <gtest/gtest.h>

namespace outpost::engine {
namespace {

using rules::Access;

DocumentKey Key(const std::string& id) { return {CollectionName("c"), DocumentId(id)}; }

TEST(EffectIndexTest, ClosesOverWhatAffectedCommandsWrite) {
  EffectIndex index;
  index.Add(Position(1), {{Key("a"), Access::kUpdates}, {Key("b"), Access::kCommutes}});
  index.Add(Position(2), {{Key("b"), Access::kReads}, {Key("c"), Access::kUpdates}});
  index.Add(Position(3), {{Key("d"), Access::kUpdates}});
  std::set<DocumentKey> documents = {Key("a")};
  EXPECT_EQ(index.Affected(documents), (std::set<Position>{Position(1), Position(2)}));
  EXPECT_EQ(documents, (std::set<DocumentKey>{Key("a"), Key("b"), Key("c")}));
}

TEST(EffectIndexTest, AReaderIsAffectedButSpreadsNothingItOnlyReads) {
  EffectIndex index;
  index.Add(Position(1), {{Key("a"), Access::kReads}, {Key("b"), Access::kReads}});
  index.Add(Position(2), {{Key("b"), Access::kUpdates}});
  std::set<DocumentKey> documents = {Key("a")};
  EXPECT_EQ(index.Affected(documents), (std::set<Position>{Position(1)}));
}

TEST(EffectIndexTest, RemovedCommandsAreForgotten) {
  EffectIndex index;
  index.Add(Position(1), {{Key("a"), Access::kUpdates}});
  index.Remove(Position(1));
  EXPECT_FALSE(index.Touches(Key("a")));
  EXPECT_EQ(index.size(), 0u);
}

TEST(TouchText, RoundTripsAndRefusesOtherText) {
  const std::vector<Touch> touches = {{Key("a"), Access::kCreates}, {Key("stock:1"), Access::kReads}};
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
