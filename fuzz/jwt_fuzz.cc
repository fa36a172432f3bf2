// Tokens: text from anywhere, and header and claims of the fuzzer's own under a good signature. Laws: without our
// signature nothing is believed; what is believed is HS256, names valid ids, is not over, and reads back as itself.
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/base64url.h"
#include "fuzz/fuzz.h"
#include "protocol/json.h"
#include "server/routes/auth.h"

namespace outpost::fuzz {
namespace {

using server::Caller;

constexpr std::string_view kSecret = "a-secret-for-fuzzing-of-more-than-32-bytes";
constexpr Timestamp kNow{1'790'000'000'000};

std::string Signed(std::string_view header, std::string_view claims) {
  const std::string text = ToBase64Url(header) + "." + ToBase64Url(claims);
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), kSecret.data(), static_cast<int>(kSecret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac, &size);
  return text + "." + ToBase64Url({reinterpret_cast<const char*>(mac), size});
}

void CheckBelieved(const server::TokenAuthority& authority, std::string_view header, const Caller& caller) {
  const auto parsed = ParseJson(header);
  OUTPOST_ASSERT(parsed.ok() && StringOr(parsed.value().get_object(), "alg") == "HS256");
  OUTPOST_ASSERT(IsValidId(caller.user.value) && IsValidId(caller.workspace.value));
  OUTPOST_ASSERT(caller.expires + server::kExpiryLeeway >= kNow && caller.roles.size() <= server::kRolesMax);
  const std::string again_text = authority.Make(caller);
  if (again_text.size() > server::kTokenBytesMax) return;
  const auto again = authority.Verify(again_text, kNow);
  OUTPOST_ASSERT(again.ok() && again.value().user == caller.user && again.value().workspace == caller.workspace);
  OUTPOST_ASSERT(again.value().roles == caller.roles && again.value().device == caller.device);
}

}  // namespace
}  // namespace outpost::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace outpost;
  using namespace outpost::fuzz;
  static const server::TokenAuthority authority{std::string(kSecret)};
  static const server::TokenAuthority stranger{std::string(kSecret) + "-not-ours"};
  const auto parts = PartsOf(TextOf(data, size), "\n%%\n", 2);
  if (parts.size() == 1) {
    static_cast<void>(authority.Verify(parts[0], kNow));
    OUTPOST_ASSERT(!stranger.Verify(parts[0], kNow).ok());
    return 0;
  }
  const std::string token = Signed(parts[0], parts[1]);
  OUTPOST_ASSERT(!stranger.Verify(token, kNow).ok());
  const auto caller = authority.Verify(token, kNow);
  if (caller.ok()) CheckBelieved(authority, parts[0], caller.value());
  return 0;
}
