#include <memory>
#include <vector>

#include "base/ulid.h"
#include "bench/load/connection.h"
#include "bench/load/figures.h"
#include "bench/load/loads.h"
#include "bench/orders.h"

namespace outpost::load {
namespace {

constexpr double kWarmUpSeconds = 1;

class OrdersRun {
 public:
  OrdersRun(const Target& target, const OrdersLoad& load) : target_(target), load_(load) {
    json::object order = bench::OrderPayload("ORDER");
    order.erase("id");
    body_ = ToJson(json::value(order));
  }

  void Run() {
    for (int i = 0; i < load_.connections; ++i) {
      clients_.push_back({std::make_unique<Connection>(target_.port), {}});
      poller_.Add(*clients_.back().connection, static_cast<std::size_t>(i));
    }
    Steady(kWarmUpSeconds);
    latencies_ms_.clear();
    orders_ = 0;
    const auto start = Clock::now();
    Steady(load_.seconds);
    const double seconds = SecondsSince(start);
    Figures()
        .Add("orders", static_cast<double>(orders_))
        .Add("seconds", seconds)
        .Add("per_s", static_cast<double>(orders_) / seconds)
        .AddLatencies("answer", std::move(latencies_ms_))
        .Print();
  }

 private:
  struct Client {
    std::unique_ptr<Connection> connection;
    Clock::time_point sent;
  };

  // Keeps every client busy for so long, then waits for the last answers.
  void Steady(double seconds) {
    const auto start = Clock::now();
    std::size_t under_way = clients_.size();
    for (Client& client : clients_) SendNext(client);
    while (under_way > 0) {
      poller_.Wait(1000, [&](std::size_t number) {
        Client& client = clients_[number];
        if (!client.connection->Fill()) Fail("the server closed a connection");
        const Answer answer = TakeAnswer(client.connection->received());
        if (answer.status == 0) return;
        Count(client, answer);
        if (SecondsSince(start) < seconds) {
          SendNext(client);
        } else {
          --under_way;
        }
      });
    }
  }

  void Count(const Client& client, const Answer& answer) {
    const bool one = load_.batch == 0;
    if (answer.status != (one ? 201 : 200)) Fail("answer " + std::to_string(answer.status) + ": " + answer.body);
    if (!one && answer.body.find("\"FAILED\"") != std::string::npos) Fail("a command was refused: " + answer.body);
    orders_ += one ? 1 : load_.batch;
    latencies_ms_.push_back(MillisecondsSince(client.sent));
  }

  void SendNext(Client& client) {
    const std::string request = load_.batch == 0 ? OneOrder() : Batch();
    client.sent = Clock::now();
    client.connection->Send(request);
  }

  std::string NewId() { return ulids_.Next(Timestamp{1'790'000'000'000 + made_++ / 100}); }

  std::string Request(const std::string& path, const std::string& more, const std::string& body) const {
    return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + target_.token +
           "\r\nContent-Type: application/json\r\n" + more + "Content-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
  }
  std::string OneOrder() { return Request("/pos/orders", "Idempotency-Key: " + NewId() + "\r\n", body_); }
  std::string Batch() {
    std::string commands;
    for (int i = 0; i < load_.batch; ++i) {
      commands +=
          (i == 0 ? "{\"id\":\"" : ",{\"id\":\"") + NewId() + R"(","type":"ORDER_CREATE_V1","payload":)" + body_ + "}";
    }
    return Request("/sync/commands", "", "{\"commands\":[" + commands + "]}");
  }

  const Target& target_;
  const OrdersLoad& load_;
  std::string body_;
  Random random_{static_cast<std::uint64_t>(Clock::now().time_since_epoch().count())};
  UlidGenerator ulids_{random_};
  std::int64_t made_ = 0;
  Poller poller_;
  std::vector<Client> clients_;
  std::vector<double> latencies_ms_;
  std::int64_t orders_ = 0;
};

}  // namespace

void RunOrders(const Target& target, const OrdersLoad& load) { OrdersRun(target, load).Run(); }

}  // namespace outpost::load
