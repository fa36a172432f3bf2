// gzip for answers that are worth it. Costs about 5 ms a megabyte: call it off the I/O thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace outpost::http {

inline constexpr std::size_t kGzipBytesMin = 1024;

// Whether an Accept-Encoding header takes gzip (q=0 says no).
bool AcceptsGzip(std::string_view accept_encoding);
// Nullopt when memory is short or compression would not make it smaller.
std::optional<std::string> Gzip(std::string_view bytes);

}  // namespace outpost::http
