#include "cli/replay_csv.h"

#include <zlib.h>

#include <algorithm>
#include <filesystem>
#include <memory>

namespace outpost::cli {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr unsigned kReadBytes = 1u << 16;

struct GzClose {
  void operator()(gzFile_s* file) const { gzclose(file); }
};

// Plain or packed: zlib tells by the first bytes.
Result<std::string> ReadWhole(const std::string& path) {
  const std::unique_ptr<gzFile_s, GzClose> file(gzopen(path.c_str(), "rb"));
  if (file == nullptr) return Error{ErrorCode::kIo, path + " cannot be read"};
  std::string text;
  while (true) {
    const std::size_t size = text.size();
    text.resize(size + kReadBytes);
    const int read = gzread(file.get(), text.data() + size, kReadBytes);
    text.resize(size + static_cast<std::size_t>(std::max(read, 0)));
    if (text.size() > kCsvBytesMax) return Error{ErrorCode::kFull, path + " is too large"};
    if (read > 0) continue;
    int code = Z_OK;
    const std::string reason = gzerror(file.get(), &code);
    if (read < 0 || code == Z_BUF_ERROR) return Error{ErrorCode::kCorrupt, path + ": " + reason};
    return text;
  }
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

CsvRecords::CsvRecords(std::string_view text) : text_(text) {
  if (text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
}

bool CsvRecords::Next() {
  while (at_ < text_.size() && (text_[at_] == '\n' || text_.substr(at_).starts_with("\r\n"))) EndLine();
  if (at_ >= text_.size()) return false;
  line_ = next_line_;
  const std::size_t start = at_;
  unclosed_quote_ = false;
  ReadRecord(true);
  if (unclosed_quote_) {  // would have swallowed the rest of the file: only its own line is lost
    at_ = start;
    next_line_ = line_;
    ReadRecord(false);
    unclosed_quote_ = true;
  }
  return true;
}

void CsvRecords::ReadRecord(bool quotes_span_lines) {
  fields_.clear();
  while (ReadField(quotes_span_lines)) {
  }
  EndLine();
}

// One field up to its comma or the end of the line, which stays unread. True: another field follows.
bool CsvRecords::ReadField(bool quotes_span_lines) {
  std::string& field = fields_.emplace_back();
  bool quoted = at_ < text_.size() && text_[at_] == '"';
  if (quoted) ++at_;
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (quoted) {
      if (c == '\n' && !quotes_span_lines) return false;
      if (c == '\n') ++next_line_;
      if (c != '"') {
        field.push_back(c);
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
        field.push_back('"');
        ++at_;
      } else {
        quoted = false;
      }
      continue;
    }
    if (c == ',') {
      ++at_;
      return true;
    }
    if (c == '\n' || text_.substr(at_).starts_with("\r\n")) return false;
    field.push_back(c);
  }
  unclosed_quote_ = unclosed_quote_ || quoted;
  return false;
}

void CsvRecords::EndLine() {
  if (at_ < text_.size() && text_[at_] == '\r') ++at_;
  if (at_ < text_.size() && text_[at_] == '\n') ++at_;
  ++next_line_;
}

Result<CsvFile> CsvFile::Open(const std::string& folder, std::span<const std::string_view> names) {
  for (const std::string_view plain : names) {
    for (const std::string& name : {std::string(plain), std::string(plain) + ".gz"}) {
      const std::filesystem::path path = std::filesystem::path(folder) / name;
      std::error_code error;
      if (!std::filesystem::is_regular_file(path, error)) continue;
      CsvFile file;
      file.name_ = name;
      OUTPOST_TRY(file.text_, ReadWhole(path.string()));
      CsvRecords records(file.text_);
      if (!records.Next()) return Error{ErrorCode::kInvalidArgument, path.string() + " has no header"};
      for (const std::string& column : records.fields()) file.columns_.push_back(Lower(Trim(column)));
      return file;
    }
  }
  std::string wanted(names.front());
  for (const std::string_view other : names.subspan(1)) wanted += " or " + std::string(other);
  return Error{ErrorCode::kNotFound, folder + " holds no " + wanted};
}

std::size_t CsvFile::Column(std::span<const std::string_view> names) const {
  for (const std::string_view name : names) {
    const auto at = std::find(columns_.begin(), columns_.end(), name);
    if (at != columns_.end()) return static_cast<std::size_t>(at - columns_.begin());
  }
  return kNone;
}

bool CsvFile::RepeatsHeader(std::span<const std::string> fields, std::size_t column) const {
  return Lower(Cell(fields, column)) == columns_[column];
}

CsvRecords CsvFile::Records() const {
  CsvRecords records(text_);
  records.Next();
  return records;
}

std::string_view Cell(std::span<const std::string> fields, std::size_t column) {
  return column < fields.size() ? Trim(fields[column]) : std::string_view();
}

}  // namespace outpost::cli
