#include "server/routes/auth.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/base64url.h"

namespace outpost::server {
namespace {

constexpr Timestamp kNow{1'700'000'000'000};
const std::string kSecret = "0123456789abcdef0123456789abcdef";

Caller SomeCaller() {
  return Caller{
      WorkspaceId("cafe"), UserId("ann"), {"staff", "kitchen"}, DeviceId("till-1"), kNow + Milliseconds(60000)};
}

// A token with any header and payload and an empty signature.
std::string Unsigned(std::string_view header, std::string_view payload) {
  return ToBase64Url(header) + "." + ToBase64Url(payload) + ".";
}

// One as another maker might sign it.
std::string Signed(std::string_view payload) {
  const std::string text = ToBase64Url(R"({"alg":"HS256"})") + "." + ToBase64Url(payload);
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), kSecret.data(), static_cast<int>(kSecret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac, &size);
  return text + "." + ToBase64Url(std::string_view(reinterpret_cast<const char*>(mac), size));
}

TEST(TokenAuthority, WhatItMakesItVerifies) {
  const TokenAuthority authority(kSecret);
  const auto caller = authority.Verify(authority.Make(SomeCaller()), kNow);
  ASSERT_TRUE(caller.ok()) << caller.error().message;
  EXPECT_EQ(caller.value().workspace.value, "cafe");
  EXPECT_EQ(caller.value().user.value, "ann");
  EXPECT_EQ(caller.value().roles, (std::vector<std::string>{"staff", "kitchen"}));
  EXPECT_EQ(caller.value().device->value, "till-1");
}

// Made elsewhere (RFC 7515 with HMAC-SHA256 computed by another tool): interoperability, not self-agreement.
TEST(TokenAuthority, VerifiesATokenMadeByAnotherTool) {
  const TokenAuthority authority("foreign-secret-of-more-than-32-bytes!");
  const auto caller = authority.Verify(
      "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
      "eyJzdWIiOiJib2IiLCJ3cyI6Im5vcnRoIiwiZXhwIjo0MTAyNDQ0ODAwLCJyb2xlcyI6WyJhZG1pbiJdfQ."
      "eGEFXx7QS2uPXYihOeWq-bW929_CEt0StHwj9k8KwEs",
      kNow);
  ASSERT_TRUE(caller.ok()) << caller.error().message;
  EXPECT_EQ(caller.value().user.value, "bob");
  EXPECT_EQ(caller.value().workspace.value, "north");
}

TEST(TokenAuthority, RefusesAnotherSecret) {
  const std::string token = TokenAuthority(kSecret).Make(SomeCaller());
  EXPECT_FALSE(TokenAuthority("another-secret-of-32-bytes-or-more").Verify(token, kNow).ok());
}

TEST(TokenAuthority, RefusesWhatWasTamperedWith) {
  const TokenAuthority authority(kSecret);
  const std::string token = authority.Make(SomeCaller());
  for (std::size_t i = 0; i < token.size(); i += 7) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(authority.Verify(changed, kNow).ok()) << i;
  }
  EXPECT_FALSE(authority.Verify(token.substr(0, token.size() - 1), kNow).ok());
  EXPECT_FALSE(authority.Verify(token + "A", kNow).ok());
}

TEST(TokenAuthority, RefusesAlgorithmNone) {
  const TokenAuthority authority(kSecret);
  const std::string payload = R"({"sub":"ann","ws":"cafe","exp":4102444800,"roles":["admin"]})";
  for (const char* header :
       {R"({"alg":"none"})", R"({"alg":"None"})", R"({"alg":""})", "{}", R"({"alg":"HS512"})", R"({"alg":"RS256"})"}) {
    EXPECT_FALSE(authority.Verify(Unsigned(header, payload), kNow).ok()) << header;
  }
}

TEST(TokenAuthority, RefusesAnExpiredOneAfterALeewayOfAMinute) {
  const TokenAuthority authority(kSecret);
  Caller caller = SomeCaller();
  caller.expires = kNow - Milliseconds(59000);
  EXPECT_TRUE(authority.Verify(authority.Make(caller), kNow).ok());
  caller.expires = kNow - Milliseconds(61000);
  EXPECT_FALSE(authority.Verify(authority.Make(caller), kNow).ok());
}

TEST(TokenAuthority, KeepsToWhatATokenRestrictsItselfTo) {
  const TokenAuthority authority(kSecret);
  const auto verify = [&](const std::string& more) {
    return authority.Verify(Signed(R"({"sub":"ann","ws":"cafe","exp":4102444800,)" + more + "}"), kNow).ok();
  };
  const std::string now_s = std::to_string(kNow.ms / 1000);
  const std::string later_s = std::to_string(kNow.ms / 1000 + 120);
  EXPECT_TRUE(verify(R"("nbf":)" + now_s));
  EXPECT_FALSE(verify(R"("nbf":)" + later_s));
  EXPECT_FALSE(verify(R"("nbf":"soon")"));
  EXPECT_TRUE(verify(R"("aud":"outpost")"));
  EXPECT_TRUE(verify(R"("aud":["books","outpost"])"));
  EXPECT_FALSE(verify(R"("aud":"books")"));
  EXPECT_FALSE(verify(R"("aud":[])"));
  EXPECT_FALSE(verify(R"("aud":7)"));
}

TEST(TokenAuthority, RefusesIdsThatAreNone) {
  const TokenAuthority authority(kSecret);
  Caller caller = SomeCaller();
  caller.workspace.value = "";
  EXPECT_FALSE(authority.Verify(authority.Make(caller), kNow).ok());
  caller = SomeCaller();
  caller.user.value = "ann'; drop table";
  EXPECT_FALSE(authority.Verify(authority.Make(caller), kNow).ok());
  caller = SomeCaller();
  caller.device = DeviceId("a b");
  EXPECT_FALSE(authority.Verify(authority.Make(caller), kNow).ok());
}

TEST(TokenAuthority, RefusesGarbageAndExcess) {
  const TokenAuthority authority(kSecret);
  for (const std::string& text :
       {std::string(), std::string("."), std::string(".."), std::string("a.b"), std::string("a.b.c.d"),
        std::string(kTokenBytesMax + 1, 'a'), std::string("!!.@@.##")}) {
    EXPECT_FALSE(authority.Verify(text, kNow).ok());
  }
}

}  // namespace
}  // namespace outpost::server
