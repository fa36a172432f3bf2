#include "http/uri.h"

#include "base/utf8.h"

namespace outpost::http {
namespace {

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool IsUnreserved(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

}  // namespace

Result<std::string> PercentDecode(std::string_view text, PlusSign plus) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+' && plus == PlusSign::kSpace) c = ' ';
    if (c == '%') {
      const int high = i + 2 < text.size() ? HexValue(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? HexValue(text[i + 2]) : -1;
      if (high < 0 || low < 0) return Error{ErrorCode::kInvalidArgument, "broken percent escape"};
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      return Error{ErrorCode::kInvalidArgument, "control character"};
    out.push_back(c);
  }
  // Whatever is told of it later is told in JSON.
  if (!IsUtf8(out)) return Error{ErrorCode::kInvalidArgument, "not UTF-8"};
  return out;
}

std::string PercentEncode(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (IsUnreserved(c)) {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.push_back('%');
      out.push_back(kHex[byte >> 4]);
      out.push_back(kHex[byte & 15]);
    }
  }
  return out;
}

Result<std::map<std::string, std::string, std::less<>>> ParseQuery(std::string_view query) {
  std::map<std::string, std::string, std::less<>> out;
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    const std::string_view text = equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    OUTPOST_TRY(std::string name, PercentDecode(pair.substr(0, equals), PlusSign::kSpace));
    OUTPOST_TRY(std::string value, PercentDecode(text, PlusSign::kSpace));
    if (!out.emplace(name, std::move(value)).second) {
      return Error{ErrorCode::kInvalidArgument, "parameter given twice: " + name};
    }
  }
  return out;
}

Result<std::vector<std::string>> PathSegments(std::string_view path) {
  std::vector<std::string> out;
  if (path.empty() || path.front() != '/') return Error{ErrorCode::kInvalidArgument, "path must begin with /"};
  path.remove_prefix(1);
  while (!path.empty()) {
    const std::size_t end = path.find('/');
    OUTPOST_TRY(std::string segment, PercentDecode(path.substr(0, end)));
    out.push_back(std::move(segment));
    if (end == std::string_view::npos) break;
    path.remove_prefix(end + 1);
    if (path.empty()) out.emplace_back();  // a trailing slash is an empty last segment
  }
  return out;
}

}  // namespace outpost::http
