// The lease on flushing a store (O11): who of several processes sends, and until when. Its token rises with every
// holder. A holder asks for its own token inside each transaction that applies what the network said: one that slept
// past its time finds another's and changes nothing. Every method inside the caller's transaction.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "sqlite/connection.h"

namespace outpost::engine {

struct Lease {
  std::string holder;
  std::int64_t token = 0;
  Timestamp expires_at;
};

class LeaseTable {
 public:
  Status Prepare(sqlite::Connection& connection);

  Result<std::optional<Lease>> Read();
  Status Write(const Lease& lease);

 private:
  sqlite::Statement read_, write_;
};

}  // namespace outpost::engine
