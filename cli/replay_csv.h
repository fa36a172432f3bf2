// Reads CSV as spreadsheets and databases export it: RFC 4180 quoting, LF or CRLF, a byte order mark, gzip. Lenient in
// form (what can be read is read), exact about places: every record knows its line, so that a fault can be reported.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace outpost::cli {

inline constexpr std::size_t kCsvBytesMax = 512u << 20;  // unpacked

// Records of one text, in order. Blank lines are passed over.
class CsvRecords {
 public:
  explicit CsvRecords(std::string_view text);

  // False at the end of the text.
  bool Next();

  std::span<const std::string> fields() const { return fields_; }
  // Line the record starts on, from 1.
  std::int64_t line() const { return line_; }
  // A quote was opened and never closed; the record then ends with its line.
  bool unclosed_quote() const { return unclosed_quote_; }

 private:
  void ReadRecord(bool quotes_span_lines);
  bool ReadField(bool quotes_span_lines);
  void EndLine();

  std::string_view text_;
  std::size_t at_ = 0;
  std::int64_t next_line_ = 1;
  std::int64_t line_ = 0;
  bool unclosed_quote_ = false;
  std::vector<std::string> fields_;
};

// A file whose first record names its columns.
class CsvFile {
 public:
  // The first of `names` that the folder holds, as it stands or with ".gz". kNotFound: none of them; kCorrupt: the gzip
  // data is damaged; kInvalidArgument: no header; kFull: larger than kCsvBytesMax.
  static Result<CsvFile> Open(const std::string& folder, std::span<const std::string_view> names);

  const std::string& name() const { return name_; }
  const std::string& text() const { return text_; }
  // Position of the first of `names` among the columns; kNone when there is none of them. Case does not matter.
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::size_t Column(std::span<const std::string_view> names) const;
  // The header once more, in the midst of the data: what joining files leaves behind.
  bool RepeatsHeader(std::span<const std::string> fields, std::size_t column) const;
  // The records after the header.
  CsvRecords Records() const;

 private:
  std::string name_;
  std::string text_;
  std::vector<std::string> columns_;
};

// The cell without surrounding spaces; empty when the record is too short or `column` is kNone.
std::string_view Cell(std::span<const std::string> fields, std::size_t column);

}  // namespace outpost::cli
