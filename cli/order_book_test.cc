#include "cli/order_book.h"

#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace outpost::cli {
namespace {

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "order-book-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }

  Folder& With(const std::string& name, const std::string& text) {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return *this;
  }
  Folder& WithGzip(const std::string& name, const std::string& text) {
    gzFile file = gzopen((path_ / name).c_str(), "wb");
    gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
    gzclose(file);
    return *this;
  }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

constexpr char kOrders[] = "order_id,date,time\n1,2015-01-01,11:38:36\n2,2015-01-01,11:57:40\n";
constexpr char kProducts[] = "sku,name,price,station\npie,Pie,12.75,oven\ntea,Tea,2.5,bar\n";

Folder& Shop(Folder& folder) { return folder.With("orders.csv", kOrders).With("products.csv", kProducts); }

OrderBook Read(const Folder& folder) {
  auto book = ReadOrderBook(folder.path());
  EXPECT_TRUE(book.ok()) << book.error().message;
  return std::move(book).value();
}

// The one fault of these order lines, put behind a good one.
SkippedLine OnlyFault(const std::string& lines, const std::string& header = "order_id,sku,quantity,unit_price") {
  Folder folder;
  const OrderBook book = Read(Shop(folder).With("order_details.csv", header + "\n1,pie,1,\n" + lines));
  EXPECT_EQ(book.skipped.size(), 1u);
  EXPECT_EQ(TotalsOf(book.orders).lines, 1);
  return book.skipped.empty() ? SkippedLine{} : book.skipped.front();
}

TEST(OrderBook, JoinsOrdersLinesAndPrices) {
  Folder folder;
  const OrderBook book = Read(Shop(folder).With(
      "order_details.csv", "order_details_id,order_id,sku,quantity\n1,1,pie,2\n2,2,tea,1\n3,1,tea,3\n"));
  ASSERT_EQ(book.orders.size(), 2u);
  const BookOrder& order = book.orders[0];
  EXPECT_EQ(order.id, "1");
  EXPECT_EQ(ToRfc3339(order.at.value()), "2015-01-01T11:38:36.000Z");
  ASSERT_EQ(order.lines.size(), 2u);
  EXPECT_EQ(order.lines[0].article, "pie");
  EXPECT_EQ(order.lines[0].name, "Pie");
  EXPECT_EQ(order.lines[0].station, "oven");
  EXPECT_EQ(order.lines[0].quantity, 2);
  EXPECT_EQ(order.lines[0].unit_price, 1275);
  EXPECT_EQ(order.items, 5);
  EXPECT_EQ(order.total, 2 * 1275 + 3 * 250);
  const BookTotals totals = TotalsOf(book.orders);
  EXPECT_EQ(totals.orders, 2);
  EXPECT_EQ(totals.lines, 3);
  EXPECT_EQ(totals.items, 6);
  EXPECT_EQ(totals.amount, 2 * 1275 + 4 * 250);
  EXPECT_TRUE(book.skipped.empty());
}

TEST(OrderBook, FindsColumnsByNameInAnyOrderAndCase) {
  Folder folder;
  folder.With("orders.csv", "Time,DATE, Order_ID \n11:38,2015-01-01,A\n");
  folder.With("pizzas.csv", "size,price,pizza_id\nS,9.99,ham_s\n");
  const OrderBook book = Read(folder.With("order_details.csv", "quantity,pizza_id,order_id\n2,ham_s,A\n"));
  ASSERT_EQ(book.orders.size(), 1u);
  EXPECT_EQ(book.orders[0].total, 1998);
  EXPECT_EQ(book.orders[0].lines[0].name, "ham_s") << "without a name the article stands for itself";
  EXPECT_EQ(ToRfc3339(book.orders[0].at.value()), "2015-01-01T11:38:00.000Z");
}

TEST(OrderBook, TakesByteOrderMarkCarriageReturnsQuotesBlankLinesAndNoLastNewline) {
  Folder folder;
  folder.With("orders.csv", "\xEF\xBB\xBForder_id,date,time\r\n\"1\",2015-01-01,11:38:36\r\n\r\n");
  folder.With("products.csv", "product_id,name,price\r\n\"p,1\",\"The \"\"Big\"\"\r\nPie\",\"3.00\"\r\n");
  const OrderBook book = Read(folder.With("order_details.csv", "order_id,product_id,quantity\r\n1,\"p,1\",\"2\""));
  EXPECT_TRUE(book.skipped.empty());
  ASSERT_EQ(book.orders.size(), 1u);
  EXPECT_EQ(book.orders[0].lines[0].article, "p,1");
  EXPECT_EQ(book.orders[0].lines[0].name, "The \"Big\"\r\nPie");
  EXPECT_EQ(book.orders[0].total, 600);
}

TEST(OrderBook, ReadsGzip) {
  Folder folder;
  folder.WithGzip("orders.csv.gz", kOrders).WithGzip("products.csv.gz", kProducts);
  const OrderBook book = Read(folder.WithGzip("order_details.csv.gz", "order_id,sku,quantity\n1,pie,1\n9,pie,1\n"));
  EXPECT_EQ(TotalsOf(book.orders).amount, 1275);
  ASSERT_EQ(book.skipped.size(), 1u);
  EXPECT_EQ(book.skipped[0].file, "order_details.csv.gz");
  EXPECT_EQ(book.skipped[0].line, 3);
}

TEST(OrderBook, DamagedGzipIsAnError) {
  Folder folder;
  Shop(folder).WithGzip("order_details.csv.gz", "order_id,sku,quantity\n" + std::string(5000, '1') + "\n");
  const std::string path = folder.path() + "/order_details.csv.gz";
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 12);
  const auto book = ReadOrderBook(folder.path());
  ASSERT_FALSE(book.ok());
  EXPECT_EQ(book.error().code, ErrorCode::kCorrupt);
}

TEST(OrderBook, PriceOfTheLineWinsOverTheList) {
  Folder folder;
  Shop(folder);
  const OrderBook book = Read(folder.With(
      "order_details.csv", "order_id,sku,quantity,unit_price\n1,pie,1,9.99\n1,pie,1,\n1,unlisted,1,1.005\n"));
  EXPECT_TRUE(book.skipped.empty());
  EXPECT_EQ(book.orders.at(0).total, 999 + 1275 + 101);
}

TEST(OrderBook, LinesWithPricesNeedNoPriceList) {
  Folder folder;
  folder.With("orders.csv", kOrders);
  EXPECT_EQ(Read(folder.With("order_details.csv", "order_id,sku,quantity,unit_price\n1,x,2,1.50\n")).orders.at(0).total,
            300);
}

TEST(OrderBook, NegativeQuantitiesAndZeroPricesAreLegal) {
  Folder folder;
  Shop(folder);
  const OrderBook book =
      Read(folder.With("order_details.csv", "order_id,sku,quantity,unit_price\n1,pie,-2,\n2,gift,1,0.00\n"));
  EXPECT_TRUE(book.skipped.empty());
  EXPECT_EQ(book.orders.at(0).total, -2550);
  EXPECT_EQ(book.orders.at(0).items, -2);
  EXPECT_EQ(book.orders.at(1).total, 0);
}

TEST(OrderBook, RepeatedHeaderIsSkippedWithItsLine) {
  const SkippedLine fault = OnlyFault("order_id,sku,quantity,unit_price\n");
  EXPECT_EQ(fault.file, "order_details.csv");
  EXPECT_EQ(fault.line, 3);
  EXPECT_EQ(fault.reason, "the header once more");
}

TEST(OrderBook, QuantityThatIsNoWholeNumberIsSkipped) {
  for (const char* quantity :
       {"", "two", "1.5", "1e2", "0x10", "NaN", "1,000", "9007199254740993", "0", "1000000001"}) {
    const SkippedLine fault = OnlyFault("1,pie,\"" + std::string(quantity) + "\",\n");
    EXPECT_NE(fault.reason.find("quantity"), std::string::npos) << quantity;
    EXPECT_EQ(fault.line, 3);
  }
}

TEST(OrderBook, PriceThatIsNoNumberIsSkipped) {
  for (const char* price : {"free", "1.2.3", "12,50", "$5", "1e3", "inf", "90071992547409.93"}) {
    EXPECT_NE(OnlyFault("1,pie,1,\"" + std::string(price) + "\"\n").reason.find("price"), std::string::npos) << price;
  }
}

TEST(OrderBook, NegativePriceIsSkippedHoweverSmall) {
  for (const char* price : {"-1", "-0.01", "-0.001"}) {
    EXPECT_NE(OnlyFault("1,pie,1," + std::string(price) + "\n").reason.find("negative"), std::string::npos) << price;
  }
}

TEST(OrderBook, UnknownOrderUnknownArticleAndShortLineAreSkipped) {
  EXPECT_NE(OnlyFault("77,pie,1,\n").reason.find("order is unknown"), std::string::npos);
  EXPECT_NE(OnlyFault(",pie,1,\n").reason.find("order is unknown"), std::string::npos);
  EXPECT_NE(OnlyFault("1,cake,1,\n").reason.find("article is unknown"), std::string::npos);
  EXPECT_NE(OnlyFault("1,,1,\n").reason.find("no article"), std::string::npos);
  EXPECT_NE(OnlyFault("1,pie\n").reason.find("quantity"), std::string::npos);
}

TEST(OrderBook, AnUnclosedQuoteLosesOnlyItsOwnLine) {
  Folder folder;
  Shop(folder);
  const OrderBook book = Read(folder.With("order_details.csv", "order_id,sku,quantity\n1,\"pie,1\n2,tea,1\n2,pie,1\n"));
  ASSERT_EQ(book.skipped.size(), 1u);
  EXPECT_EQ(book.skipped[0].line, 2);
  EXPECT_EQ(TotalsOf(book.orders).lines, 2);
}

TEST(OrderBook, TextThatIsNotUtf8IsSkipped) {
  EXPECT_NE(OnlyFault("1,caf\xE9,1,1.00\n").reason.find("UTF-8"), std::string::npos);
}

TEST(OrderBook, AmountsBeyondExactCountingAreSkipped) {
  EXPECT_NE(OnlyFault("1,pie,1000000000,90071992547409.91\n").reason.find("amount"), std::string::npos);
}

TEST(OrderBook, FaultsOfTheOtherFilesAreNamedToo) {
  Folder folder;
  folder.With("orders.csv", "order_id,date,time\n1,2015-01-01,10:00:00\norder_id,date,time\n1,2015-01-02,10:00:00\n");
  folder.With("products.csv", "sku,price\npie,1.00\ncake,cheap\nbun,-1\npie,2.00\n");
  const OrderBook book = Read(folder.With("order_details.csv", "order_id,sku,quantity\n1,pie,1\n1,cake,1\n"));
  std::vector<std::pair<std::string, std::int64_t>> places;
  for (const SkippedLine& skipped : book.skipped) places.emplace_back(skipped.file, skipped.line);
  const std::vector<std::pair<std::string, std::int64_t>> expected = {{"products.csv", 3}, {"products.csv", 4},
                                                                      {"products.csv", 5}, {"orders.csv", 3},
                                                                      {"orders.csv", 4},   {"order_details.csv", 3}};
  EXPECT_EQ(places, expected);
  EXPECT_EQ(TotalsOf(book.orders).amount, 100);
}

TEST(OrderBook, AnOrderWithoutAValidLineDoesNotCount) {
  Folder folder;
  Shop(folder);
  const OrderBook book = Read(folder.With("order_details.csv", "order_id,sku,quantity\n1,pie,none\n2,tea,1\n"));
  ASSERT_EQ(book.orders.size(), 1u);
  EXPECT_EQ(book.orders[0].id, "2");
}

TEST(OrderBook, AnOrderWithoutAReadableTimeIsPlayedAllTheSame) {
  Folder folder;
  folder.With("orders.csv", "order_id,date,time\n1,yesterday,noon\n").With("products.csv", kProducts);
  const OrderBook book = Read(folder.With("order_details.csv", "order_id,sku,quantity\n1,pie,1\n"));
  ASSERT_EQ(book.orders.size(), 1u);
  EXPECT_FALSE(book.orders[0].at.has_value());
}

TEST(OrderBook, MissingFilesAndColumnsAreErrors) {
  Folder empty;
  EXPECT_EQ(ReadOrderBook(empty.path()).error().code, ErrorCode::kNotFound);
  Folder no_prices;
  no_prices.With("orders.csv", kOrders).With("order_details.csv", "order_id,sku,quantity\n1,pie,1\n");
  EXPECT_EQ(ReadOrderBook(no_prices.path()).error().code, ErrorCode::kNotFound);
  Folder no_quantity;
  EXPECT_EQ(ReadOrderBook(Shop(no_quantity).With("order_details.csv", "order_id,sku\n1,pie\n").path()).error().code,
            ErrorCode::kInvalidArgument);
}

TEST(OrderBook, DigestChangesWithTheContent) {
  const auto digest_of = [](const std::string& lines) {
    Folder folder;
    return Read(Shop(folder).With("order_details.csv", "order_id,sku,quantity\n" + lines)).digest;
  };
  EXPECT_EQ(digest_of("1,pie,1\n"), digest_of("1,pie,1\n"));
  EXPECT_NE(digest_of("1,pie,1\n"), digest_of("1,pie,2\n"));
}

TEST(ParseMinorUnits, RoundsHalfUp) {
  EXPECT_EQ(ParseMinorUnits("12.75"), 1275);
  EXPECT_EQ(ParseMinorUnits("12"), 1200);
  EXPECT_EQ(ParseMinorUnits("12.5"), 1250);
  EXPECT_EQ(ParseMinorUnits(".5"), 50);
  EXPECT_EQ(ParseMinorUnits("+1.00"), 100);
  EXPECT_EQ(ParseMinorUnits("0.004999"), 0);
  EXPECT_EQ(ParseMinorUnits("0.005"), 1);
  EXPECT_EQ(ParseMinorUnits("1.005"), 101);  // 1.005 has no binary fraction: floating point would say 100
  EXPECT_EQ(ParseMinorUnits("2.675"), 268);
  EXPECT_EQ(ParseMinorUnits("0.995"), 100);
  EXPECT_EQ(ParseMinorUnits("-0.01"), -1);
  EXPECT_EQ(ParseMinorUnits("90071992547409.91"), 9007199254740991);
}

TEST(ParseMinorUnits, RefusesWhatIsNoPlainDecimal) {
  for (const char* text :
       {"", ".", "-", "1e2", "1,5", "1 000", "0x1", "nan", "1.2.3", "90071992547409.92", "90071992547409.915"}) {
    EXPECT_EQ(ParseMinorUnits(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace outpost::cli
