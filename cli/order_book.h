// A folder of recorded orders, read from CSV with the faults real exports have. What cannot be used is skipped and
// named with file and line, never guessed; money becomes whole minor units without passing through floating point.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace outpost::cli {

struct BookLine {
  std::string article;
  std::string name;
  std::string station;          // empty: none given
  std::int64_t quantity = 0;    // negative: a return
  std::int64_t unit_price = 0;  // minor units, not negative
};

struct BookOrder {
  std::string id;               // as the folder names it
  std::optional<Timestamp> at;  // recorded time
  std::vector<BookLine> lines;  // never empty
  std::int64_t items = 0;       // sum of quantities
  std::int64_t total = 0;       // minor units
};

struct SkippedLine {
  std::string file;
  std::int64_t line = 0;
  std::string reason;
};

struct OrderBook {
  std::vector<BookOrder> orders;  // in the order of orders.csv; only those with a valid line
  std::vector<SkippedLine> skipped;
  std::string digest;  // of all files, unpacked: the same digest is the same book
};

struct BookTotals {
  std::int64_t orders = 0;
  std::int64_t lines = 0;
  std::int64_t items = 0;
  std::int64_t amount = 0;
};

// orders.csv (order_id, date, time); order_details.csv (order_id; sku, product_id or pizza_id; quantity; optionally
// unit_price); products.csv or pizzas.csv (article, price, optionally name, station). kNotFound: a file is missing;
// kInvalidArgument: a column is missing; kCorrupt: damaged gzip data.
Result<OrderBook> ReadOrderBook(const std::string& folder);

BookTotals TotalsOf(std::span<const BookOrder> orders);

// "12.345" → 1235: half up, away from zero. Nullopt: no plain decimal number, or beyond ±(2^53−1).
std::optional<std::int64_t> ParseMinorUnits(std::string_view text);

// "3", "-2", "4.0". Nullopt: no whole number, or beyond ±(2^53−1).
std::optional<std::int64_t> ParseQuantity(std::string_view text);

}  // namespace outpost::cli
