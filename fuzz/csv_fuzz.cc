// A folder of recorded orders: the three files of one input, separated by lines of two percent signs, as they stand or
// as gzip data. Laws: the book is read or refused; what it holds is within its limits; reading twice is reading once.
#include <filesystem>
#include <fstream>

#include "cli/order_book.h"
#include "cli/replay_csv.h"
#include "fuzz/fuzz.h"
#include "protocol/json.h"

namespace outpost::fuzz {
namespace {

using namespace outpost::cli;

constexpr const char* kNames[] = {"orders.csv", "order_details.csv", "products.csv"};

class Folder {
 public:
  Folder() : path_((std::filesystem::temp_directory_path() / "outpost-csv-XXXXXX").string()) {
    OUTPOST_ASSERT(::mkdtemp(path_.data()) != nullptr);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  // gzip data is known by its first bytes.
  void Fill(const std::vector<std::string_view>& parts) {
    for (std::size_t i = 0; i < std::size(kNames); ++i) {
      const std::string plain = path_ + "/" + kNames[i];
      std::filesystem::remove(plain);
      std::filesystem::remove(plain + ".gz");
      if (i >= parts.size()) continue;
      const bool packed = parts[i].starts_with("\x1f\x8b");
      std::ofstream(packed ? plain + ".gz" : plain, std::ios::binary) << parts[i];
    }
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

void CheckRecords(std::string_view text) {
  CsvRecords records(text);
  std::int64_t line = 0;
  while (records.Next()) {
    OUTPOST_ASSERT(records.line() > line);
    line = records.line();
  }
}

void CheckBook(const OrderBook& book) {
  for (const BookOrder& order : book.orders) {
    OUTPOST_ASSERT(!order.lines.empty());
    for (const BookLine& line : order.lines) OUTPOST_ASSERT(line.unit_price >= 0 && !line.article.empty());
    OUTPOST_ASSERT(order.total <= kIntegerMax && order.total >= -kIntegerMax);
  }
  for (const SkippedLine& skipped : book.skipped) OUTPOST_ASSERT(skipped.line > 0 && !skipped.reason.empty());
  OUTPOST_ASSERT(TotalsOf(book.orders).orders == static_cast<std::int64_t>(book.orders.size()));
}

}  // namespace
}  // namespace outpost::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace outpost::fuzz;
  static Folder folder;
  const auto parts = PartsOf(TextOf(data, size), "\n%%\n", std::size(kNames));
  for (const std::string_view part : parts) CheckRecords(part);
  folder.Fill(parts);
  const auto book = outpost::cli::ReadOrderBook(folder.path());
  if (!book.ok()) return 0;
  CheckBook(book.value());
  OUTPOST_ASSERT(outpost::cli::ReadOrderBook(folder.path()).value().digest == book.value().digest);
  return 0;
}
