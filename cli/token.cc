#include "cli/token.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/data_directory.h"
#include "cli/duration.h"
#include "cli/environment.h"
#include "server/routes/auth.h"
#include "server/routes/secret.h"

namespace outpost::cli {
namespace {

struct TokenOptions {
  std::string data;
  std::string workspace;
  std::string user;
  std::vector<std::string> roles;
  std::string device;
  std::string ttl = "12h";
};

int WrongUsage(const std::string& message) {
  std::fprintf(stderr, "outpost token: %s\n", message.c_str());
  return 2;
}

int Failed(const Error& error) {
  std::fprintf(stderr, "outpost token: %s\n", error.message.c_str());
  return 1;
}

Result<server::Caller> ReadCaller(const TokenOptions& options) {
  server::Caller caller{WorkspaceId(options.workspace), UserId(options.user), options.roles, std::nullopt, {}};
  if (!IsValidId(options.workspace))
    return Error{ErrorCode::kInvalidArgument, "--workspace must be 1 to 128 of [A-Za-z0-9_.:-]"};
  if (!IsValidId(options.user)) return Error{ErrorCode::kInvalidArgument, "--user must be 1 to 128 of [A-Za-z0-9_.:-]"};
  if (caller.roles.empty()) caller.roles.emplace_back("staff");
  if (!options.device.empty()) {
    if (!IsValidId(options.device))
      return Error{ErrorCode::kInvalidArgument, "--device must be 1 to 128 of [A-Za-z0-9_.:-]"};
    caller.device = DeviceId(options.device);
  }
  OUTPOST_TRY(const Milliseconds life, ParseDuration(options.ttl));
  caller.expires = SystemNow() + life;
  return caller;
}

int RunToken(const TokenOptions& options) {
  const auto caller = ReadCaller(options);
  if (!caller.ok()) return WrongUsage(caller.error().message);
  if (const Status made = MakeDataDirectory(options.data); !made.ok()) return Failed(made.error());
  auto secret = FindSecret("", options.data);
  if (!secret.ok()) return Failed(secret.error());
  std::printf("%s\n", server::TokenAuthority(std::move(secret).value()).Make(caller.value()).c_str());
  return 0;
}

}  // namespace

void RegisterToken(CLI::App& app, std::function<int()>& run) {
  auto options = std::make_shared<TokenOptions>();
  CLI::App* token = app.add_subcommand("token", "Print a bearer token");
  token->add_option("--data", options->data, "The server's data directory")->required();
  token->add_option("--workspace", options->workspace, "Workspace the token is for")->required();
  token->add_option("--user", options->user, "User the token names")->required();
  token
      ->add_option("--role", options->roles,
                   "admin, staff, kitchen, guest or terminal; may be repeated (default staff)")
      ->allow_extra_args(false)
      ->check(CLI::IsMember({"admin", "staff", "kitchen", "guest", "terminal"}));
  token->add_option("--device", options->device, "Device the token is bound to");
  token->add_option("--ttl", options->ttl, "How long it is valid, e.g. 12h")->capture_default_str();
  token->callback([options, &run] { run = [options] { return RunToken(*options); }; });
}

}  // namespace outpost::cli
