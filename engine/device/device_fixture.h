// A device on a real file, a naive server, and the wire between them in the test's hands.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/device/device.h"
#include "engine/device/naive_server.h"

namespace outpost::engine {

class DeviceFixture : public ::testing::Test {
 protected:
  DeviceFixture();
  ~DeviceFixture() override;

  // Opens the device's file, again if it was open: what a crash and a restart leave.
  void Reopen();
  // Until the device wants to be woken.
  void Sleep();
  void Pass(std::int64_t ms) { now_ = now_ + Milliseconds(ms); }

  // Executes and expects acceptance.
  CommandId Do(const std::string& type, json::object payload, Intent intent = {});
  Result<Accepted> Try(const std::string& type, json::object payload, Intent intent = {});

  // Hands an event in; requests that come out wait in `wire`.
  void Tell(const Event& event);
  // Requests that wait, in order.
  std::deque<HttpSend> wire;
  HttpSend TakeRequest(const std::string& method);
  // The server executes the request and the answer arrives.
  void Deliver(const HttpSend& send) { Tell(HttpDone{send.exchange, server.Handle(send.request)}); }
  // The server executes the request and the answer is lost.
  void LoseAnswer(const HttpSend& send);
  void LoseRequest(const HttpSend& send) { Tell(HttpDone{send.exchange, NetworkFailure{"lost", true}}); }
  // Delivers everything, waits included, until nothing is ready and a round has ended.
  void Settle();

  json::object Visible(const std::string& collection, const std::string& id);
  bool Shows(const std::string& collection, const std::string& id);
  CommandStatus StatusOf(const CommandId& id);
  int Notices(Notice::Kind kind) const;
  Timestamp now() const { return now_; }
  // Loses requests until the device has noticed that nobody answers.
  void GoOffline();

  NaiveServer server;
  std::unique_ptr<Device> device;
  DeviceOptions options;
  std::vector<Notice> notices;
  std::vector<QueryChanged> query_changes;

 private:
  std::filesystem::path folder_;
  Random random_{7};
  Timestamp now_{1760000000000};
  std::optional<Timestamp> wake_;
};

json::object OrderOf(const std::string& id, const std::string& sku, std::int64_t quantity, std::int64_t price);
json::object CashFor(const std::string& id, std::int64_t amount);

}  // namespace outpost::engine
