// The workloads that sync engines are compared on, each beside the raw limit of the same run:
//   W1  awaited durable writes on a device (every one on disk before the next)
//   W2  draining them to the server over loopback, until durable there and settled here
//   W3  a new device pulls everything
// Prints one JSON line each. Arguments: the workloads wanted (default: all).
#include <cstdio>
#include <ctime>
#include <set>
#include <string>

#include "bench/scratch.h"
#include "bench/workloads/limits.h"
#include "bench/workloads/order.h"
#include "bench/workloads/report.h"
#include "bench/workloads/server_process.h"
#include "transport/device_host.h"

namespace outpost::bench {
namespace {

constexpr std::int64_t kWrites = 10000;
constexpr std::int64_t kDocuments = 100000;
constexpr std::size_t kBatch = 500;
constexpr int kRuns = 3;

struct Till {
  Till(const Scratch& scratch, const std::string& name) : random(42) {
    engine::DeviceOptions options;
    options.store.path = scratch.File(name);
    options.workspace = WorkspaceId("bench");
    options.user = UserId("anna");
    options.sync.page_limit = 5000;
    device = engine::Device::Open(options, transport::SystemNow(), random).value();
  }
  Random random;
  std::unique_ptr<engine::Device> device;
};

engine::Intent Create(std::int64_t i) {
  engine::Intent intent;
  intent.type = "ORDER_CREATE_V1";
  intent.payload = WorkloadOrder(i);
  return intent;
}

Measurement RawWrites(const Scratch& scratch, int run) {
  RawTable table(scratch.File("raw-" + std::to_string(run) + ".db"));
  Measurement m{"limit", "W1", kWrites,
                0,       {},   "raw SQLite insert of the same bytes, WAL, synchronous=FULL, one transaction each"};
  const Stopwatch whole;
  for (std::int64_t i = 0; i < kWrites; ++i) {
    const Stopwatch one;
    const json::object order = WorkloadOrder(i);
    table.InsertAlone(order.at("id").as_string(), ToJson(order));
    m.latencies_ms.push_back(one.seconds() * 1000);
  }
  m.seconds = whole.seconds();
  return m;
}

Measurement DeviceWrites(Till& till) {
  Measurement m{
      "outpost", "W1",
      kWrites,   0,
      {},        "awaited execute of ORDER_CREATE_V1: outbox, edges and overlay in one transaction, synchronous=FULL"};
  const Stopwatch whole;
  for (std::int64_t i = 0; i < kWrites; ++i) {
    const Stopwatch one;
    till.device->Execute(Create(i), transport::SystemNow()).value();
    m.latencies_ms.push_back(one.seconds() * 1000);
  }
  m.seconds = whole.seconds();
  return m;
}

Measurement RawDrain(const Scratch& scratch, int run) {
  RawTable table(scratch.File("raw-drain-" + std::to_string(run) + ".db"));
  std::vector<std::string> ids;
  std::vector<std::string> bodies;
  for (std::int64_t i = 0; i < kWrites; ++i) {
    const json::object order = WorkloadOrder(i);
    ids.emplace_back(order.at("id").as_string());
    bodies.push_back(ToJson(order));
  }
  Measurement m{"limit", "W2", kWrites,
                0,       {},   "raw SQLite, the same bytes in transactions of 500, synchronous=FULL, no network"};
  const Stopwatch whole;
  for (std::size_t i = 0; i < ids.size(); i += kBatch) {
    std::vector<std::pair<std::string_view, std::string_view>> rows;
    for (std::size_t k = i; k < std::min(ids.size(), i + kBatch); ++k) rows.emplace_back(ids[k], bodies[k]);
    table.InsertTogether(rows);
  }
  m.seconds = whole.seconds();
  return m;
}

Measurement Drain(const Scratch& scratch, Till& till, int run) {
  const ServerProcess server(scratch.File("server-" + std::to_string(run)));
  const auto http = server.Connect();
  transport::DeviceHost host(*till.device, *http, {});
  Measurement m{
      "outpost", "W2", kWrites,
      0,         {},   "POST /sync/commands until every command is durable on the server and settled on the device"};
  const double server_cpu = server.CpuSeconds();
  const std::clock_t device_cpu = std::clock();
  const Stopwatch whole;
  host.Start();
  while (till.device->status().waiting > 0) host.RunOnce(Milliseconds(100));
  m.seconds = whole.seconds();
  const auto us_each = [](double seconds) {
    return std::to_string(static_cast<int>(seconds * 1e6 / static_cast<double>(kWrites))) + " us";
  };
  m.notes += "; processor time per command: device " +
             us_each(static_cast<double>(std::clock() - device_cpu) / CLOCKS_PER_SEC) + ", server " +
             us_each(server.CpuSeconds() - server_cpu);
  const auto refused = till.device->status().quarantined;
  if (refused > 0) m.notes = "REFUSED " + std::to_string(refused);
  return m;
}

void WritesAndDrain(bool print_writes, bool print_drain) {
  std::vector<Measurement> raw_writes, writes, raw_drains, drains;
  for (int run = 0; run < kRuns; ++run) {
    const Scratch scratch("writes");
    raw_writes.push_back(RawWrites(scratch, run));
    Till till(scratch, "device.db");
    writes.push_back(DeviceWrites(till));
    if (!print_drain) continue;
    raw_drains.push_back(RawDrain(scratch, run));
    drains.push_back(Drain(scratch, till, run));
  }
  if (print_writes) Report(Median(raw_writes));
  if (print_writes) Report(Median(writes));
  if (print_drain) Report(Median(raw_drains));
  if (print_drain) Report(Median(drains));
}

engine::HttpResponse Fetch(transport::HttpTransport& http, const engine::HttpRequest& request) {
  static std::int64_t id = 1 << 20;
  http.Send(engine::ExchangeId(++id), request, 60000);
  for (;;) {
    for (transport::Finished& finished : http.Poll(Milliseconds(1000))) {
      if (auto* response = std::get_if<engine::HttpResponse>(&finished.outcome)) return std::move(*response);
      std::fprintf(stderr, "bench: %s\n", std::get<engine::NetworkFailure>(finished.outcome).reason.c_str());
      std::exit(1);
    }
  }
}

void Seed(transport::HttpTransport& http) {
  for (std::int64_t first = 0; first < kDocuments; first += 1000) {
    std::string body = R"({"commands":[)";
    for (std::int64_t i = first; i < first + 1000; ++i) {
      body += R"({"id":"seed-)" + std::to_string(i) + R"(","type":"ORDER_CREATE_V1","payload":)" +
              ToJson(WorkloadOrder(i)) + "},";
    }
    body.back() = ']';
    body += '}';
    Fetch(http, {"POST", "/sync/commands", {{"Content-Type", "application/json"}}, std::move(body)});
  }
}

// NDJSON as it comes, cut into lines, inserted in transactions of a page.
Measurement RawPull(const Scratch& scratch, transport::HttpTransport& http, int run) {
  RawTable table(scratch.File("raw-pull-" + std::to_string(run) + ".db"));
  Measurement m{"limit", "W3", kDocuments,
                0,       {},   "NDJSON download of the same pages plus raw batched inserts of its lines"};
  std::string cursor;
  const Stopwatch whole;
  for (bool more = true; more;) {
    const engine::HttpResponse page =
        Fetch(http, {"GET",
                     "/sync/changes?limit=5000&collections=orders" + (cursor.empty() ? "" : "&cursor=" + cursor),
                     {{"Accept", "application/x-ndjson"}},
                     ""});
    std::vector<std::pair<std::string_view, std::string_view>> rows;
    std::string_view rest = page.body;
    while (!rest.empty()) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      const std::size_t id = line.find("\"id\":\"");
      if (line.rfind("{\"seq\"", 0) == 0) rows.emplace_back(line.substr(id + 6, 15), line);
      if (line.rfind("{\"epoch\"", 0) != 0) continue;
      const auto last = ParseJson(line).value();
      cursor = StringOr(last.get_object(), "cursor");
      more = last.get_object().at("more").as_bool();
    }
    table.InsertTogether(rows);
  }
  m.seconds = whole.seconds();
  return m;
}

Measurement Pull(const Scratch& scratch, transport::HttpTransport& http, int run) {
  Till till(scratch, "puller-" + std::to_string(run) + ".db");
  transport::DeviceHost host(*till.device, http, {});
  Measurement m{"outpost", "W3", kDocuments, 0, {}, "a new device from empty to its first consistent cut"};
  const Stopwatch whole;
  host.Start();
  while (!till.device->status().caught_up) host.RunOnce(Milliseconds(100));
  m.seconds = whole.seconds();
  const auto held = till.device->List(CollectionName("orders")).value().size();
  if (held != static_cast<std::size_t>(kDocuments)) m.notes = "HOLDS ONLY " + std::to_string(held);
  return m;
}

void Pulls() {
  const Scratch scratch("pulls");
  const ServerProcess server(scratch.File("server"));
  {
    const auto http = server.Connect();
    Seed(*http);
  }
  std::vector<Measurement> raw, pulls;
  for (int run = 0; run < kRuns; ++run) {
    const auto http = server.Connect();
    raw.push_back(RawPull(scratch, *http, run));
    pulls.push_back(Pull(scratch, *http, run));
  }
  Report(Median(raw));
  Report(Median(pulls));
}

}  // namespace
}  // namespace outpost::bench

int main(int argc, char** argv) {
  std::set<std::string> wanted(argv + 1, argv + argc);
  if (wanted.empty()) wanted = {"W1", "W2", "W3"};
  const bool writes = wanted.count("W1") != 0;
  const bool drain = wanted.count("W2") != 0;
  if (writes || drain) outpost::bench::WritesAndDrain(writes, drain);
  if (wanted.count("W3") != 0) outpost::bench::Pulls();
  return 0;
}
