// What a step costs a device on which few or many commands wait, thousands of them on the same articles: an execute, a
// page of others' changes, a rebase, an answer, an open. Prints a JSON line per step and depth; `n` is the depth and
// p50_ms the figure to compare. No server: pages and answers are made here.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "bench/orders.h"
#include "bench/scratch.h"
#include "bench/workloads/report.h"
#include "engine/device/device.h"
#include "protocol/pull.h"
#include "protocol/push.h"

namespace outpost::bench {
namespace {

constexpr int kHotArticles = 5;
constexpr int kSamples = 50;
constexpr int kPageChanges = 100;

class Till {
 public:
  Till(const Scratch& scratch, const std::string& name) {
    options_.store.path = scratch.File(name);
    options_.workspace = WorkspaceId("bench");
    options_.user = UserId("anna");
    options_.waiting_max = 1000000;
    Open();
  }

  void Open() {
    device_.reset();
    device_ = engine::Device::Open(options_, now_, random_).value();
    Tell(engine::Start{});
  }
  engine::Device& device() { return *device_; }

  void Execute(const char* type, json::object payload) {
    engine::Intent intent;
    intent.type = type;
    intent.payload = std::move(payload);
    const auto accepted = device_->Execute(intent, now_);
    if (accepted.ok()) return;
    std::fprintf(stderr, "queue_depth: %s\n", accepted.error().message.c_str());
    std::exit(1);
  }

  // One round of one page.
  void Pull(std::vector<Change> changes) {
    Tell(engine::SyncNow{});
    for (Change& change : changes) change.seq = Sequence(++seq_);
    ChangesPage page;
    page.epoch = Epoch("e");
    page.changes = std::move(changes);
    page.cursor = Cursor("c" + std::to_string(seq_));
    engine::HttpResponse response;
    response.status = 200;
    response.content_type = "application/x-ndjson";
    response.body = ToNdjson(page);
    Tell(engine::HttpDone{pull_, std::move(response)});
  }
  // The push that is under way succeeds, whole. How many commands it carried.
  std::size_t Answer() {
    const auto request = std::get<PushRequest>(PushRequestFromText(push_body_));
    PushResponse answer;
    answer.epoch = Epoch("e");
    for (const Command& command : request.commands) {
      CommandResult result;
      result.id = command.id;
      result.fingerprint = ToHex(FingerprintOf(ParseTypeName(command.type).value().family, command.payload));
      result.status = WireStatus::kSucceeded;
      result.http_status = 200;
      result.seq = Sequence(++seq_);
      result.body = "{}";
      answer.results.push_back(std::move(result));
    }
    engine::HttpResponse response;
    response.status = 200;
    response.content_type = "application/json";
    response.body = ToJson(answer);
    Tell(engine::HttpDone{push_, std::move(response)});
    return request.commands.size();
  }
  void Wake() { Tell(engine::Wake{}); }

 private:
  void Tell(const engine::Event& event) {
    for (engine::Effect& effect : device_->Handle(event, now_)) {
      auto* send = std::get_if<engine::HttpSend>(&effect);
      if (send == nullptr) continue;
      if (send->request.method == "GET") {
        pull_ = send->exchange;
      } else {
        push_ = send->exchange;
        push_body_ = std::move(send->request.body);
      }
    }
  }

  Random random_{42};
  engine::DeviceOptions options_;
  std::unique_ptr<engine::Device> device_;
  Timestamp now_{1760000000000};
  std::int64_t seq_ = 0;
  engine::ExchangeId pull_, push_;
  std::string push_body_;
};

Change Document(const char* collection, const std::string& id, std::int64_t version, json::object body) {
  body["id"] = id;
  body["version"] = version;
  return {Sequence(0), {CollectionName(collection), DocumentId(id)}, Version(version), ToJson(body), ""};
}

Change Stock(int article, std::int64_t version) {
  const std::string sku = "hot-" + std::to_string(article);
  return Document("stock", sku, version,
                  {{"sku", sku}, {"onHand", 1000000 - version}, {"oversold", 0}, {"counted", true}});
}

Change Order(const std::string& id, std::int64_t version) {
  json::object body = OrderPayload(id);
  body["status"] = "NEW";
  body["total"] = 5620;
  body["currency"] = "EUR";
  body["number"] = "A1";
  std::int64_t line = 0;
  for (json::value& item : body["items"].get_array()) item.get_object()["lineId"] = std::to_string(++line);
  return Document("orders", id, version, std::move(body));
}

json::object Sale(std::int64_t i) {
  return {{"sku", "hot-" + std::to_string(i % kHotArticles)}, {"delta", -1 - i % 3}, {"reason", "sale"}};
}

// Of ten commands: six sales of hot articles, an order with its closing, two with lines added to orders of others.
void Fill(Till& till, std::int64_t from, std::int64_t depth) {
  for (std::int64_t i = from; i < depth; ++i) {
    const std::string tens = std::to_string(i / 10);
    if (i % 10 < 6) till.Execute("INVENTORY_ADJUST_V1", Sale(i));
    const json::array items = {json::object{{"sku", "hot-1"}, {"name", "Hot"}, {"quantity", 1}, {"unitPrice", 300}}};
    if (i % 10 == 6) till.Execute("ORDER_CREATE_V1", {{"id", "own-" + tens}, {"items", items}});
    if (i % 10 == 7) {
      till.Execute("ORDER_CLOSE_V1",
                   {{"id", "own-" + tens}, {"payment", json::object{{"method", "CASH"}, {"amount", 300}}}});
    }
    if (i % 10 > 7) till.Execute("ORDER_ADD_ITEMS_V1", {{"id", "base-" + tens}, {"items", items}});
  }
}

template <class Step>
void Measure(const char* name, std::int64_t depth, int samples, const std::string& notes, Step step) {
  Measurement m;
  m.peer = "outpost";
  m.workload = "queue_depth";
  m.workload.append(1, '/').append(name);
  m.n = depth;
  m.notes = notes;
  for (int i = 0; i < samples; ++i) {
    const Stopwatch watch;
    step(i);
    m.latencies_ms.push_back(watch.seconds() * 1000);
    m.seconds += watch.seconds();
  }
  Report(m);
}

void AtDepth(std::int64_t depth) {
  const Scratch scratch("queue-depth-" + std::to_string(depth));
  Till till(scratch, "device.db");
  std::vector<Change> first;
  first.reserve(kHotArticles + static_cast<std::size_t>(depth / 10) + 1);
  for (int i = 0; i < kHotArticles; ++i) first.push_back(Stock(i, 1));
  for (std::int64_t i = 0; i <= depth / 10; ++i) first.push_back(Order("base-" + std::to_string(i), 1));
  till.Pull(std::move(first));
  Fill(till, 0, depth);

  // The log is written round by now, as on any device that has been in use: a growing file makes every sync dear.
  for (int round = 0; round < 10; ++round) {
    std::vector<Change> others;
    for (int i = 0; i < 500; ++i) others.push_back(Order("warm-" + std::to_string(round * 500 + i), 1));
    till.Pull(std::move(others));
  }

  Measure("execute", depth, kSamples * 4, "a durable sale of a hot article",
          [&](int i) { till.Execute("INVENTORY_ADJUST_V1", Sale(i)); });
  std::int64_t version = 1;
  const engine::DeviceWork before = till.device().work();
  Measure("page", depth, kSamples, "100 changes: 5 hot articles, 95 orders of others, 1 with lines waiting",
          [&](int i) {
            ++version;
            std::vector<Change> changes;
            changes.reserve(kPageChanges);
            for (int article = 0; article < kHotArticles; ++article) changes.push_back(Stock(article, version));
            changes.push_back(Order("base-" + std::to_string(i % (depth / 10)), version));
            while (changes.size() < kPageChanges) {
              changes.push_back(Order("other-" + std::to_string(i) + "-" + std::to_string(changes.size()), 1));
            }
            till.Pull(std::move(changes));
          });
  Measure("rebase", depth, kSamples, "a page of one hot article and one order with lines waiting", [&](int i) {
    ++version;
    till.Pull({Stock(0, version), Order("base-" + std::to_string(i % (depth / 10)), version)});
  });
  const std::int64_t rerun = till.device().work().rules_rerun - before.rules_rerun;
  till.Wake();
  Measure("answer", depth, depth > 1000 ? 10 : 1,
          "a verified answer to a full batch; rules rerun before it: " + std::to_string(rerun),
          [&](int) { till.Answer(); });
  Measure("open", depth, 1, "grows with what waits: memory is rebuilt from the outbox", [&](int) { till.Open(); });
}

}  // namespace
}  // namespace outpost::bench

int main(int argc, char** argv) {
  if (argc == 1) {
    for (const std::int64_t depth : {100, 90000}) outpost::bench::AtDepth(depth);
  }
  for (int i = 1; i < argc; ++i) outpost::bench::AtDepth(std::max(100, std::atoi(argv[i])));
  return 0;
}
