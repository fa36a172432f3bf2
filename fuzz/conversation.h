// The whole server without sockets: text of requests in, answers out. Each conversation has a workspace of its own, so
// that what one input does never depends on the inputs before it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "server/routes/application.h"
#include "server/routes/auth.h"
#include "server/sqlite/sqlite_store.h"

namespace outpost::fuzz {

class Conversation {
 public:
  Conversation();
  ~Conversation();

  // A new workspace.
  void Begin();
  // One request: a head, an empty line, a body. Host, token and length are added where the text has none; `Role: x` in
  // the head chooses the token's role. Nullopt: what the grammar of HTTP refuses before there is an answer.
  std::optional<http::Response> Ask(std::string_view text);

 private:
  std::string WithMissingHeaders(std::string_view head, std::string_view body);
  std::string Token(const std::string& role);
  std::optional<http::Response> Handle(http::Request request, std::string body);

  std::string folder_;
  Random random_{1};
  std::unique_ptr<server::SqliteStore> store_;
  server::Log log_{server::LogLevel::kOff};
  server::TokenAuthority tokens_;
  std::unique_ptr<server::Application> application_;
  std::uint64_t conversations_ = 0;
};

}  // namespace outpost::fuzz
