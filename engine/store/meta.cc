#include "engine/store/meta.h"

#include <charconv>

namespace outpost::engine {

Status Meta::Prepare(sqlite::Connection& connection) {
  OUTPOST_TRY(get_, connection.Prepare("SELECT value FROM meta WHERE key=?1"));
  OUTPOST_TRY(set_,
              connection.Prepare("INSERT INTO meta VALUES(?1,?2) ON CONFLICT(key) DO UPDATE SET value=excluded.value"));
  return {};
}

Result<std::optional<std::string>> Meta::Get(std::string_view key) {
  OUTPOST_TRY(const bool row, get_.Bind(1, key).Step());
  if (!row) return std::optional<std::string>();
  std::optional<std::string> value(std::string(get_.Text(0)));
  get_.Reset();
  return value;
}

Result<std::int64_t> Meta::GetInteger(std::string_view key, std::int64_t fallback) {
  OUTPOST_TRY(const auto text, Get(key));
  if (!text) return fallback;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size()) {
    return Error{ErrorCode::kCorrupt, "the store's setting '" + std::string(key) + "' is no number"};
  }
  return value;
}

Status Meta::Set(std::string_view key, std::string_view value) { return set_.Bind(1, key).Bind(2, value).Run(); }

Status Meta::Set(std::string_view key, std::int64_t value) { return Set(key, std::to_string(value)); }

}  // namespace outpost::engine
