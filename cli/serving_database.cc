#include <atomic>

#include "cli/data_directory.h"
#include "cli/environment.h"
#include "cli/serving_store.h"
#include "server/postgres/change_channel.h"
#include "server/postgres/postgres_store.h"

namespace outpost::cli {
namespace {

class ServingDatabase : public ServingStore {
 public:
  ServingDatabase(server::PostgresStoreOptions options, std::string secret,
                  std::vector<std::unique_ptr<server::PostgresStore>> stores)
      : options_(std::move(options)), secret_(std::move(secret)), stores_(std::move(stores)) {}

  server::Store& store() override { return *stores_.front(); }
  Result<std::string> Secret() override { return secret_; }
  void Prepare(server::ServerSettings& settings) override {
    for (std::size_t i = 1; i < stores_.size(); ++i) settings.more_writers.push_back(stores_[i].get());
    settings.on_commit = [this](const WorkspaceId& workspace) {
      server::ChangeChannel* const open = announcing_;
      if (open != nullptr) open->Announce(workspace);
    };
  }
  void Join(server::Server& server) override {
    channel_ = std::make_unique<server::ChangeChannel>(
        options_.connection, [&server](const WorkspaceId& workspace) { server.Changed(workspace); },
        [&server] { return server.Watched(); });
    announcing_ = channel_.get();
  }
  void Leave() override {
    announcing_ = nullptr;
    channel_.reset();
  }

 private:
  const server::PostgresStoreOptions options_;
  const std::string secret_;
  std::vector<std::unique_ptr<server::PostgresStore>> stores_;
  std::unique_ptr<server::ChangeChannel> channel_;
  std::atomic<server::ChangeChannel*> announcing_{nullptr};  // the channel, for the threads that commit
};

// Every server on the database must sign and verify with the same one, so none is made here.
Result<std::string> SharedSecret(const std::string& configured_file) {
  const bool given = Environment("OUTPOST_JWT_SECRET") || Environment("OUTPOST_JWT_SECRET_FILE");
  if (!given && configured_file.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 "no secret to verify tokens with: set OUTPOST_JWT_SECRET, OUTPOST_JWT_SECRET_FILE or jwt.secret_file, "
                 "the same for every server on the database"};
  }
  return FindSecret(configured_file, "");
}

}  // namespace

Result<std::unique_ptr<ServingStore>> OpenDatabase(const Config& config, server::Log& log) {
  OUTPOST_TRY(std::string secret, SharedSecret(config.secret_file));
  server::PostgresStoreOptions options;
  options.connection.url = config.postgres_url;
  options.connection.schema = config.postgres_schema;
  options.connection.report = [&log](const std::string& text) {
    log.Event(server::LogLevel::kWarning, "the database said", SystemNow(), text);
  };
  options.durability = config.postgres_durability;
  options.random_seed = Entropy();
  std::vector<std::unique_ptr<server::PostgresStore>> stores;
  Random random(Entropy());
  for (int i = 0; i < config.postgres_writers; ++i) {
    OUTPOST_TRY(auto store, server::PostgresStore::Open(options, random));
    stores.push_back(std::move(store));
  }
  return std::unique_ptr<ServingStore>(new ServingDatabase(std::move(options), std::move(secret), std::move(stores)));
}

}  // namespace outpost::cli
