#include "rules/payload_reader.h"

#include <gtest/gtest.h>

#include "rules/rule.h"
#include "rules/test_world.h"

namespace outpost::rules {
namespace {

using Paths = std::vector<std::string>;

Paths PathsOf(const std::vector<FieldError>& errors) {
  Paths paths;
  for (const FieldError& error : errors) paths.push_back(error.field);
  return paths;
}

Paths ErrorsOf(std::string_view family, std::string_view payload) {
  return PathsOf(FindType(family, 1)->validate(Parsed(payload)));
}

std::string Item(std::string_view field, std::string_view value) {
  json::object item{{"sku", "a"}, {"name", "A"}, {"quantity", 1}, {"unitPrice", 1}};
  item[field] = ParseJson(value).value();
  return R"({"items":[)" + ToJson(item) + "]}";
}

TEST(Schema, UnknownFieldsAreNamedWithTheirPath) {
  EXPECT_EQ(
      ErrorsOf("ORDER_CREATE", R"({"items":[{"sku":"a","name":"A","quantity":1,"unitPrice":1,"colour":"red"}],"x":1})"),
      (Paths{"items[0].colour", "x"}));
  EXPECT_EQ(ErrorsOf("ORDER_CLOSE", R"({"id":"o","payment":{"method":"CASH","amount":1,"tip":2}})"),
            (Paths{"payment.tip"}));
  EXPECT_EQ(ErrorsOf("PRODUCT_PUT", R"({"sku":"a","name":"A","price":1,"variants":[{"sku":"b","name":"B","price":1},
                                        {"sku":"c","name":"C","price":1,"size":3}]})"),
            (Paths{"variants[1].size"}));
}

TEST(Schema, EveryErrorIsToldNotOnlyTheFirst) {
  EXPECT_EQ(
      ErrorsOf("ORDER_CREATE", R"({"id":"o 1","tableId":5,"items":[{"sku":"","quantity":0,"unitPrice":-1},7]})"),
      (Paths{"id", "tableId", "items[0].sku", "items[0].name", "items[0].quantity", "items[0].unitPrice", "items[1]"}));
}

TEST(Schema, ErrorsAreBounded) {
  std::string items = R"({"items":[1)";
  for (int i = 1; i < 1000; ++i) items += ",1";
  EXPECT_EQ(ErrorsOf("ORDER_CREATE", items + "]}").size(), kFieldErrorsMax);
}

TEST(Schema, OptionalFieldsMayBeNullRequiredOnesMayNot) {
  EXPECT_EQ(
      ErrorsOf("ORDER_CREATE", R"({"id":null,"tableId":null,"items":[{"sku":"a","name":"A","quantity":1,"unitPrice":0,
                                         "station":null,"note":null}]})"),
      Paths{});
  EXPECT_EQ(ErrorsOf("ORDER_CREATE", R"({"items":null})"), (Paths{"items"}));
}

TEST(Schema, QuantitiesAreWholeNotZeroAndBounded) {
  for (const char* good : {"1", "-1", "3.0", "1000000000", "-1000000000"}) {
    EXPECT_EQ(ErrorsOf("ORDER_CREATE", Item("quantity", good)), Paths{}) << good;
  }
  for (const char* bad : {"0", "0.5", "1000000001", "-1000000001", "\"1\"", "true", "null"}) {
    EXPECT_EQ(ErrorsOf("ORDER_CREATE", Item("quantity", bad)), (Paths{"items[0].quantity"})) << bad;
  }
}

TEST(Schema, PricesAreWholeAndNotNegative) {
  for (const char* good : {"0", "9007199254740991"})
    EXPECT_EQ(ErrorsOf("ORDER_CREATE", Item("unitPrice", good)), Paths{});
  for (const char* bad : {"-1", "1.5", "\"9\"", "{}"}) {
    EXPECT_EQ(ErrorsOf("ORDER_CREATE", Item("unitPrice", bad)), (Paths{"items[0].unitPrice"})) << bad;
  }
}

TEST(Schema, TextsAreMeasuredInCharacters) {
  std::string persian;
  for (int i = 0; i < 1000; ++i) persian += "چ";
  EXPECT_EQ(ErrorsOf("ORDER_CREATE", Item("name", "\"" + persian + "\"")), Paths{});
  EXPECT_EQ(ErrorsOf("ORDER_CREATE", Item("name", "\"" + persian + "چ\"")), (Paths{"items[0].name"}));
  EXPECT_EQ(ErrorsOf("ORDER_CREATE", Item("note", "\"" + std::string(2000, 'n') + "\"")), Paths{});
  EXPECT_EQ(ErrorsOf("ORDER_CREATE", Item("note", "\"" + std::string(2001, 'n') + "\"")), (Paths{"items[0].note"}));
  EXPECT_EQ(ErrorsOf("ORDER_CREATE", Item("note", "\"\"")), Paths{});
}

TEST(Schema, ItemsAreOneToAThousand) {
  std::string items = R"({"sku":"a","name":"A","quantity":1,"unitPrice":1})";
  std::string thousand = items;
  for (int i = 1; i < 1000; ++i) thousand += "," + items;
  EXPECT_EQ(ErrorsOf("ORDER_CREATE", R"({"items":[]})"), (Paths{"items"}));
  EXPECT_EQ(ErrorsOf("ORDER_CREATE", R"({"items":[)" + thousand + "]}"), Paths{});
  EXPECT_EQ(ErrorsOf("ORDER_CREATE", R"({"items":[)" + thousand + "," + items + "]}"), (Paths{"items"}));
  EXPECT_EQ(ErrorsOf("ORDER_CREATE", R"({"items":{"0":1}})"), (Paths{"items"}));
}

TEST(Schema, PaymentMethodsAreAClosedSet) {
  for (const char* method : {"CASH", "CARD", "MOBILE_MONEY"}) {
    EXPECT_EQ(
        ErrorsOf("ORDER_CLOSE", R"({"id":"o","payment":{"method":")" + std::string(method) + R"(","amount":-5}})"),
        Paths{});
  }
  EXPECT_EQ(ErrorsOf("ORDER_CLOSE", R"({"id":"o","payment":{"method":"cash","amount":1.5}})"),
            (Paths{"payment.method", "payment.amount"}));
  EXPECT_EQ(ErrorsOf("ORDER_CLOSE", R"({"id":"o","payment":[]})"), (Paths{"payment"}));
  EXPECT_EQ(ErrorsOf("ORDER_CLOSE", R"({"id":"o"})"), (Paths{"payment"}));
}

TEST(Schema, ArticleCodesThatNameDocumentsAreIds) {
  for (const char* family : {"PRODUCT_PUT", "INVENTORY_ADJUST", "INVENTORY_COUNT"}) {
    const std::vector<FieldError> errors = FindType(family, 1)->validate(Parsed(R"({"sku":"two words"})"));
    ASSERT_FALSE(errors.empty());
    EXPECT_EQ(errors[0].field, "sku");
    EXPECT_NE(errors[0].message.find("no spaces"), std::string::npos);
  }
}

}  // namespace
}  // namespace outpost::rules
