// A server store that breaks one law on purpose, to prove that the checkers see it: a wrapper over the product's store,
// so that nothing in the product has to know. Used by the tests of this folder.
#pragma once

#include <cstdint>
#include <memory>

#include "server/core/store.h"

namespace outpost::sim {

// What it does wrong, at every `every`-th occasion.
enum class Lie {
  kCommitNothing,  // says committed, and it was not: the answer leaves before the commit that never comes
  kForgetKeys,     // does not know a key it has: the command is executed again
  kLoseDocument,   // stores the outcome without one of the effects
  kSkipChange,     // leaves a change out of a page
  kForgetOwn,      // leaves a command of the device out of a page's own ones
  kListForeign,    // names one there that is another device's
  kGapInSequence,  // gives out a number for nothing
};

class LyingStore : public server::Store {
 public:
  LyingStore(std::unique_ptr<server::Store> truthful, Lie lie, std::uint64_t every)
      : truthful_(std::move(truthful)), lie_(lie), every_(every) {}

  Epoch epoch() const override { return truthful_->epoch(); }
  Result<std::unique_ptr<server::WriteTransaction>> BeginWrite() override;
  Result<std::unique_ptr<server::ReadTransaction>> BeginRead() override;
  Result<bool> Purge(const server::PurgeBounds& bounds) override { return truthful_->Purge(bounds); }

  bool Lies(Lie lie) { return lie == lie_ && ++occasions_ % every_ == 0; }

 private:
  std::unique_ptr<server::Store> truthful_;
  Lie lie_;
  std::uint64_t every_;
  std::uint64_t occasions_ = 0;
};

}  // namespace outpost::sim
