#include "cli/replay_count.h"

#include <chrono>
#include <optional>
#include <set>
#include <utility>
#include <variant>

#include "protocol/json.h"

namespace outpost::cli {
namespace {

using Steady = std::chrono::steady_clock;

constexpr int kCountPageLimit = 5000;
constexpr std::int64_t kCountTimeoutMs = 30'000;
constexpr Milliseconds kPollMax{100};
constexpr Milliseconds kRetryAfter{250};

enum class PageFault { kAgain, kStartOver, kFinal };

struct PageError {
  PageFault fault;
  Error error;
};

using Page = std::variant<ChangesPage, PageError>;

engine::HttpRequest PageRequest(const std::optional<Cursor>& cursor) {
  std::string target = "/sync/changes?collections=orders&limit=" + std::to_string(kCountPageLimit);
  if (cursor) target += "&cursor=" + cursor->value;  // base64url: nothing to escape
  return {"GET", std::move(target), {{"Accept", "application/x-ndjson"}}, ""};
}

Page ReadPage(const engine::HttpOutcome& outcome) {
  if (const auto* failure = std::get_if<engine::NetworkFailure>(&outcome)) {
    return PageError{PageFault::kAgain, {ErrorCode::kUnavailable, "the server does not answer: " + failure->reason}};
  }
  const auto& response = std::get<engine::HttpResponse>(outcome);
  const std::string status = "the server answers " + std::to_string(response.status);
  if (response.status == 410) return PageError{PageFault::kStartOver, {ErrorCode::kUnavailable, status}};
  if (response.status >= 500 || response.status == 429 || response.status == 408) {
    return PageError{PageFault::kAgain, {ErrorCode::kUnavailable, status}};
  }
  if (response.status != 200) return PageError{PageFault::kFinal, {ErrorCode::kRefused, status + " to the count"}};
  auto page = ChangesPageFromNdjson(response.body);
  if (!page.ok()) return PageError{PageFault::kAgain, page.error()};
  return std::move(page).value();
}

// One page, or why there is none. `exchange` must be new.
std::optional<Page> FetchPage(transport::HttpTransport& transport, engine::ExchangeId exchange,
                              const std::optional<Cursor>& cursor, const std::function<bool()>& stopped) {
  transport.Send(exchange, PageRequest(cursor), kCountTimeoutMs);
  while (!stopped()) {
    for (const transport::Finished& finished : transport.Poll(kPollMax)) {
      if (finished.exchange == exchange) return ReadPage(finished.outcome);
    }
  }
  transport.CancelAll();
  return std::nullopt;
}

struct OrderOnServer {
  std::int64_t lines = 0;
  std::int64_t items = 0;
  std::int64_t total = 0;
  std::int64_t payments = 0;
  bool settled = false;  // closed, and nothing due either way
};

Result<OrderOnServer> OrderFromDocument(std::string_view text) {
  OUTPOST_TRY(const json::value value, ParseJson(text));
  const json::object* object = value.if_object();
  const json::value* items = object == nullptr ? nullptr : Find(*object, "items");
  if (items == nullptr || !items->is_array()) return Error{ErrorCode::kCorrupt, "an order on the server has no items"};
  OrderOnServer order;
  for (const json::value& item : items->get_array()) {
    ++order.lines;
    if (item.is_object()) order.items += IntegerOr(item.get_object(), "quantity", 0);
  }
  const json::value* payments = Find(*object, "payments");
  if (payments != nullptr && payments->is_array())
    order.payments = static_cast<std::int64_t>(payments->get_array().size());
  order.total = IntegerOr(*object, "total", 0);
  order.settled = StringOr(*object, "status") == "CLOSED" && IntegerOr(*object, "balanceDue", 0) == 0;
  return order;
}

}  // namespace

Status OrderCounter::Take(const Change& change) {
  if (change.key.collection.value != "orders") return {};
  const auto expected = expected_->find(change.key.id);
  if (expected == expected_->end() || change.doc.empty()) return {};
  OUTPOST_TRY(const OrderOnServer order, OrderFromDocument(change.doc));
  Seen& seen = seen_[change.key.id];
  ++seen.times;
  seen.items = order.items;
  seen.total = order.total;
  seen.doubled = order.lines > expected->second.lines || order.payments > 1;
  seen.differs = order.lines != expected->second.lines || order.items != expected->second.items ||
                 order.total != expected->second.total || !order.settled;
  return {};
}

ServerCount OrderCounter::Finish() const {
  ServerCount count;
  for (const auto& [id, seen] : seen_) {
    ++count.orders;
    count.items += seen.items;
    count.amount += seen.total;
    if (seen.times > 1 || seen.doubled) ++count.duplicates;
    if (seen.differs) ++count.differing;
  }
  count.missing = static_cast<std::int64_t>(expected_->size() - seen_.size());
  return count;
}

Result<ServerCount> CountOnServer(transport::HttpTransport& transport, const ExpectedOrders& expected,
                                  const std::function<bool()>& stopped) {
  std::optional<Cursor> cursor;
  OrderCounter counter(expected);
  Steady::time_point answered = Steady::now();
  for (std::int64_t exchange = 1;; ++exchange) {
    auto page = FetchPage(transport, engine::ExchangeId(exchange), cursor, stopped);
    if (!page) return Error{ErrorCode::kBusy, "stopped before the count was done"};
    if (const auto* failed = std::get_if<PageError>(&*page)) {
      if (failed->fault == PageFault::kFinal || Steady::now() - answered > kCountPatience) return failed->error;
      if (failed->fault == PageFault::kStartOver) {
        cursor.reset();
        counter = OrderCounter(expected);
      }
      transport.Poll(kRetryAfter);  // nothing is under way: this only waits
      continue;
    }
    answered = Steady::now();
    const ChangesPage& changes = std::get<ChangesPage>(*page);
    for (const Change& change : changes.changes) OUTPOST_CHECK(counter.Take(change));
    cursor = changes.cursor;
    if (!changes.more) return counter.Finish();
  }
}

}  // namespace outpost::cli
