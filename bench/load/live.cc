#include <algorithm>
#include <charconv>
#include <deque>
#include <memory>
#include <vector>

#include "bench/load/connection.h"
#include "bench/load/figures.h"
#include "bench/load/loads.h"

namespace outpost::load {
namespace {

constexpr int kOpeningAtOnce = 64;
constexpr std::size_t kWriters = 32;
constexpr double kSettleSeconds = 2;
constexpr double kLastDeliveryWaitSeconds = 10;
constexpr std::string_view kMark = "\"commit\":";  // in every document: the number of the commit that made it

class LiveRun {
 public:
  LiveRun(const Target& target, const LiveLoad& load) : target_(target), load_(load) {}

  void Run() {
    const std::int64_t empty = ResidentBytes(load_.server_pid);
    Open(load_.events, false);
    const std::int64_t with_events = ResidentBytes(load_.server_pid);
    Open(load_.websockets, true);
    const std::int64_t with_all = ResidentBytes(load_.server_pid);
    for (std::size_t i = 0; i < kWriters; ++i) {
      writers_.push_back({std::make_unique<Connection>(target_.port)});
      poller_.Add(*writers_.back().connection, kWriterNumbers + i);
      free_writers_.push_back(i);
    }
    Commit();
    const auto per = [](std::int64_t bytes, int count) {
      return count == 0 ? 0 : static_cast<double>(bytes) / count / 1024;
    };
    Figures()
        .Add("kib_per_event_stream", per(with_events - empty, load_.events))
        .Add("kib_per_websocket", per(with_all - with_events, load_.websockets))
        .Add("kib_per_connection", per(with_all - empty, load_.events + load_.websockets))
        .Add("kib_per_connection_under_load",
             per(ResidentBytes(load_.server_pid) - empty, load_.events + load_.websockets))
        .Add("commits", static_cast<double>(commits_.size()))
        .Add("not_delivered", static_cast<double>(NotDelivered()))
        .Add("deliveries", static_cast<double>(deliveries_))
        .AddLatencies("answer", Latencies(&CommitRecord::answered))
        .AddLatencies("last_delivery", Latencies(&CommitRecord::delivered))
        .Print();
  }

 private:
  static constexpr std::size_t kWriterNumbers = 1u << 30;
  struct Subscriber {
    std::unique_ptr<Connection> connection;
    bool open = false;
  };
  struct Writer {
    std::unique_ptr<Connection> connection;
    std::size_t commit = 0;
  };
  struct CommitRecord {
    Clock::time_point due;
    double answered = -1;   // milliseconds after it was due
    double delivered = -1;  // to the last of its subscribers
    int deliveries = 0;
  };

  void Open(int count, bool websocket) {
    const std::size_t first = subscribers_.size();
    const std::size_t end = first + static_cast<std::size_t>(count);
    std::size_t open = first;
    opened_ = 0;
    while (opened_ < count) {
      while (open < end && static_cast<int>(open - first) - opened_ < kOpeningAtOnce) {
        subscribers_.push_back({std::make_unique<Connection>(target_.port)});
        poller_.Add(*subscribers_.back().connection, open);
        subscribers_.back().connection->Send(Handshake(static_cast<int>(open) % load_.scopes, websocket));
        ++open;
      }
      Poll(1000);
    }
    const auto settled = Clock::now();
    while (SecondsSince(settled) < kSettleSeconds) Poll(50);
  }

  std::string Handshake(int scope, bool websocket) const {
    std::string text = "GET /sync/live?collections=tasks&scope=room:r" + std::to_string(scope) +
                       " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + target_.token + "\r\n";
    if (websocket) {
      text +=
          "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    }
    return text + "\r\n";
  }

  // Due at a steady rate whatever the server does: what cannot be sent yet is late from the moment it was due.
  void Commit() {
    const auto start = Clock::now();
    const auto wanted = static_cast<std::size_t>(load_.commits_per_second * load_.seconds);
    commits_.reserve(wanted);
    std::size_t sent = 0;
    while (sent < wanted || (NotDelivered() > 0 && SecondsSince(start) < load_.seconds + kLastDeliveryWaitSeconds)) {
      const auto due = static_cast<std::size_t>(SecondsSince(start) * load_.commits_per_second);
      while (commits_.size() < std::min(due, wanted)) {
        const auto after =
            std::chrono::duration<double>(static_cast<double>(commits_.size()) / load_.commits_per_second);
        commits_.push_back({start + std::chrono::duration_cast<Clock::duration>(after)});
      }
      while (sent < commits_.size() && !free_writers_.empty()) SendCommit(sent++);
      Poll(1);
    }
  }

  void SendCommit(std::size_t number) {
    Writer& writer = writers_[free_writers_.front()];
    free_writers_.pop_front();
    writer.commit = number;
    const std::string body = R"({"doc":{"room":"r)" + std::to_string(number % static_cast<std::size_t>(load_.scopes)) +
                             R"(","title":"one of many",)" + std::string(kMark) + std::to_string(number) + "}}";
    writer.connection->Send(
        "POST /collections/tasks HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + target_.token +
        "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }

  void Poll(int timeout_ms) {
    poller_.Wait(timeout_ms, [&](std::size_t number) {
      if (number >= kWriterNumbers) {
        ReadWriter(number - kWriterNumbers);
      } else {
        ReadSubscriber(subscribers_[number]);
      }
    });
  }

  void ReadWriter(std::size_t number) {
    Writer& writer = writers_[number];
    if (!writer.connection->Fill()) Fail("the server closed a writer's connection");
    const Answer answer = TakeAnswer(writer.connection->received());
    if (answer.status == 0) return;
    if (answer.status != 201) Fail("answer " + std::to_string(answer.status) + ": " + answer.body);
    commits_[writer.commit].answered = MillisecondsSince(commits_[writer.commit].due);
    free_writers_.push_back(number);
  }

  void ReadSubscriber(Subscriber& subscriber) {
    if (!subscriber.connection->Fill()) Fail("the server closed a stream");
    std::string& text = subscriber.connection->received();
    if (!subscriber.open) {
      if (text.find("\r\n\r\n") == std::string::npos) return;
      if (text.compare(0, 12, "HTTP/1.1 200") != 0 && text.compare(0, 12, "HTTP/1.1 101") != 0) Fail(text);
      subscriber.open = true;
      ++opened_;
      text.clear();
      return;
    }
    TakeDeliveries(text);
  }

  // Leaves what may be the beginning of a mark cut in two.
  void TakeDeliveries(std::string& text) {
    std::size_t at = 0;
    for (std::size_t found = text.find(kMark); found != std::string::npos; found = text.find(kMark, at)) {
      const std::size_t digits = found + kMark.size();
      const std::size_t end = text.find_first_not_of("0123456789", digits);
      if (end == std::string::npos) break;
      std::size_t number = 0;
      std::from_chars(text.data() + digits, text.data() + end, number);
      Delivered(number);
      at = end;
    }
    const std::size_t keep = text.find(kMark, at);
    const std::size_t tail = text.size() - std::min(text.size() - at, kMark.size() - 1);
    text.erase(0, keep == std::string::npos ? tail : keep);
  }

  void Delivered(std::size_t number) {
    CommitRecord& commit = commits_.at(number);
    ++deliveries_;
    if (++commit.deliveries == (load_.events + load_.websockets) / load_.scopes)
      commit.delivered = MillisecondsSince(commit.due);
  }

  std::int64_t NotDelivered() const {
    return std::count_if(commits_.begin(), commits_.end(), [](const CommitRecord& c) { return c.delivered < 0; });
  }
  std::vector<double> Latencies(double CommitRecord::*which) const {
    std::vector<double> latencies;
    for (const CommitRecord& commit : commits_) {
      if (commit.*which >= 0) latencies.push_back(commit.*which);
    }
    return latencies;
  }

  const Target& target_;
  const LiveLoad& load_;
  Poller poller_;
  std::vector<Subscriber> subscribers_;
  std::vector<Writer> writers_;
  std::deque<std::size_t> free_writers_;
  std::vector<CommitRecord> commits_;
  std::int64_t deliveries_ = 0;
  int opened_ = 0;
};

}  // namespace

void RunLive(const Target& target, const LiveLoad& load) { LiveRun(target, load).Run(); }

}  // namespace outpost::load
