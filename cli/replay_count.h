// The other side of the ledger: what the server holds of a run's orders, pulled page by page as any client would, and
// compared order by order with what was played.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "protocol/ids.h"
#include "protocol/pull.h"
#include "transport/http_transport.h"

namespace outpost::cli {

// A server that is away is waited for this long, from its last answer.
inline constexpr Milliseconds kCountPatience{60'000};

struct ExpectedOrder {
  std::int64_t lines = 0;
  std::int64_t items = 0;
  std::int64_t total = 0;
};
using ExpectedOrders = std::map<DocumentId, ExpectedOrder>;

struct ServerCount {
  std::int64_t orders = 0;
  std::int64_t items = 0;
  std::int64_t amount = 0;
  std::int64_t duplicates = 0;  // orders that came twice, hold a line twice, or were paid twice
  std::int64_t differing = 0;   // orders whose lines, items, total or state are not what was played
  std::int64_t missing = 0;
};

// Counts one consistent cut.
class OrderCounter {
 public:
  explicit OrderCounter(const ExpectedOrders& expected) : expected_(&expected) {}

  // Orders of others are passed over. kCorrupt: a document is not what an order looks like.
  Status Take(const Change& change);
  ServerCount Finish() const;

 private:
  struct Seen {
    std::int64_t items = 0;
    std::int64_t total = 0;
    int times = 0;
    bool doubled = false;
    bool differs = false;
  };

  const ExpectedOrders* expected_;
  std::map<DocumentId, Seen> seen_;
};

// kUnavailable: the server was away for too long; kRefused: it does not let this token read; kBusy: `stopped` said so.
Result<ServerCount> CountOnServer(transport::HttpTransport& transport, const ExpectedOrders& expected,
                                  const std::function<bool()>& stopped);

}  // namespace outpost::cli
