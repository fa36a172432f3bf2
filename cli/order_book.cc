#include "cli/order_book.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include "base/sha256.h"
#include "cli/replay_csv.h"
#include "protocol/json.h"
#include "rules/payload_reader.h"

namespace outpost::cli {
namespace {

constexpr std::array<std::string_view, 1> kOrdersFile = {"orders.csv"};
constexpr std::array<std::string_view, 1> kDetailsFile = {"order_details.csv"};
constexpr std::array<std::string_view, 2> kProductsFile = {"products.csv", "pizzas.csv"};

constexpr std::array<std::string_view, 1> kOrderId = {"order_id"};
constexpr std::array<std::string_view, 3> kArticle = {"sku", "product_id", "pizza_id"};
constexpr std::array<std::string_view, 1> kQuantity = {"quantity"};
constexpr std::array<std::string_view, 1> kUnitPrice = {"unit_price"};
constexpr std::array<std::string_view, 1> kPrice = {"price"};
constexpr std::array<std::string_view, 1> kName = {"name"};
constexpr std::array<std::string_view, 1> kStation = {"station"};
constexpr std::array<std::string_view, 1> kDate = {"date"};
constexpr std::array<std::string_view, 1> kTime = {"time"};

struct Decimal {
  bool negative = false;
  std::string_view whole;
  std::string_view fraction;
};

// [+-] digits [. digits], at least one digit. No exponent, no thousands separator: those are no plain numbers.
std::optional<Decimal> SplitDecimal(std::string_view text) {
  Decimal decimal;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    decimal.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  const std::size_t point = text.find('.');
  decimal.whole = text.substr(0, point);
  if (point != std::string_view::npos) decimal.fraction = text.substr(point + 1);
  if (decimal.whole.empty() && decimal.fraction.empty()) return std::nullopt;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!std::all_of(decimal.whole.begin(), decimal.whole.end(), is_digit)) return std::nullopt;
  if (!std::all_of(decimal.fraction.begin(), decimal.fraction.end(), is_digit)) return std::nullopt;
  return decimal;
}

// The digits as one number, nullopt beyond 2^53−1.
std::optional<std::int64_t> Digits(std::string_view digits, std::int64_t start = 0) {
  std::int64_t value = start;
  for (const char c : digits) {
    value = value * 10 + (c - '0');
    if (value > kIntegerMax) return std::nullopt;
  }
  return value;
}

// Rounding must not make a small negative price a zero one.
bool IsBelowZero(std::string_view decimal) {
  return decimal.starts_with('-') && decimal.find_first_of("123456789") != std::string_view::npos;
}

// What JSON can carry: UTF-8 without NUL.
bool IsText(std::string_view cell) {
  std::string quoted;
  AppendJsonString(quoted, cell);
  return ParseJson(quoted).ok();
}

struct Product {
  std::string name;
  std::string station;
  std::int64_t price = 0;
};

class Reader {
 public:
  Result<OrderBook> Read(const std::string& folder);

 private:
  Status OpenFiles(const std::string& folder);
  void ReadProducts();
  void ReadOrders();
  void ReadDetails();
  // The reason why the record is no line of an order; empty when it was added.
  std::string AddLine(std::span<const std::string> fields);
  std::optional<std::int64_t> PriceOf(std::span<const std::string> fields, const Product* product,
                                      std::string& reason) const;
  void Skip(const CsvFile& file, const CsvRecords& record, std::string reason);

  std::optional<CsvFile> orders_file_;
  std::optional<CsvFile> details_file_;
  std::optional<CsvFile> products_file_;
  std::size_t details_order_ = 0;
  std::size_t details_article_ = 0;
  std::size_t details_quantity_ = 0;
  std::size_t details_price_ = 0;
  OrderBook book_;
  std::unordered_map<std::string, Product> products_;
  std::unordered_map<std::string, std::size_t> order_at_;
};

Result<std::size_t> Require(const CsvFile& file, std::span<const std::string_view> names) {
  const std::size_t column = file.Column(names);
  if (column == CsvFile::kNone) {
    return Error{ErrorCode::kInvalidArgument, file.name() + " has no column " + std::string(names.front())};
  }
  return column;
}

std::string Quoted(std::string_view cell) {
  constexpr std::size_t kShownMax = 40;
  return cell.size() <= kShownMax ? "\"" + std::string(cell) + "\""
                                  : "\"" + std::string(cell.substr(0, kShownMax)) + "…\"";
}

Result<OrderBook> Reader::Read(const std::string& folder) {
  OUTPOST_CHECK(OpenFiles(folder));
  ReadProducts();
  ReadOrders();
  ReadDetails();
  std::erase_if(book_.orders, [](const BookOrder& order) { return order.lines.empty(); });
  Sha256 digest;
  for (const auto* file : {&orders_file_, &details_file_, &products_file_}) {
    if (!*file) continue;
    digest.Update((*file)->name() + ":" + std::to_string((*file)->text().size()) + ":");
    digest.Update((*file)->text());
  }
  book_.digest = ToHex(digest.Finish());
  return std::move(book_);
}

Status Reader::OpenFiles(const std::string& folder) {
  OUTPOST_TRY(orders_file_, CsvFile::Open(folder, kOrdersFile));
  OUTPOST_TRY(details_file_, CsvFile::Open(folder, kDetailsFile));
  OUTPOST_TRY(details_order_, Require(*details_file_, kOrderId));
  OUTPOST_TRY(details_article_, Require(*details_file_, kArticle));
  OUTPOST_TRY(details_quantity_, Require(*details_file_, kQuantity));
  details_price_ = details_file_->Column(kUnitPrice);
  OUTPOST_CHECK(Require(*orders_file_, kOrderId));
  auto products = CsvFile::Open(folder, kProductsFile);
  if (products.ok()) {
    products_file_ = std::move(products).value();
    OUTPOST_CHECK(Require(*products_file_, kArticle));
    OUTPOST_CHECK(Require(*products_file_, kPrice));
    return {};
  }
  // Lines that bring their own prices need no price list.
  if (products.error().code == ErrorCode::kNotFound && details_price_ != CsvFile::kNone) return {};
  return products.error();
}

void Reader::ReadProducts() {
  if (!products_file_) return;
  const std::size_t article = products_file_->Column(kArticle);
  const std::size_t price = products_file_->Column(kPrice);
  const std::size_t name = products_file_->Column(kName);
  const std::size_t station = products_file_->Column(kStation);
  for (CsvRecords record = products_file_->Records(); record.Next();) {
    const auto fields = record.fields();
    const auto minor = ParseMinorUnits(Cell(fields, price));
    if (products_file_->RepeatsHeader(fields, article)) {
      Skip(*products_file_, record, "the header once more");
    } else if (record.unclosed_quote()) {
      Skip(*products_file_, record, "a quote is not closed");
    } else if (!IsText(Cell(fields, article)) || !IsText(Cell(fields, name)) || !IsText(Cell(fields, station))) {
      Skip(*products_file_, record, "the text is not UTF-8");
    } else if (!minor) {
      Skip(*products_file_, record, "the price is no number: " + Quoted(Cell(fields, price)));
    } else if (IsBelowZero(Cell(fields, price))) {
      Skip(*products_file_, record, "the price is negative: " + Quoted(Cell(fields, price)));
    } else {
      Product product = {std::string(Cell(fields, name)), std::string(Cell(fields, station)), *minor};
      if (products_.emplace(Cell(fields, article), std::move(product)).second) continue;
      Skip(*products_file_, record, "the article is listed already: " + Quoted(Cell(fields, article)));
    }
  }
}

std::optional<Timestamp> TimeOf(std::string_view date, std::string_view time) {
  std::string text = std::string(date) + "T" + std::string(time);
  if (std::count(time.begin(), time.end(), ':') == 1) text += ":00";
  const auto parsed = ParseRfc3339(text + "Z");
  if (!parsed.ok()) return std::nullopt;
  return parsed.value();
}

void Reader::ReadOrders() {
  const std::size_t id = orders_file_->Column(kOrderId);
  const std::size_t date = orders_file_->Column(kDate);
  const std::size_t time = orders_file_->Column(kTime);
  for (CsvRecords record = orders_file_->Records(); record.Next();) {
    const auto fields = record.fields();
    const std::string order(Cell(fields, id));
    if (orders_file_->RepeatsHeader(fields, id)) {
      Skip(*orders_file_, record, "the header once more");
    } else if (record.unclosed_quote()) {
      Skip(*orders_file_, record, "a quote is not closed");
    } else if (order.empty()) {
      Skip(*orders_file_, record, "no order is named");
    } else if (!order_at_.emplace(order, book_.orders.size()).second) {
      Skip(*orders_file_, record, "the order is listed already: " + Quoted(order));
    } else {
      book_.orders.push_back({order, TimeOf(Cell(fields, date), Cell(fields, time)), {}, 0, 0});
    }
  }
}

void Reader::ReadDetails() {
  for (CsvRecords record = details_file_->Records(); record.Next();) {
    std::string reason;
    if (details_file_->RepeatsHeader(record.fields(), details_order_)) {
      reason = "the header once more";
    } else if (record.unclosed_quote()) {
      reason = "a quote is not closed";
    } else {
      reason = AddLine(record.fields());
    }
    if (!reason.empty()) Skip(*details_file_, record, std::move(reason));
  }
}

std::string Reader::AddLine(std::span<const std::string> fields) {
  const std::string order_id(Cell(fields, details_order_));
  const auto order_at = order_at_.find(order_id);
  if (order_at == order_at_.end()) return "the order is unknown: " + Quoted(order_id);
  const std::string article(Cell(fields, details_article_));
  if (article.empty()) return "no article is named";
  const auto quantity = ParseQuantity(Cell(fields, details_quantity_));
  if (!quantity) return "the quantity is no whole number: " + Quoted(Cell(fields, details_quantity_));
  if (*quantity == 0) return "the quantity is 0";
  if (std::abs(*quantity) > rules::kQuantityMax)
    return "the quantity is more than an order takes: " + Quoted(Cell(fields, details_quantity_));
  const auto product_at = products_.find(article);
  const Product* product = product_at == products_.end() ? nullptr : &product_at->second;
  if (product == nullptr && !IsText(article)) return "the text is not UTF-8";
  std::string reason;
  const auto price = PriceOf(fields, product, reason);
  if (!price) return reason;

  BookOrder& order = book_.orders[order_at->second];
  std::int64_t amount = 0;
  if (__builtin_mul_overflow(*price, *quantity, &amount) || std::abs(amount) > kIntegerMax ||
      std::abs(order.total + amount) > kIntegerMax || std::abs(order.items + *quantity) > kIntegerMax) {
    return "the amount is beyond what can be counted exactly";
  }
  order.total += amount;
  order.items += *quantity;
  const bool named = product != nullptr && !product->name.empty();
  order.lines.push_back(
      {article, named ? product->name : article, product == nullptr ? "" : product->station, *quantity, *price});
  return {};
}

std::optional<std::int64_t> Reader::PriceOf(std::span<const std::string> fields, const Product* product,
                                            std::string& reason) const {
  const std::string_view own = Cell(fields, details_price_);
  if (own.empty()) {
    if (product != nullptr) return product->price;
    reason = "the article is unknown and has no price: " + Quoted(Cell(fields, details_article_));
    return std::nullopt;
  }
  const auto price = ParseMinorUnits(own);
  if (price && !IsBelowZero(own)) return price;
  reason = (price ? "the price is negative: " : "the price is no number: ") + Quoted(own);
  return std::nullopt;
}

void Reader::Skip(const CsvFile& file, const CsvRecords& record, std::string reason) {
  book_.skipped.push_back({file.name(), record.line(), std::move(reason)});
}

}  // namespace

Result<OrderBook> ReadOrderBook(const std::string& folder) { return Reader().Read(folder); }

BookTotals TotalsOf(std::span<const BookOrder> orders) {
  BookTotals totals;
  for (const BookOrder& order : orders) {
    ++totals.orders;
    totals.lines += static_cast<std::int64_t>(order.lines.size());
    totals.items += order.items;
    totals.amount += order.total;
  }
  return totals;
}

std::optional<std::int64_t> ParseMinorUnits(std::string_view text) {
  const auto decimal = SplitDecimal(text);
  if (!decimal) return std::nullopt;
  std::string cents(decimal->fraction.substr(0, 2));
  cents.resize(2, '0');
  auto minor = Digits(decimal->whole);
  if (minor) minor = Digits(cents, *minor);
  if (!minor) return std::nullopt;
  if (decimal->fraction.size() > 2 && decimal->fraction[2] >= '5') ++*minor;
  if (*minor > kIntegerMax) return std::nullopt;
  return decimal->negative ? -*minor : *minor;
}

std::optional<std::int64_t> ParseQuantity(std::string_view text) {
  const auto decimal = SplitDecimal(text);
  if (!decimal || decimal->fraction.find_first_not_of('0') != std::string_view::npos) return std::nullopt;
  const auto value = Digits(decimal->whole);
  if (!value) return std::nullopt;
  return decimal->negative ? -*value : *value;
}

}  // namespace outpost::cli
