#include "transport/http_transport.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdlib>

#include "transport/scripted_server.h"

namespace outpost::transport {
namespace {

using engine::ExchangeId;
using engine::HttpRequest;
using engine::HttpResponse;
using engine::NetworkFailure;

constexpr std::int64_t kTimeoutMs = 20'000;

std::unique_ptr<HttpTransport> TransportTo(const std::string& url, std::string token = "secret-token") {
  auto transport = HttpTransport::Create(url, [token] { return token; });
  EXPECT_TRUE(transport.ok());
  return std::move(transport).value();
}

std::vector<Finished> PollFor(HttpTransport& transport, std::size_t count) {
  std::vector<Finished> all;
  while (all.size() < count && transport.in_flight() > 0) {
    for (Finished& finished : transport.Poll(Milliseconds(1000))) all.push_back(std::move(finished));
  }
  return all;
}

engine::HttpOutcome Perform(HttpTransport& transport, const HttpRequest& request,
                            std::int64_t timeout_ms = kTimeoutMs) {
  transport.Send(ExchangeId(1), request, timeout_ms);
  auto finished = PollFor(transport, 1);
  EXPECT_EQ(finished.size(), 1u);
  return std::move(finished.at(0).outcome);
}

const HttpRequest kGet = {"GET", "/sync/changes?limit=10", {}, ""};

std::string Gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(compressBound(text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST(HttpTransport, CarriesMethodTargetHeadersBodyAndToken) {
  ScriptedServer server(
      [](const std::string&) { return PlainResponse("200 OK", "Content-Type: application/json\r\n", "{}"); });
  auto transport = TransportTo(server.url() + "/prefix/");
  const auto outcome =
      Perform(*transport, {"POST", "/sync/commands", {{"Content-Type", "application/json"}}, "{\"commands\":[]}"});
  const auto& response = std::get<HttpResponse>(outcome);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.body, "{}");
  EXPECT_FALSE(response.retry_after_ms.has_value());
  const std::string request = server.requests().at(0);
  EXPECT_TRUE(request.starts_with("POST /prefix/sync/commands HTTP/1.1\r\n")) << request;
  EXPECT_NE(request.find("\r\nAuthorization: Bearer secret-token\r\n"), std::string::npos);
  EXPECT_NE(request.find("\r\nContent-Type: application/json\r\n"), std::string::npos);
  EXPECT_EQ(request.find("Expect:"), std::string::npos);
  EXPECT_TRUE(request.ends_with("\r\n\r\n{\"commands\":[]}"));
}

TEST(HttpTransport, AsksForTheTokenAtEveryRequest) {
  ScriptedServer server([](const std::string&) { return PlainResponse("200 OK", "", ""); });
  int asked = 0;
  auto transport = HttpTransport::Create(server.url(), [&asked] { return "token-" + std::to_string(++asked); });
  ASSERT_TRUE(transport.ok());
  Perform(*transport.value(), kGet);
  Perform(*transport.value(), kGet);
  EXPECT_NE(server.requests().at(1).find("Bearer token-2\r\n"), std::string::npos);
}

TEST(HttpTransport, ReusesTheConnection) {
  ScriptedServer server([](const std::string&) { return PlainResponse("200 OK", "", "ok"); });
  auto transport = TransportTo(server.url());
  for (int i = 0; i < 5; ++i) Perform(*transport, kGet);
  EXPECT_EQ(server.connections(), 1);
}

TEST(HttpTransport, PerformsSeveralExchangesAtOnce) {
  ScriptedServer server(
      [](const std::string& request) { return PlainResponse("200 OK", "", request.substr(0, request.find(" HTTP"))); });
  auto transport = TransportTo(server.url());
  for (int i = 1; i <= 3; ++i) transport->Send(ExchangeId(i), {"GET", "/" + std::to_string(i), {}, ""}, kTimeoutMs);
  const auto finished = PollFor(*transport, 3);
  ASSERT_EQ(finished.size(), 3u);
  for (const Finished& one : finished) {
    EXPECT_EQ(std::get<HttpResponse>(one.outcome).body, "GET /" + std::to_string(one.exchange.value));
  }
}

TEST(HttpTransport, UnpacksGzip) {
  const std::string text(100'000, 'a');
  ScriptedServer server([&](const std::string& request) {
    EXPECT_NE(request.find("Accept-Encoding: gzip\r\n"), std::string::npos);
    return PlainResponse("200 OK", "Content-Encoding: gzip\r\n", Gzip(text));
  });
  auto transport = TransportTo(server.url());
  const auto outcome = Perform(*transport, kGet);
  EXPECT_EQ(std::get<HttpResponse>(outcome).body, text);
}

TEST(HttpTransport, RefusesAnAnswerThatUnpacksBeyondTheLimit) {
  const std::string bomb = Gzip(std::string(kResponseBytesMax + 1, '\0'));
  ScriptedServer server(
      [&](const std::string&) { return PlainResponse("200 OK", "Content-Encoding: gzip\r\n", bomb); });
  auto transport = TransportTo(server.url());
  const auto outcome = Perform(*transport, kGet);
  EXPECT_NE(std::get<NetworkFailure>(outcome).reason.find("larger"), std::string::npos);
}

TEST(HttpTransport, TellsRetryAfterInMilliseconds) {
  ScriptedServer server(
      [](const std::string&) { return PlainResponse("503 Service Unavailable", "Retry-After: 7\r\n", ""); });
  auto transport = TransportTo(server.url());
  const auto outcome = Perform(*transport, kGet);
  EXPECT_EQ(std::get<HttpResponse>(outcome).status, 503);
  EXPECT_EQ(std::get<HttpResponse>(outcome).retry_after_ms, 7000);
}

TEST(HttpTransport, DoesNotFollowRedirects) {
  ScriptedServer server([](const std::string&) { return PlainResponse("302 Found", "Location: /portal\r\n", ""); });
  auto transport = TransportTo(server.url());
  const auto outcome = Perform(*transport, kGet);
  EXPECT_EQ(std::get<HttpResponse>(outcome).status, 302);
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST(HttpTransport, TruncatedAnswerIsANetworkFailure) {
  ScriptedServer server([](const std::string&) {
    return std::string("HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\n{\"results\":[");
  });
  auto transport = TransportTo(server.url());
  const auto outcome = Perform(*transport, kGet);
  EXPECT_FALSE(std::get<NetworkFailure>(outcome).timed_out);
}

TEST(HttpTransport, WhatIsNoHttpIsANetworkFailure) {
  ScriptedServer server([](const std::string&) { return std::string("SSH-2.0-hello\r\nConnection: close\r\n"); });
  auto transport = TransportTo(server.url());
  EXPECT_TRUE(std::holds_alternative<NetworkFailure>(Perform(*transport, kGet)));
}

TEST(HttpTransport, SilenceTimesOut) {
  ScriptedServer server([](const std::string&) { return std::string(); });
  auto transport = TransportTo(server.url());
  const auto outcome = Perform(*transport, kGet, 100);
  EXPECT_TRUE(std::get<NetworkFailure>(outcome).timed_out);
}

TEST(HttpTransport, RefusedConnectionIsANetworkFailure) {
  std::string url;
  {
    url = ScriptedServer([](const std::string&) { return std::string(); }).url();
  }
  auto transport = TransportTo(url);
  const auto outcome = Perform(*transport, kGet);
  EXPECT_FALSE(std::get<NetworkFailure>(outcome).timed_out);
}

TEST(HttpTransport, CancelledExchangesAreNeverReported) {
  ScriptedServer server([](const std::string& request) {
    return request.find("/silent") != std::string::npos ? std::string() : PlainResponse("200 OK", "", "ok");
  });
  auto transport = TransportTo(server.url());
  transport->Send(ExchangeId(1), {"GET", "/silent", {}, ""}, kTimeoutMs);
  EXPECT_TRUE(transport->Poll(Milliseconds(0)).empty());
  transport->CancelAll();
  EXPECT_EQ(transport->in_flight(), 0u);
  transport->Send(ExchangeId(2), kGet, kTimeoutMs);
  const auto finished = PollFor(*transport, 1);
  ASSERT_EQ(finished.size(), 1u);
  EXPECT_EQ(finished[0].exchange, ExchangeId(2));
}

TEST(HttpTransport, ATokenWithALineBreakIsNotSent) {
  ScriptedServer server([](const std::string&) { return PlainResponse("200 OK", "", ""); });
  auto transport = TransportTo(server.url(), "token\r\nX-Forged: 1");
  const auto outcome = Perform(*transport, kGet);
  EXPECT_EQ(std::get<NetworkFailure>(outcome).reason.find("Forged"), std::string::npos) << "a token is never shown";
  EXPECT_TRUE(server.requests().empty());
}

TEST(HttpTransport, UsesNoProxyForLoopback) {
  ScriptedServer server([](const std::string&) { return PlainResponse("200 OK", "", "direct"); });
  ScriptedServer proxy([](const std::string&) { return PlainResponse("200 OK", "", "proxied"); });
  setenv("http_proxy", proxy.url().c_str(), 1);
  auto transport = TransportTo(server.url());
  const auto outcome = Perform(*transport, kGet);
  unsetenv("http_proxy");
  EXPECT_EQ(std::get<HttpResponse>(outcome).body, "direct");
}

TEST(HttpTransport, TakesOnlyPlainHttpAddresses) {
  const auto refused = [](const char* url) {
    const auto transport = HttpTransport::Create(url, {});
    return !transport.ok() && transport.error().code == ErrorCode::kInvalidArgument;
  };
  EXPECT_TRUE(refused("file:///etc/passwd"));
  EXPECT_TRUE(refused("ftp://example.org"));
  EXPECT_TRUE(refused("http://user:password@example.org"));
  EXPECT_TRUE(refused("http://example.org/?workspace=w"));
  EXPECT_TRUE(refused("not a url"));
  EXPECT_TRUE(refused(""));
  EXPECT_FALSE(refused("https://example.org:8443/outpost"));
}

}  // namespace
}  // namespace outpost::transport
