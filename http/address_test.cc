#include "http/address.h"

#include <gtest/gtest.h>

namespace outpost::http {
namespace {

TEST(Address, ParsesLiteralsAndPrintsThemBack) {
  EXPECT_EQ(ToString(ParseAddress("127.0.0.1:8080").value()), "127.0.0.1:8080");
  EXPECT_EQ(ToString(ParseAddress("[::1]:0").value()), "[::1]:0");
  EXPECT_EQ(ToString(ParseAddress("localhost:80").value()), "127.0.0.1:80");
}

TEST(Address, RefusesWhatIsNoAddress) {
  for (const char* text : {"", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:8x", "example.org:80",
                           "::1:80", "[127.0.0.1]:80"}) {
    EXPECT_FALSE(ParseAddress(text).ok()) << text;
  }
}

TEST(Address, TellsLoopbackFromTheRest) {
  EXPECT_TRUE(IsLoopback(ParseAddress("127.0.0.9:1").value()));
  EXPECT_TRUE(IsLoopback(ParseAddress("[::1]:1").value()));
  EXPECT_FALSE(IsLoopback(ParseAddress("0.0.0.0:1").value()));
  EXPECT_FALSE(IsLoopback(ParseAddress("[::]:1").value()));
  EXPECT_FALSE(IsLoopback(ParseAddress("192.168.1.27:1").value()));
}

}  // namespace
}  // namespace outpost::http
