#include "base/sha256.h"

#include <gtest/gtest.h>
#include <openssl/sha.h>

#include <algorithm>
#include <vector>

#include "base/random.h"
#include "base/sha256_blocks.h"

namespace outpost {
namespace {

TEST(Sha256, GivesTheVectorsOfFips180) {
  EXPECT_EQ(ToHex(Sha256Of("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(ToHex(Sha256Of("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(ToHex(Sha256Of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(ToHex(Sha256Of("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmn"
                           "opqrsmnopqrstnopqrstu")),
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
  EXPECT_EQ(ToHex(Sha256Of(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, AgreesWithOpensslOnEveryLengthAndAnySplit) {
  Random random(11);
  std::string bytes;
  for (std::size_t length = 0; length < 600; ++length, bytes.push_back(static_cast<char>(random.Next()))) {
    Digest expected;
    SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), expected.data());
    EXPECT_EQ(Sha256Of(bytes), expected) << length;
    Sha256 split;
    for (std::string_view left = bytes; !left.empty();) {
      const std::size_t taken = std::min<std::size_t>(left.size(), 1 + random.Below(150));
      split.Update(left.substr(0, taken));
      left.remove_prefix(taken);
    }
    EXPECT_EQ(split.Finish(), expected) << length;
  }
}

TEST(Sha256, TheProcessorsInstructionsAndThePortableFormAgree) {
  const Sha256BlocksFunction of_processor = Sha256BlocksOfProcessor();
  if (of_processor == nullptr) GTEST_SKIP() << "this processor has no SHA instructions";
  Random random(12);
  for (std::size_t count = 0; count < 20; ++count) {
    std::vector<std::uint8_t> data(count * kSha256BlockBytes);
    for (std::uint8_t& byte : data) byte = static_cast<std::uint8_t>(random.Next());
    std::array<std::uint32_t, 8> one;
    for (std::uint32_t& word : one) word = static_cast<std::uint32_t>(random.Next());
    std::array<std::uint32_t, 8> other = one;
    of_processor(one.data(), data.data(), count);
    Sha256BlocksPortable(other.data(), data.data(), count);
    EXPECT_EQ(one, other) << count;
  }
}

TEST(Sha256, HexIsLowerCase) { EXPECT_EQ(ToHex(std::string_view("\x00\xab\xff", 3)), "00abff"); }

}  // namespace
}  // namespace outpost
