#include "cli/client_token.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "base/base64url.h"
#include "protocol/json.h"

namespace outpost::cli {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

std::string Trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

}  // namespace

Result<ClientToken> ParseClientToken(std::string text) {
  const Error not_a_token = {ErrorCode::kInvalidArgument, "the token is no JWT that names a workspace and a user"};
  const std::size_t first = text.find('.');
  const std::size_t second = text.find('.', first + 1);
  if (first == std::string::npos || second == std::string::npos) return not_a_token;
  const auto bytes = FromBase64Url(std::string_view(text).substr(first + 1, second - first - 1));
  if (!bytes.ok()) return not_a_token;
  const auto claims = ParseJson(bytes.value());
  if (!claims.ok() || !claims.value().is_object()) return not_a_token;
  const json::object& object = claims.value().get_object();
  ClientToken token;
  token.workspace = WorkspaceId(std::string(StringOr(object, "ws")));
  token.user = UserId(std::string(StringOr(object, "sub")));
  if (token.workspace.value.empty() || token.user.value.empty()) return not_a_token;
  token.text = std::move(text);
  return token;
}

Result<ClientToken> ReadClientToken(const std::string& file) {
  if (file.empty()) {
    const char* text = std::getenv("OUTPOST_TOKEN");
    if (text == nullptr || *text == '\0') {
      return Error{ErrorCode::kNotFound, "no token: set OUTPOST_TOKEN or give --token-file"};
    }
    return ParseClientToken(Trimmed(text));
  }
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return Error{ErrorCode::kNotFound, "the token file cannot be read: " + file};
  return ParseClientToken(Trimmed({std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()}));
}

}  // namespace outpost::cli
