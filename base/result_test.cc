#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace outpost {
namespace {

Result<int> Half(int number) {
  if (number % 2 != 0) return Error{ErrorCode::kInvalidArgument, "odd"};
  return number / 2;
}

Status MustBeEven(int number) {
  OUTPOST_TRY(const int half, Half(number));
  static_cast<void>(half);
  return {};
}

Result<int> Quarter(int number) {
  OUTPOST_CHECK(MustBeEven(number));
  OUTPOST_TRY(const int half, Half(number));
  OUTPOST_TRY(const int quarter, Half(half));
  return quarter;
}

TEST(Result, HoldsAValueOrAnError) {
  EXPECT_EQ(Half(8).value(), 4);
  ASSERT_FALSE(Half(7).ok());
  EXPECT_EQ(Half(7).error().message, "odd");
}

TEST(Result, TryAndCheckHandTheFirstErrorUp) {
  EXPECT_EQ(Quarter(8).value(), 2);
  EXPECT_EQ(Quarter(6).error().code, ErrorCode::kInvalidArgument);
  EXPECT_FALSE(Quarter(3).ok());
}

TEST(Result, MovesWhatCannotBeCopied) {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(5));
  const std::unique_ptr<int> taken = std::move(result).value();
  EXPECT_EQ(*taken, 5);
}

TEST(ResultDeathTest, AskingForWhatIsNotThereIsABug) {
  EXPECT_DEATH(static_cast<void>(Half(7).value()), "ok()");
  EXPECT_DEATH(static_cast<void>(Half(8).error()), "ok()");
}

}  // namespace
}  // namespace outpost
