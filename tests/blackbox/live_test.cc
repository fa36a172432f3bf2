// GET /sync/live from outside: events, resuming, WebSockets, tokens that end, many streams at once.
#include <signal.h>

#include <chrono>
#include <ctime>
#include <thread>

#include "tests/blackbox/live_client.h"
#include "tests/blackbox/server_fixture.h"

namespace outpost::blackbox {
namespace {

class Live : public ServerTest {
 protected:
  std::string Order() { return client_.Post("/pos/orders", OrderBody()).At("id"); }
  std::string Head() { return client_.Get("/sync/status").At("head"); }
};

std::string FirstId(const Event& event) {
  const json::array& changes = event.data.at("changes").as_array();
  return changes.empty() ? "" : std::string(changes.at(0).at("id").as_string());
}

TEST_F(Live, AChangeIsTold) {
  EventStream stream(client_, "");
  ASSERT_EQ(stream.status(), 200);
  EXPECT_EQ(stream.content_type(), "text/event-stream; charset=utf-8");
  const std::string order = Order();
  const auto event = stream.Next();
  ASSERT_TRUE(event.has_value());
  EXPECT_EQ(event->name, "changes");
  EXPECT_EQ(FirstId(*event), order);
  EXPECT_EQ(event->data.at("cursor").as_string(), event->id);
  EXPECT_EQ(event->data.at("more"), json::value(false));
  EXPECT_FALSE(event->data.at("epoch").as_string().empty());
  EXPECT_EQ(client_.Get("/sync/changes?cursor=" + event->id).At("changes"), "[]") << "the id is a cursor of the feed";
}

TEST_F(Live, WithoutACursorItBeginsAtTheHead) {
  Order();
  EventStream stream(client_, "");
  const std::string second = Order();
  EXPECT_EQ(FirstId(*stream.Next()), second);
}

TEST_F(Live, ItResumesFromTheLastEventId) {
  EventStream first(client_, "");
  Order();
  const auto seen = first.Next();
  ASSERT_TRUE(seen.has_value());
  const std::string missed = Order();
  EventStream again(client_, "?cursor=x", {{"Last-Event-ID", seen->id}});
  const auto event = again.Next();
  ASSERT_TRUE(event.has_value());
  EXPECT_EQ(FirstId(*event), missed);
  EventStream from_greeting(client_, "", {{"Last-Event-ID", first.first_id()}});
  EXPECT_FALSE(FirstId(*from_greeting.Next()).empty());
}

TEST_F(Live, ItIsFiltered) {
  EventStream tickets(client_, "?collections=tickets&scope=station:grill");
  const std::string order = Order();
  client_.Post("/pos/orders/" + order + "/send-to-kitchen", "");
  const auto event = tickets.Next();
  ASSERT_TRUE(event.has_value());
  ASSERT_EQ(event->data.at("changes").as_array().size(), 1u);
  EXPECT_EQ(event->data.at("changes").as_array()[0].at("collection"), json::value("tickets"));
  EXPECT_EQ(event->data.at("changes").as_array()[0].at("doc").at("station"), json::value("grill"));
}

TEST_F(Live, ItNamesTheDevicesOwnCommands) {
  EventStream mine(client_, "?device=till-1.first");
  EventStream others(client_, "", {{"Outpost-Device", "till-2 first"}});
  const Answer pushed = client_.Push({CommandText(Ulid(1), "ORDER_CREATE_V1", OrderBody(), R"(,"n":1)")},
                                     R"("deviceId":"till-1","incarnation":"first",)");
  ASSERT_EQ(pushed.At("results.0.status"), "SUCCEEDED") << pushed.text;
  const auto event = mine.Next();
  ASSERT_TRUE(event.has_value());
  EXPECT_EQ(event->data.at("own").as_array().at(0).at("id"), json::value(Ulid(1)));
  EXPECT_EQ(event->data.at("own").as_array().at(0).at("fingerprint").as_string(), pushed.At("results.0.fingerprint"));
  EXPECT_TRUE(others.Next()->data.at("own").as_array().empty());
}

TEST_F(Live, EveryStreamHearsEverythingOnceAndInOrder) {
  constexpr int kStreams = 20;
  constexpr int kOrders = 40;
  std::vector<std::unique_ptr<EventStream>> streams;
  for (int i = 0; i < kStreams; ++i) streams.push_back(std::make_unique<EventStream>(client_, "?collections=orders"));
  std::vector<std::string> made;
  for (int i = 0; i < kOrders; ++i) made.push_back(Order());
  for (auto& stream : streams) {
    std::vector<std::string> heard;
    std::int64_t last = 0;
    while (heard.size() < made.size()) {
      const auto event = stream->Next();
      ASSERT_TRUE(event.has_value()) << heard.size();
      for (const json::value& change : event->data.at("changes").as_array()) {
        EXPECT_GT(change.at("seq").as_int64(), last);
        last = change.at("seq").as_int64();
        heard.emplace_back(change.at("id").as_string());
      }
    }
    EXPECT_EQ(heard, made);
  }
}

TEST_F(Live, AnotherWorkspaceHearsNothing) {
  const Client foreign(port(), Token(Who{.workspace = "elsewhere"}));
  EventStream stream(foreign, "");
  Order();
  const std::string theirs = foreign.Post("/pos/orders", OrderBody()).At("id");
  EXPECT_EQ(FirstId(*stream.Next()), theirs);
}

TEST_F(Live, AWebSocketTellsTheSame) {
  const std::string from = Head();
  WebSocketClient socket(port(), "?cursor=" + from, client_.token(), true);
  ASSERT_EQ(socket.status(), 101);
  EXPECT_EQ(socket.subprotocol(), "bearer." + client_.token());
  const std::string order = Order();
  const auto frame = socket.Next();
  ASSERT_TRUE(frame.has_value());
  EXPECT_EQ(frame->opcode, 1);
  const json::value message = json::parse(frame->payload);
  EXPECT_EQ(message.at("type"), json::value("changes"));
  EXPECT_EQ(message.at("changes").as_array().at(0).at("id"), json::value(order));
  socket.Send(9, "hello");
  const auto pong = socket.Next();
  ASSERT_TRUE(pong.has_value());
  EXPECT_EQ(pong->opcode, 10);
  EXPECT_EQ(pong->payload, "hello");
  socket.Send(8, std::string("\x03\xe8", 2));
  EXPECT_EQ(socket.Next()->close_code, 1000);
  EXPECT_TRUE(socket.IsClosed());
  EXPECT_EQ(WebSocketClient(port(), "", client_.token(), false).status(), 101);
  EXPECT_EQ(WebSocketClient(port(), "", "no-token", true).status(), 401);
  EXPECT_EQ(WebSocketClient(port(), "?cursor=x", client_.token(), true).status(), 400);
}

TEST_F(Live, AStreamEndsWithItsToken) {
  const std::int64_t leeway_s = 60;
  const std::int64_t now = std::time(nullptr);
  const std::string short_lived = Token(Who{.workspace = workspace(), .expires_s = now - leeway_s + 3});
  EventStream events(Client(port(), short_lived), "");
  WebSocketClient socket(port(), "", short_lived, true);
  ASSERT_EQ(events.status(), 200);
  ASSERT_EQ(socket.status(), 101);
  const auto frame = socket.Next();
  ASSERT_TRUE(frame.has_value());
  EXPECT_EQ(frame->opcode, 8);
  EXPECT_EQ(frame->close_code, 4401);
  EXPECT_FALSE(events.Next().has_value());
  EXPECT_TRUE(events.ended());
}

TEST_F(Live, AnOldCursorIsToldEachInItsWay) {
  const Folder folder;
  std::string old_cursor;
  {
    RunningServer other(folder.path() + "/data");
    ASSERT_TRUE(other.ready());
    old_cursor = Client(other.port(), client_.token()).Get("/sync/status").At("head");
  }
  EXPECT_EQ(EventStream(client_, "?cursor=" + old_cursor).status(), 410) << "another store's epoch";
  WebSocketClient socket(port(), "?cursor=" + old_cursor, client_.token(), true);
  ASSERT_EQ(socket.status(), 101);
  EXPECT_EQ(socket.Next()->close_code, 4410);
}

TEST(LiveStop, StreamsAreEndedWhenTheServerStops) {
  const Folder folder;
  RunningServer server(folder.path() + "/data");
  ASSERT_TRUE(server.ready());
  const Client client(server.port(), Token(Who{.workspace = "cafe"}));
  EventStream events(client, "");
  WebSocketClient socket(server.port(), "", client.token(), true);
  ASSERT_EQ(socket.status(), 101);
  server.process().Signal(SIGTERM);
  EXPECT_EQ(server.process().Wait().exit_code, 0);
  EXPECT_FALSE(events.Next().has_value());
  EXPECT_TRUE(events.ended());
  EXPECT_EQ(socket.Next()->close_code, 1001);
}

// Every 15 seconds, so that proxies keep the stream and both sides notice a line that is dead.
TEST_F(Live, AQuietStreamIsHeardOf) {
  EventStream events(client_, "");
  WebSocketClient socket(port(), "", client_.token(), true);
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_TRUE(events.NextIsComment());
  const auto heard = std::chrono::steady_clock::now() - begun;
  EXPECT_GE(heard, std::chrono::seconds(10));
  EXPECT_LE(heard, std::chrono::seconds(16));
  const auto ping = socket.Next();
  ASSERT_TRUE(ping.has_value());
  EXPECT_EQ(ping->opcode, 9);
}

TEST_F(Live, AStreamTakesOnlyACursorOfItsOwnFilter) {
  const std::string orders = client_.Get("/sync/changes?collections=orders").At("cursor");
  EXPECT_EQ(client_.Get("/sync/live?collections=tickets&cursor=" + orders).code(), "CURSOR_MISMATCH");
  const std::string order = Order();
  EventStream stream(client_, "?collections=orders&cursor=" + orders);
  EXPECT_EQ(FirstId(*stream.Next()), order) << "what came between the pull and the stream";
}

// A peer that reads nothing is not piled up for: it reads on from its cursor when it wakes up.
TEST_F(Live, ASlowPeerCatchesUp) {
  EventStream slow(client_, "?collections=orders");
  const std::string note(1500, 'n');
  std::vector<std::string> made;
  for (int batch = 0; batch < 8; ++batch) {
    std::vector<std::string> commands;
    for (int i = 0; i < 500; ++i) {
      commands.push_back(
          CommandText(Ulid(batch * 500 + i), "ORDER_CREATE_V1",
                      R"({"items":[{"sku":"a","name":"A","quantity":1,"unitPrice":1,"note":")" + note + R"("}]})"));
      made.push_back(Ulid(batch * 500 + i));
    }
    ASSERT_EQ(client_.Push(commands).status, 200);
  }
  std::vector<std::string> heard;
  while (heard.size() < made.size()) {
    const auto event = slow.Next();
    ASSERT_TRUE(event.has_value()) << heard.size();
    for (const json::value& change : event->data.at("changes").as_array())
      heard.emplace_back(change.at("id").as_string());
  }
  EXPECT_EQ(heard, made);
}

}  // namespace
}  // namespace outpost::blackbox
