#include "server/routes/route_table.h"

#include <gtest/gtest.h>

namespace outpost::server {
namespace {

RouteTable Table() {
  RouteTable table;
  for (const auto& [method, pattern] :
       {std::pair("POST", "/pos/orders"), std::pair("GET", "/pos/orders"), std::pair("GET", "/pos/orders/{id}"),
        std::pair("POST", "/pos/orders/{id}/lines/{lineId}"), std::pair("GET", "/")}) {
    Route route;
    route.method = method;
    route.pattern = pattern;
    table.Add(std::move(route));
  }
  return table;
}

TEST(RouteTable, FindsARowAndItsParameters) {
  const RouteTable table = Table();
  const Match match = table.Find("POST", "/pos/orders/o%3A1/lines/l2");
  ASSERT_NE(match.route, nullptr);
  EXPECT_EQ(match.route->pattern, "/pos/orders/{id}/lines/{lineId}");
  EXPECT_EQ(match.parameters, (std::vector<std::pair<std::string, std::string>>{{"id", "o:1"}, {"lineId", "l2"}}));
}

TEST(RouteTable, ALastParameterMayTakeAllThatFollows) {
  RouteTable table;
  Route route;
  route.method = "GET";
  route.pattern = "/apps/{path...}";
  table.Add(std::move(route));
  for (const auto& [path, rest] : {std::pair("/apps/pos", "pos"), std::pair("/apps/pos/", "pos/"),
                                   std::pair("/apps/pos/assets/a%2Eb.js", "pos/assets/a.b.js")}) {
    const Match match = table.Find("GET", path);
    ASSERT_NE(match.route, nullptr) << path;
    EXPECT_EQ(match.parameters, (std::vector<std::pair<std::string, std::string>>{{"path", rest}})) << path;
  }
  EXPECT_EQ(table.Find("GET", "/apps").route, nullptr);
  EXPECT_EQ(table.Find("GET", "/apps/").route, nullptr);
}

TEST(RouteTable, HeadFindsTheRowOfGet) {
  const RouteTable table = Table();
  ASSERT_NE(table.Find("HEAD", "/").route, nullptr);
}

TEST(RouteTable, AKnownPathWithAnotherMethodTellsTheMethods) {
  const RouteTable table = Table();
  const Match match = table.Find("DELETE", "/pos/orders");
  EXPECT_EQ(match.route, nullptr);
  EXPECT_EQ(match.allowed, (std::vector<std::string>{"POST", "GET"}));
}

TEST(RouteTable, WhatIsNotThereIsNotThere) {
  const RouteTable table = Table();
  for (const char* path :
       {"/pos", "/pos/orders/", "/pos/orders/a/b", "/pos//orders", "/POS/orders", "/pos/orders/%zz", "//"}) {
    const Match match = table.Find("GET", path);
    EXPECT_EQ(match.route, nullptr) << path;
    EXPECT_TRUE(match.allowed.empty()) << path;
  }
}

}  // namespace
}  // namespace outpost::server
