#include "server/routes/kitchen_queue.h"

#include <algorithm>

#include "protocol/json_span.h"
#include "server/core/feed.h"
#include "server/routes/documents.h"
#include "server/routes/problem_response.h"

namespace outpost::server {
namespace {

constexpr const char* kOpenStates[] = {"QUEUED", "IN_PROGRESS", "READY"};
constexpr int kPageTickets = 1000;
constexpr int kPagesMax = 20;  // of changes in one answer; the cursor leads on

struct Ticket {
  std::string sent_at;
  std::string body;
};

// The text of a member that is a plain string; empty otherwise.
std::string_view TextOf(std::string_view object, std::string_view name) {
  const auto text = MemberText(object, name);
  if (!text || text->size() < 2 || text->front() != '"') return {};
  return text->substr(1, text->size() - 2);
}

std::string QueueBody(std::vector<Ticket> tickets, const Cursor& cursor) {
  std::stable_sort(tickets.begin(), tickets.end(),
                   [](const Ticket& a, const Ticket& b) { return a.sent_at < b.sent_at; });
  std::string out = "{\"tickets\":[";
  for (std::size_t i = 0; i < tickets.size(); ++i) {
    if (i > 0) out += ',';
    out += tickets[i].body;
  }
  out += "],\"cursor\":";
  AppendJsonString(out, cursor.value);
  return out + "}";
}

PullRequest Subscription(std::string_view station) {
  PullRequest request;
  request.collections = {CollectionName("tickets")};
  if (!station.empty()) request.scope = "station:" + std::string(station);
  request.limit = kPageTickets;
  return request;
}

Status AddOpen(ReadTransaction& read, const Caller& caller, std::string_view status, std::string_view station,
               std::vector<Ticket>& tickets) {
  std::string after;
  do {
    OUTPOST_TRY(DocumentList list,
                read.List(caller.workspace, CollectionName("tickets"), "status", status, after, kPageTickets));
    for (DocumentRow& row : list.rows) {
      if (!station.empty() && TextOf(row.body, "station") != station) continue;
      std::string sent_at(TextOf(row.body, "sentAt"));
      tickets.push_back(Ticket{std::move(sent_at), std::move(row.body)});
    }
    after = std::move(list.next);
  } while (!after.empty());
  return {};
}

http::Response OpenTickets(Services& services, const Call& call, std::string_view station) {
  // The cursor first: what comes in between is told twice rather than never.
  const auto cursor = HeadCursor(services.store, call.caller, Subscription(station));
  if (!cursor.ok()) return ToResponse(StoreProblem(cursor.error()));
  auto read = services.store.BeginRead();
  if (!read.ok()) return ToResponse(StoreProblem(read.error()));
  std::vector<Ticket> tickets;
  for (const char* status : kOpenStates) {
    const Status added = AddOpen(*read.value(), call.caller, status, station, tickets);
    if (!added.ok()) return ToResponse(StoreProblem(added.error()));
  }
  return JsonResponse(QueueBody(std::move(tickets), cursor.value()));
}

http::Response ChangedTickets(Services& services, const Call& call, std::string_view station, std::string_view since) {
  PullRequest request = Subscription(station);
  request.cursor = Cursor(std::string(since));
  std::vector<Ticket> tickets;
  bool more = true;
  for (int page_number = 0; more && page_number < kPagesMax; ++page_number) {
    PullResult result = ReadChanges(services.store, call.caller, request);
    if (const auto* problem = std::get_if<Problem>(&result)) return ToResponse(*problem);
    auto& page = std::get<ChangesPage>(result);
    for (Change& change : page.changes) {
      std::string sent_at(TextOf(change.doc, "sentAt"));
      if (!change.doc.empty()) tickets.push_back(Ticket{std::move(sent_at), std::move(change.doc)});
    }
    request.cursor = page.cursor;
    more = page.more;
  }
  return JsonResponse(QueueBody(std::move(tickets), *request.cursor));
}

}  // namespace

http::Response KitchenQueue(Services& services, Call& call) {
  if (const auto problem = CheckReadable(call.caller, CollectionName("tickets"))) return ToResponse(*problem);
  const std::string_view since = call.Query("since");
  const std::string_view station = call.Query("station");
  return since.empty() ? OpenTickets(services, call, station) : ChangedTickets(services, call, station, since);
}

}  // namespace outpost::server
