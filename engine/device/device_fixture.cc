#include "engine/device/device_fixture.h"

#include <unistd.h>

#include <algorithm>

namespace outpost::engine {

DeviceFixture::DeviceFixture() {
  const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
  std::string name = "outpost-" + std::to_string(::getpid()) + "-" + test->name();
  std::replace(name.begin(), name.end(), '/', '-');
  folder_ = std::filesystem::temp_directory_path() / name;
  std::filesystem::remove_all(folder_);
  std::filesystem::create_directories(folder_);
  options.store.path = (folder_ / "device.db").string();
  options.workspace = WorkspaceId("w");
  options.user = UserId("anna");
  options.sync.jitter = 0;
  options.sole_process = true;
  Reopen();
}

DeviceFixture::~DeviceFixture() {
  device.reset();
  std::filesystem::remove_all(folder_);
}

void DeviceFixture::Reopen() {
  device.reset();
  wire.clear();
  auto opened = Device::Open(options, now_, random_);
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  device = std::move(opened).value();
  Tell(Start{});
}

Result<Accepted> DeviceFixture::Try(const std::string& type, json::object payload, Intent intent) {
  intent.type = type;
  intent.payload = std::move(payload);
  return device->Execute(intent, now_);
}

CommandId DeviceFixture::Do(const std::string& type, json::object payload, Intent intent) {
  auto accepted = Try(type, std::move(payload), std::move(intent));
  EXPECT_TRUE(accepted.ok()) << accepted.error().message;
  if (!accepted.ok()) return {};
  Tell(Wake{});
  return accepted.value().id;
}

void DeviceFixture::Tell(const Event& event) {
  for (Effect& effect : device->Handle(event, now_)) {
    if (auto* send = std::get_if<HttpSend>(&effect)) wire.push_back(std::move(*send));
    if (auto* wake = std::get_if<WakeAt>(&effect)) wake_ = wake->at;
    if (auto* notice = std::get_if<Notice>(&effect)) notices.push_back(std::move(*notice));
    if (auto* change = std::get_if<QueryChanged>(&effect)) query_changes.push_back(std::move(*change));
  }
}

HttpSend DeviceFixture::TakeRequest(const std::string& method) {
  for (auto at = wire.begin(); at != wire.end(); ++at) {
    if (at->request.method != method) continue;
    HttpSend send = std::move(*at);
    wire.erase(at);
    return send;
  }
  ADD_FAILURE() << "no " << method << " is waiting";
  return {};
}

void DeviceFixture::LoseAnswer(const HttpSend& send) {
  static_cast<void>(server.Handle(send.request));
  LoseRequest(send);
}

void DeviceFixture::Settle() {
  for (int step = 0; step < 400; ++step) {
    if (!wire.empty()) {
      HttpSend send = std::move(wire.front());
      wire.pop_front();
      Deliver(send);
      continue;
    }
    if (step > 20 && device->status().waiting == 0 && device->status().caught_up) return;
    Sleep();
  }
}

void DeviceFixture::Sleep() {
  now_ = wake_ && *wake_ > now_ ? *wake_ : now_ + Milliseconds(1000);
  Tell(Wake{});
}

json::object DeviceFixture::Visible(const std::string& collection, const std::string& id) {
  const auto document = device->Get({CollectionName(collection), DocumentId(id)});
  EXPECT_TRUE(document.ok());
  if (!document.value()) return {};
  return ParseJson(document.value()->body).value().get_object();
}

bool DeviceFixture::Shows(const std::string& collection, const std::string& id) {
  return !Visible(collection, id).empty();
}

CommandStatus DeviceFixture::StatusOf(const CommandId& id) {
  const auto command = device->FindCommand(id);
  EXPECT_TRUE(command.ok() && command.value().has_value());
  return command.value()->status;
}

void DeviceFixture::GoOffline() {
  Tell(SyncNow{});
  while (!wire.empty()) {
    const HttpSend send = std::move(wire.front());
    wire.pop_front();
    LoseRequest(send);
  }
}

int DeviceFixture::Notices(Notice::Kind kind) const {
  int count = 0;
  for (const Notice& notice : notices) count += notice.kind == kind ? 1 : 0;
  return count;
}

json::object OrderOf(const std::string& id, const std::string& sku, std::int64_t quantity, std::int64_t price) {
  json::object item = {{"sku", sku}, {"name", sku}, {"quantity", quantity}, {"unitPrice", price}};
  return {{"id", id}, {"items", json::array{std::move(item)}}};
}

json::object CashFor(const std::string& id, std::int64_t amount) {
  return {{"id", id}, {"payment", json::object{{"method", "CASH"}, {"amount", amount}}}};
}

}  // namespace outpost::engine
