// The bearer token of a client on the command line: from a file or from OUTPOST_TOKEN, never from an argument, and
// never printed. Its claims are read without being verified: that is the server's affair.
#pragma once

#include <string>

#include "base/result.h"
#include "protocol/ids.h"

namespace outpost::cli {

struct ClientToken {
  std::string text;
  WorkspaceId workspace;
  UserId user;
};

// `file` empty: OUTPOST_TOKEN. kNotFound: there is none; kInvalidArgument: it is no JWT with "ws" and "sub".
Result<ClientToken> ReadClientToken(const std::string& file);

Result<ClientToken> ParseClientToken(std::string text);

}  // namespace outpost::cli
