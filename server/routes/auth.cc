#include "server/routes/auth.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>

#include "base/base64url.h"
#include "protocol/json.h"

namespace outpost::server {
namespace {

// {"alg":"HS256","typ":"JWT"}
constexpr std::string_view kAudience = "outpost";  // what `aud` has to name, where a token has one
constexpr std::string_view kHeader = R"({"alg":"HS256","typ":"JWT"})";

Error Refused(const char* reason) { return Error{ErrorCode::kRefused, reason}; }

Result<json::object> DecodePart(std::string_view part) {
  OUTPOST_TRY(const std::string text, FromBase64Url(part));
  OUTPOST_TRY(json::value value, ParseJson(text));
  if (!value.is_object()) return Refused("the token is malformed");
  return std::move(value.as_object());
}

Status CheckHeader(std::string_view part) {
  const auto header = DecodePart(part);
  if (!header.ok()) return Refused("the token is malformed");
  if (StringOr(header.value(), "alg") != "HS256") return Refused("the token's algorithm is not HS256");
  if (Find(header.value(), "crit") != nullptr) return Refused("the token demands extensions");
  return {};
}

Result<Timestamp> ReadExpiry(const json::object& claims) {
  const json::value* expiry = Find(claims, "exp");
  if (expiry == nullptr) return Refused("the token has no exp");
  if (IsInteger(*expiry))
    return Timestamp{AsInteger(*expiry) > kIntegerMax / 1000 ? kIntegerMax : AsInteger(*expiry) * 1000};
  if (expiry->is_double()) return Timestamp{static_cast<std::int64_t>(expiry->as_double()) * 1000};
  return Refused("the token's exp is no number");
}

bool NamesUs(const json::value& audience) {
  if (audience.is_string()) return audience.get_string() == kAudience;
  return audience.is_array() &&
         std::any_of(audience.get_array().begin(), audience.get_array().end(),
                     [](const json::value& one) { return one.is_string() && one.get_string() == kAudience; });
}

// Claims a token need not have, but that bind where they are (RFC 7519, 4.1.3 and 4.1.5).
Status CheckRestrictions(const json::object& claims, Timestamp now) {
  if (const json::value* audience = Find(claims, "aud"); audience != nullptr && !NamesUs(*audience))
    return Refused("the token is for somebody else");
  const json::value* start = Find(claims, "nbf");
  if (start == nullptr) return {};
  if (!start->is_number()) return Refused("the token's nbf is no number");
  const double start_ms = start->to_number<double>() * 1000;
  if (start_ms > static_cast<double>((now + kExpiryLeeway).ms)) return Refused("the token is not valid yet");
  return {};
}

Result<std::vector<std::string>> ReadRoles(const json::object& claims) {
  std::vector<std::string> roles;
  const json::value* list = Find(claims, "roles");
  if (list == nullptr) return roles;
  if (!list->is_array() || list->as_array().size() > kRolesMax)
    return Refused("the token's roles are no list of names");
  for (const json::value& role : list->as_array()) {
    if (!role.is_string()) return Refused("the token's roles are no list of names");
    roles.emplace_back(role.as_string());
  }
  return roles;
}

Result<Caller> ReadClaims(const json::object& claims) {
  const std::string_view user = StringOr(claims, "sub");
  const std::string_view workspace = StringOr(claims, "ws");
  if (!IsValidId(user) || !IsValidId(workspace)) return Refused("the token needs valid sub and ws");
  Caller caller{WorkspaceId(std::string(workspace)), UserId(std::string(user)), {}, std::nullopt, {}};
  OUTPOST_TRY(caller.expires, ReadExpiry(claims));
  OUTPOST_TRY(caller.roles, ReadRoles(claims));
  if (const json::value* device = Find(claims, "dev")) {
    if (!device->is_string() || !IsValidId(device->as_string())) return Refused("the token's dev is no valid id");
    caller.device = DeviceId(std::string(device->as_string()));
  }
  return caller;
}

}  // namespace

bool IsLongEnough(std::string_view secret) { return secret.size() >= kSecretBytesMin; }

TokenAuthority::TokenAuthority(std::string secret) : secret_(std::move(secret)) {
  OUTPOST_ASSERT(IsLongEnough(secret_));
}

std::string TokenAuthority::Sign(std::string_view text) const {
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  const unsigned char* done = HMAC(EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()),
                                   reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac, &size);
  OUTPOST_ASSERT(done != nullptr);
  return ToBase64Url(std::string_view(reinterpret_cast<const char*>(mac), size));
}

Result<Caller> TokenAuthority::Verify(std::string_view token, Timestamp now) const {
  if (token.empty() || token.size() > kTokenBytesMax) return Refused("the token is missing or too long");
  const std::size_t first = token.find('.');
  const std::size_t last = token.rfind('.');
  if (first == std::string_view::npos || first == last || token.find('.', first + 1) != last)
    return Refused("the token is malformed");
  OUTPOST_CHECK(CheckHeader(token.substr(0, first)));
  const std::string expected = Sign(token.substr(0, last));
  const std::string_view given = token.substr(last + 1);
  if (given.size() != expected.size() || CRYPTO_memcmp(given.data(), expected.data(), expected.size()) != 0) {
    return Refused("the token's signature is not ours");
  }
  const auto claims = DecodePart(token.substr(first + 1, last - first - 1));
  if (!claims.ok()) return Refused("the token is malformed");
  OUTPOST_TRY(Caller caller, ReadClaims(claims.value()));
  OUTPOST_CHECK(CheckRestrictions(claims.value(), now));
  if (caller.expires + kExpiryLeeway < now) return Refused("the token has expired");
  return caller;
}

std::string TokenAuthority::Make(const Caller& caller) const {
  json::object claims;
  claims["sub"] = caller.user.value;
  claims["ws"] = caller.workspace.value;
  claims["exp"] = caller.expires.ms / 1000;
  json::array roles;
  for (const std::string& role : caller.roles) roles.emplace_back(role);
  claims["roles"] = std::move(roles);
  if (caller.device) claims["dev"] = caller.device->value;
  const std::string text = ToBase64Url(kHeader) + "." + ToBase64Url(ToJson(json::value(std::move(claims))));
  return text + "." + Sign(text);
}

}  // namespace outpost::server
