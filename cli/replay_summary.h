// What a replay came to, for people (a table) and for programs (one JSON object on the last line).
#pragma once

#include <cstdint>
#include <string>

#include "cli/order_book.h"
#include "cli/replay_count.h"

namespace outpost::cli {

struct ReplaySummary {
  BookTotals played;
  ServerCount server;
  std::int64_t waiting = 0;
  std::int64_t refused = 0;
  std::int64_t skipped_lines = 0;
  double seconds = 0;  // until every device was done; the count comes after
  double commands_per_second = 0;
  bool complete = false;  // every device came to its end, and the server could be counted

  // Both sides agree, nothing waits, nothing was refused.
  bool agrees() const;
};

std::string ToTable(const ReplaySummary& summary);
std::string ToJson(const ReplaySummary& summary);

}  // namespace outpost::cli
