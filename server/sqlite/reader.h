// A reading connection of a SQLite store with its statements: feed pages, lists, look-ups, inside a snapshot that
// SqliteReadTransaction opens and closes. One thread at a time; the store pools readers.
#pragma once

#include <list>

#include "server/sqlite/names.h"
#include "server/sqlite/places.h"

namespace outpost::server {

class Reader {
 public:
  static Result<std::unique_ptr<Reader>> Prepare(sqlite::Connection& connection);

  sqlite::Connection& connection() { return connection_; }

  Result<WorkspaceHead> Head(const WorkspaceId& workspace);
  Result<std::optional<std::uint64_t>> TagAt(const WorkspaceId& workspace, Sequence seq);
  Result<FeedPage> ReadFeed(const WorkspaceId& workspace, const FeedQuery& query);
  Result<std::vector<OwnCommand>> OwnCommands(const WorkspaceId& workspace, const DeviceId& device, Sequence after,
                                              Sequence up_to);
  Result<std::optional<DocumentRow>> Get(const WorkspaceId& workspace, const DocumentKey& key);
  Result<DocumentList> List(const WorkspaceId& workspace, const CollectionName& collection, std::string_view field,
                            std::string_view value, std::string_view after, int limit);
  Result<std::vector<DeviceStatus>> Devices(const WorkspaceId& workspace);

 private:
  // Sorted rows of one part of a feed query; a page merges several.
  struct Stream;

  explicit Reader(sqlite::Connection& connection) : connection_(connection) {}
  Status PrepareStatements();
  Result<WorkspaceRow> Find(const WorkspaceId& workspace);  // 0: absent
  Result<std::vector<Stream>> OpenStreams(WorkspaceRow workspace, const FeedQuery& query, Sequence up_to);
  Status OpenCollection(WorkspaceRow workspace, const CollectionName& collection, const FeedQuery& query,
                        Sequence up_to, std::vector<Stream>& streams);
  Result<bool> Advance(Stream& stream);
  Result<Change> ReadChange(Stream& stream);
  Result<FeedPage> Merge(std::vector<Stream>& streams, const FeedQuery& query, Sequence up_to);

  sqlite::Connection& connection_;
  Names names_;
  sqlite::Statement find_workspace_, command_at_, own_, own_aliases_, get_, get_internal_, list_, list_by_field_,
      devices_;
};

}  // namespace outpost::server
