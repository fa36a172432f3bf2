#include "bench/load/connection.h"
#include "bench/load/figures.h"
#include "bench/load/loads.h"
#include "protocol/json.h"

namespace outpost::load {
namespace {

std::string_view LastLine(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  return text.substr(text.rfind('\n') + 1);
}

std::string PageRequest(const Target& target, int page, const std::string& cursor) {
  return "GET /sync/changes?limit=" + std::to_string(page) + (cursor.empty() ? "" : "&cursor=" + cursor) +
         " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + target.token +
         "\r\nAccept: application/x-ndjson\r\n\r\n";
}

}  // namespace

void RunPull(const Target& target, const PullLoad& load) {
  Connection connection(target.port);
  Poller poller;
  poller.Add(connection, 0);
  std::int64_t documents = 0, bytes = 0;
  std::string cursor;
  const auto start = Clock::now();
  for (bool more = true; more;) {
    connection.Send(PageRequest(target, load.page, cursor));
    Answer answer;
    while (answer.status == 0) {
      poller.Wait(1000, [&](std::size_t) {
        if (!connection.Fill()) Fail("the server closed the connection");
      });
      answer = TakeAnswer(connection.received());
    }
    if (answer.status != 200) Fail("answer " + std::to_string(answer.status) + ": " + answer.body);
    for (const char c : answer.body) documents += c == '\n';
    --documents;  // the last line has no document
    bytes += static_cast<std::int64_t>(answer.body.size());
    const auto last = ParseJson(LastLine(answer.body));
    if (!last.ok()) Fail("the last line is no JSON");
    cursor = std::string(StringOr(last.value().get_object(), "cursor"));
    more = Find(last.value().get_object(), "more")->get_bool();
  }
  const double seconds = SecondsSince(start);
  Figures()
      .Add("documents", static_cast<double>(documents))
      .Add("bytes", static_cast<double>(bytes))
      .Add("seconds", seconds)
      .Add("per_s", static_cast<double>(documents) / seconds)
      .Add("mb_per_s", static_cast<double>(bytes) / seconds / 1e6)
      .Print();
}

}  // namespace outpost::load
