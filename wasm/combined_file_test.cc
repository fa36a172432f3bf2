#include "wasm/combined_file.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "wasm/memory_storage.h"

namespace outpost::wasm {
namespace {

std::string ReadAll(CombinedFile& file) {
  const auto size = file.Size();
  EXPECT_TRUE(size.ok());
  std::string bytes(static_cast<std::size_t>(size.value()), '\0');
  const auto read = file.Read(0, bytes);
  EXPECT_TRUE(read.ok());
  bytes.resize(read.value());
  return bytes;
}

TEST(CombinedFileTest, WhatFollowsOnReachesTheStorageInOnePiece) {
  MemoryStorage storage;
  CombinedFile file(storage, StoreFile::kLog);
  ASSERT_TRUE(file.Write(0, "head").ok());
  ASSERT_TRUE(file.Write(4, "frame").ok());
  ASSERT_TRUE(file.Write(4, "FRAME").ok());
  EXPECT_EQ(storage.writes, 0);
  ASSERT_TRUE(file.Flush().ok());
  EXPECT_EQ(storage.writes, 1);
  storage.Restore(storage.Durable());
  EXPECT_EQ(ReadAll(file), "headFRAME");
}

TEST(CombinedFileTest, WhatTheStorageDidNotTakeIsStillReadAndOfferedAgain) {
  MemoryStorage storage;
  CombinedFile file(storage, StoreFile::kLog);
  storage.full = true;
  ASSERT_TRUE(file.Write(0, "frame").ok());
  const Status full = file.Flush();
  ASSERT_FALSE(full.ok());
  EXPECT_EQ(full.error().code, ErrorCode::kFull);
  EXPECT_EQ(ReadAll(file), "frame");
  storage.full = false;
  ASSERT_TRUE(file.Flush().ok());
  storage.Restore(storage.Durable());
  EXPECT_EQ(ReadAll(file), "frame");
}

// Whatever is written, cut and read: as a plain text would have it.
TEST(CombinedFileTest, ReadsAsAPlainFileWould) {
  constexpr int kSteps = 4000;
  constexpr std::uint64_t kBytes = 200;
  MemoryStorage storage;
  CombinedFile file(storage, StoreFile::kMain);
  std::string model;
  Random random(7);
  for (int step = 0; step < kSteps; ++step) {
    const std::uint64_t at = random.Below(kBytes);
    const std::string bytes(1 + static_cast<std::size_t>(random.Below(40)), static_cast<char>('a' + random.Below(26)));
    switch (random.Below(6)) {
      case 0:
        ASSERT_TRUE(file.Truncate(at).ok());
        model.resize(static_cast<std::size_t>(at), '\0');
        break;
      case 1:
        ASSERT_TRUE(file.Drain().ok());
        break;
      case 2: {
        std::string out(30, '?');
        const auto read = file.Read(at, out);
        ASSERT_TRUE(read.ok());
        const std::string expected = at < model.size() ? model.substr(static_cast<std::size_t>(at), 30) : "";
        ASSERT_EQ(out.substr(0, read.value()), expected) << step;
        break;
      }
      default: {
        // At the end of what is there, or somewhere.
        const std::size_t offset = random.OneIn(3) ? static_cast<std::size_t>(at) : model.size();
        if (offset > kBytes * 4) break;
        ASSERT_TRUE(file.Write(offset, bytes).ok());
        if (model.size() < offset + bytes.size()) model.resize(offset + bytes.size(), '\0');
        model.replace(offset, bytes.size(), bytes);
      }
    }
    ASSERT_EQ(ReadAll(file), model) << step;
  }
}

}  // namespace
}  // namespace outpost::wasm
