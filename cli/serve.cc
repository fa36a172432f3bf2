#include "cli/serve.h"

#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "cli/config.h"
#include "cli/environment.h"
#include "cli/serving_store.h"
#include "server/postgres/connection.h"
#include "server/routes/server.h"

namespace outpost::cli {
namespace {

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

struct ServeOptions {
  std::string listen;
  std::string data;
  std::string postgres;
  std::string config;
  std::string upstream;
  std::string tls_cert;
  std::string tls_key;
  bool demo = false;
  bool behind_proxy = false;
};

int Say(int code, const std::string& message) {
  std::fprintf(stderr, "outpost serve: %s\n", message.c_str());
  return code;
}

// What cannot be served, with its exit code; nullopt: go on.
std::optional<int> Refuse(const ServeOptions& options, const Config& config) {
  if (!options.upstream.empty()) return Say(kFailed, "--upstream is not supported yet by this build");
  if (options.data.empty() && config.postgres_url.empty())
    return Say(kWrongUsage, "no store given: --data DIR or --postgres URL");
  if (!options.data.empty() && !config.postgres_url.empty())
    return Say(kWrongUsage, "two stores given: either --data DIR or a PostgreSQL database");
  if (options.demo && options.behind_proxy)
    return Say(kWrongUsage, "--demo hands out tokens and is not for use behind a proxy");
  return std::nullopt;
}

// Blocked in every thread, so that only the wait below takes them.
sigset_t BlockSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return set;
}

// SIGHUP: the certificate was renewed. Anything else ends the server.
void ServeUntilStopped(const sigset_t& set, server::Server& server, server::Log& log) {
  for (int number = 0; number != SIGTERM && number != SIGINT;) {
    if (sigwait(&set, &number) != 0 || number != SIGHUP) continue;
    const Status reread = server.RereadCertificates();
    const auto level = reread.ok() ? server::LogLevel::kInfo : server::LogLevel::kError;
    log.Event(level, reread.ok() ? "certificates reread" : "the old certificate stays", SystemNow(),
              reread.ok() ? "" : reread.error().message);
  }
}

// Each connection is an open file; the usual soft limit of 1024 would refuse the rest.
void RaiseFileLimit() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

bool UsesTls(const Config& config) { return !config.tls_cert.empty(); }

// The built applications: where the configuration says, else with --demo beside the program, if they were built.
Result<std::shared_ptr<const server::WebFiles>> FindApps(const Config& config, bool demo) {
  std::string folder = config.web_apps;
  if (folder.empty() && demo) {
    folder = ProgramFolder().value_or(".") + "/apps";
    std::error_code error;
    if (!std::filesystem::is_directory(folder, error)) folder.clear();
  }
  if (folder.empty()) return std::shared_ptr<const server::WebFiles>();
  OUTPOST_TRY(server::WebFiles files, server::WebFiles::Read(folder));
  return std::make_shared<const server::WebFiles>(std::move(files));
}

// Store, secret, server: what one process is made of, in the order it is taken.
Status Serve(const ServeOptions& options, const Config& config, const http::Address& listen) {
  server::Log log(config.log_level);
  for (const std::string& unknown : UnknownVariables(VariablesWith(kVariablePrefix)))
    log.Event(server::LogLevel::kWarning, "unknown variable", SystemNow(), unknown);
  OUTPOST_TRY(const auto store, options.data.empty() ? OpenDatabase(config, log) : OpenDirectory(options.data, config));
  server::ServerSettings settings;
  settings.listen = listen;
  settings.limits = config.limits;
  settings.queue_bytes_max = config.queue_bytes_max;
  settings.service = config.service;
  settings.service.collections = std::make_shared<const server::Collections>(config.collections);
  settings.policy = config.policy;
  settings.policy.tls = UsesTls(config);
  if (UsesTls(config)) settings.tls = http::TlsFiles{config.tls_cert, config.tls_key};
  settings.retention = config.retention;
  settings.demo = options.demo;
  OUTPOST_TRY(settings.apps, FindApps(config, options.demo));
  settings.random_seed = Entropy();
  OUTPOST_TRY(settings.secret, store->Secret());
  store->Prepare(settings);
  RaiseFileLimit();
  const sigset_t signals = BlockSignals();
  OUTPOST_TRY(const auto server, server::Server::Start(store->store(), std::move(settings), SystemNow, log));
  store->Join(*server);
  std::printf("listening on %s://%s\n", UsesTls(config) ? "https" : "http", http::ToString(server->address()).c_str());
  std::fflush(stdout);
  ServeUntilStopped(signals, *server, log);
  log.Event(server::LogLevel::kInfo, "stopping", SystemNow());
  server->Stop();
  store->Leave();
  return {};
}

int RunServe(const ServeOptions& options) {
  Config config;
  if (!options.config.empty()) {
    auto read = ReadConfig(options.config);
    if (!read.ok()) return Say(kWrongUsage, read.error().message);
    config = std::move(read).value();
  }
  if (const Status applied = ApplyEnvironment(config, Environment); !applied.ok()) {
    return Say(kWrongUsage, applied.error().message);
  }
  if (!options.postgres.empty()) config.postgres_url = options.postgres;
  if (const auto code = Refuse(options, config)) return *code;
  if (postgres::CarriesPassword(options.postgres))
    (void)Say(
        0, "the password in --postgres shows in process lists; PGPASSFILE, PGSERVICE or OUTPOST_POSTGRES_URL do not");
  if (!options.tls_cert.empty()) config.tls_cert = options.tls_cert;
  if (!options.tls_key.empty()) config.tls_key = options.tls_key;
  config.behind_proxy = config.behind_proxy || options.behind_proxy;
  if (config.tls_cert.empty() != config.tls_key.empty()) {
    return Say(kWrongUsage, "TLS needs both a certificate and its key: --tls-cert FILE --tls-key FILE");
  }
  const auto listen = http::ParseAddress(options.listen.empty() ? config.listen : options.listen);
  if (!listen.ok()) return Say(kWrongUsage, "--listen: " + listen.error().message);
  if (!http::IsLoopback(listen.value()) && !config.behind_proxy && !UsesTls(config)) {
    return Say(
        kWrongUsage,
        "tokens would cross the network in clear: beyond loopback use --tls-cert and --tls-key, or --behind-proxy when "
        "a proxy terminates TLS");
  }
  const Status served = Serve(options, config, listen.value());
  return served.ok() ? 0 : Say(kFailed, served.error().message);
}

}  // namespace

void RegisterServe(CLI::App& app, std::function<int()>& run) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App* serve = app.add_subcommand("serve", "Run the server");
  serve->add_option("--listen", options->listen, "ADDRESS:PORT, port 0 for any free one (default 127.0.0.1:8080)");
  serve->add_option("--data", options->data, "Directory of the embedded store");
  serve->add_option("--postgres", options->postgres,
                    "URL of a PostgreSQL database; what it leaves out comes from PGSERVICE, PGPASSFILE, …");
  serve->add_option("--config", options->config, "Configuration file (TOML)");
  serve->add_option("--upstream", options->upstream, "REST backend to stand in front of");
  serve->add_option("--tls-cert", options->tls_cert, "Certificate chain (PEM)");
  serve->add_option("--tls-key", options->tls_key, "Private key (PEM)");
  serve->add_flag("--demo", options->demo, "Seed a menu, show a start page at /, hand out tokens; loopback only");
  serve->add_flag("--behind-proxy", options->behind_proxy, "A proxy in front terminates TLS");
  serve->callback([options, &run] { run = [options] { return RunServe(*options); }; });
}

}  // namespace outpost::cli
