// A snapshot of the database: REPEATABLE READ, READ ONLY, on a connection of the pool. Short-lived: it ends with the
// object, so that no snapshot is held while an answer is written to a socket.
#pragma once

#include <functional>

#include "server/core/store.h"
#include "server/postgres/connection.h"

namespace outpost::server {

class PostgresRead : public ReadTransaction {
 public:
  using Return = std::function<void(std::unique_ptr<postgres::Connection>)>;

  // `give_back` gets the connection at the end. `epoch`: as the snapshot sees it.
  static Result<std::unique_ptr<PostgresRead>> Begin(std::unique_ptr<postgres::Connection> connection, Return give_back,
                                                     Epoch& epoch);
  ~PostgresRead() override;

  Result<WorkspaceHead> Head(const WorkspaceId& workspace) override;
  Result<std::optional<std::uint64_t>> TagAt(const WorkspaceId& workspace, Sequence seq) override;
  Result<FeedPage> ReadFeed(const WorkspaceId& workspace, const FeedQuery& query) override;
  Result<std::vector<OwnCommand>> OwnCommands(const WorkspaceId& workspace, const DeviceId& device, Sequence after,
                                              Sequence up_to) override;
  Result<std::optional<DocumentRow>> Get(const WorkspaceId& workspace, const DocumentKey& key) override;
  Result<DocumentList> List(const WorkspaceId& workspace, const CollectionName& collection, std::string_view field,
                            std::string_view value, std::string_view after, int limit) override;
  Result<std::vector<DeviceStatus>> Devices(const WorkspaceId& workspace) override;

 private:
  struct Workspace {
    std::int64_t row = 0;  // 0: absent
    WorkspaceHead head;
  };
  // Where the next rows of a feed begin: behind this change.
  struct FeedPlace {
    std::int64_t seq = 0;
    std::int64_t ordinal = 0;
    std::string id;
  };

  PostgresRead(std::unique_ptr<postgres::Connection> connection, Return give_back)
      : connection_(std::move(connection)), give_back_(std::move(give_back)) {}
  Result<const Workspace*> Find(const WorkspaceId& workspace);
  // The next rows in order, `rows_max` at most.
  Result<postgres::Rows> FeedRows(std::int64_t workspace, const FeedQuery& query, const FeedPlace& after,
                                  Sequence up_to, std::int64_t rows_max);

  std::unique_ptr<postgres::Connection> connection_;
  Return give_back_;
  WorkspaceId found_name_;
  std::optional<Workspace> found_;  // of one snapshot, so it cannot change
};

}  // namespace outpost::server
