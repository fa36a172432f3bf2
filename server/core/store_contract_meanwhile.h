// The store contract for stores that really apply meanwhile: what fails there is told later.
#pragma once

#include "server/core/store_contract_fixture.h"

namespace outpost::server {

TEST_F(StoreContract, APartThatFailsMeanwhileFailsTheTransaction) {
  const WorkspaceId id("shop");
  for (const bool asks : {false, true}) {
    auto transaction = store_->BeginWrite().value();
    ASSERT_TRUE(transaction->Lock(id).ok());
    ASSERT_TRUE(transaction->ApplyMeanwhile(id, Commit(1, {Document(Order("o1"), 1, 1)}), Timestamp{1}).ok());
    // The same row as a new one: what cannot be.
    static_cast<void>(transaction->ApplyMeanwhile(id, Commit(2, {Document(Order("o1"), 1, 2)}), Timestamp{1}));
    const KeyRef key = Key("c1");
    EXPECT_FALSE(asks ? transaction->LoadKeys(id, {&key, 1}).ok() : transaction->Commit().ok());
  }
  EXPECT_EQ(Head().head, Sequence(0));
  Apply(Commit(1, {Document(Order("o1"), 1, 1)}));
  EXPECT_EQ(Head().head, Sequence(1));
}

}  // namespace outpost::server
