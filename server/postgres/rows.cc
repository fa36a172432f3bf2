#include "server/postgres/rows.h"

namespace outpost::postgres {

std::int64_t Rows::Integer(int row, int column) const {
  const std::string_view bytes = Text(row, column);
  if (bytes.empty()) return 0;
  // Big-endian, of the type's width; the first byte carries the sign. A boolean is one byte.
  std::uint64_t value = bytes.size() > 1 && (bytes[0] & 0x80) != 0 ? ~std::uint64_t{0} : 0;
  for (const char byte : bytes) value = (value << 8) | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(value);
}

std::string_view Rows::Text(int row, int column) const {
  const int length = PQgetlength(result_.get(), row, column);
  return {PQgetvalue(result_.get(), row, column), static_cast<std::size_t>(length)};
}

}  // namespace outpost::postgres
