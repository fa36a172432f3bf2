// SHA-256 (FIPS 180-4), because fingerprints are computed by the same code in the browser, where no OpenSSL package
// exists, and on the server. Checked against OpenSSL in sha256_test.cc. Not used for passwords or signatures.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace outpost {

using Digest = std::array<std::uint8_t, 32>;

class Sha256 {
 public:
  Sha256();
  void Update(std::string_view bytes);
  Digest Finish();

 private:
  std::array<std::uint32_t, 8> state_;
  std::array<std::uint8_t, 64> buffer_{};
  std::size_t buffered_ = 0;
  std::uint64_t length_bytes_ = 0;
};

Digest Sha256Of(std::string_view bytes);
// Lower-case hexadecimal.
std::string ToHex(const Digest& digest);
std::string ToHex(std::string_view bytes);

}  // namespace outpost
