#include "http/listener.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "http/raw_client.h"

namespace outpost::http {
namespace {

// Answers with what it was asked. "/later" is answered by another thread when the test says so, "/never" not at all.
class Echo final : public Handler {
 public:
  Admission Admit(Request& head) override {
    Admission admission{64, std::nullopt};
    if (head.path == "/large") admission.body_bytes_max = 1u << 20;
    if (head.path == "/refused") admission.refusal = Response{401, "text/plain", {}, "no", false};
    return admission;
  }
  void Handle(Request request, Responder responder) override {
    if (request.path == "/never") return;
    if (request.path == "/later") {
      const std::lock_guard lock(mutex_);
      waiting_.push_back(responder);
      arrived_.notify_all();
      return;
    }
    Response response;
    response.content_type = "text/plain";
    response.body =
        request.path == "/large" ? std::string(300000, 'x') : request.method + " " + request.path + " " + request.body;
    responder(std::move(response));
  }
  Response Reject(Rejection rejection, const Request&) override {
    static constexpr int kStatus[] = {400, 431, 413, 417, 503, 500};
    return Response{kStatus[static_cast<int>(rejection)], "text/plain", {}, "rejected", false};
  }
  Responder WaitForOne() {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [&] { return !waiting_.empty(); });
    Responder responder = waiting_.back();
    waiting_.pop_back();
    return responder;
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<Responder> waiting_;
};

class ListenerTest : public testing::Test {
 protected:
  void Open(Limits limits = {}) { listener_ = Listener::Start({}, limits, echo_).value(); }
  std::uint16_t port() const { return listener_->address().port; }

  Echo echo_;
  std::unique_ptr<Listener> listener_;
};

std::string Post(std::string_view path, std::string_view body, std::string_view more = {}) {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n" + std::string(more) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

TEST_F(ListenerTest, AnswersAndKeepsTheConnection) {
  Open();
  RawClient client(port());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(client.Send(Post("/echo", "hello")));
    const auto answer = client.Read();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, "POST /echo hello");
    EXPECT_FALSE(answer->headers.Get("Date").empty());
  }
}

TEST_F(ListenerTest, AnswersPipelinedRequestsInOrder) {
  Open();
  RawClient client(port());
  ASSERT_TRUE(client.Send(Post("/a", "1") + Post("/b", "2") + "GET /c HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_EQ(client.Read()->body, "POST /a 1");
  EXPECT_EQ(client.Read()->body, "POST /b 2");
  EXPECT_EQ(client.Read()->body, "GET /c ");
}

TEST_F(ListenerTest, ReadsAChunkedBody) {
  Open();
  RawClient client(port());
  ASSERT_TRUE(
      client.Send("POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"));
  EXPECT_EQ(client.Read()->body, "POST /c abcde");
}

TEST_F(ListenerTest, HeadGetsTheLengthButNoBody) {
  Open();
  RawClient client(port());
  ASSERT_TRUE(client.Send("HEAD /x HTTP/1.1\r\nHost: x\r\n\r\nGET /y HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_EQ(client.Read(true)->headers.Get("Content-Length"), "8");
  EXPECT_EQ(client.Read()->body, "GET /y ");
}

TEST_F(ListenerTest, RefusesATooLargeBodyByItsAnnouncementAndCloses) {
  Open();
  RawClient client(port());
  ASSERT_TRUE(client.Send(Post("/echo", std::string(65, 'x'))));
  EXPECT_EQ(client.Read()->status, 413);
  client.CloseSending();
  EXPECT_TRUE(client.IsClosed());
}

TEST_F(ListenerTest, RefusesATooLargeChunkedBody) {
  Open();
  RawClient client(port());
  ASSERT_TRUE(client.Send("POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n50\r\n" +
                          std::string(80, 'x') + "\r\n0\r\n\r\n"));
  EXPECT_EQ(client.Read()->status, 413);
}

TEST_F(ListenerTest, RefusesATooLongHeader) {
  Open();
  RawClient client(port());
  ASSERT_TRUE(client.Send("GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + std::string(20000, 'x') + "\r\n\r\n"));
  EXPECT_EQ(client.Read()->status, 431);
}

TEST_F(ListenerTest, RefusesWhatTwoReadersCouldUnderstandDifferently) {
  Open();
  const std::string start = "POST /echo HTTP/1.1\r\n";
  const std::string ambiguous[] = {
      start + "Host: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      start + "Host: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
      start + "Host: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
      start + "Host: x\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
      start + "Host: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      start + "Host: x\r\nTransfer-Encoding: identity\r\n\r\n",
      start + "Host: x\r\nHost: y\r\nContent-Length: 0\r\n\r\n",
      start + "Content-Length: 0\r\n\r\n",
      start + "Host: x\r\nContent-Length: -1\r\n\r\n",
      start + "Host: x\r\nContent-Length : 5\r\n\r\nhello",
      "GET /a?x=%zz HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /a?x=1&x=2 HTTP/1.1\r\nHost: x\r\n\r\n",
      "nonsense\r\n\r\n",
  };
  for (const std::string& text : ambiguous) {
    RawClient client(port());
    ASSERT_TRUE(client.Send(text + Post("/smuggled", "")));
    const auto answer = client.Read();
    ASSERT_TRUE(answer.has_value()) << text;
    EXPECT_EQ(answer->status, 400) << text;
    client.CloseSending();
    EXPECT_TRUE(client.IsClosed()) << text;
  }
}

TEST_F(ListenerTest, ARefusalReadsASmallBodyAwayAndKeepsTheConnection) {
  Open();
  RawClient client(port());
  ASSERT_TRUE(client.Send(Post("/refused", "body") + Post("/echo", "next")));
  EXPECT_EQ(client.Read()->status, 401);
  EXPECT_EQ(client.Read()->body, "POST /echo next");
}

TEST_F(ListenerTest, SaysContinueOnlyToWhatItAdmits) {
  Open();
  RawClient admitted(port());
  ASSERT_TRUE(admitted.Send("POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
  EXPECT_EQ(admitted.Read()->status, 100);
  ASSERT_TRUE(admitted.Send("ok"));
  EXPECT_EQ(admitted.Read()->body, "POST /echo ok");
  RawClient refused(port());
  ASSERT_TRUE(refused.Send("POST /refused HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
  EXPECT_EQ(refused.Read()->status, 401);
}

TEST_F(ListenerTest, BodiesTogetherHaveALimitToo) {
  Limits limits;
  limits.body_bytes_total_max = 1000;
  Open(limits);
  RawClient slow(port());
  ASSERT_TRUE(slow.Send("POST /large HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 900\r\n\r\n"));
  EXPECT_EQ(slow.Read()->status, 100);
  RawClient late(port());
  ASSERT_TRUE(late.Send(Post("/large", std::string(200, 'x'))));
  EXPECT_EQ(late.Read()->status, 503);
  ASSERT_TRUE(slow.Send(std::string(900, 'x')));
  EXPECT_EQ(slow.Read()->status, 200);
  RawClient later(port());
  ASSERT_TRUE(later.Send(Post("/large", std::string(200, 'x'))));
  EXPECT_EQ(later.Read()->status, 200);
}

TEST_F(ListenerTest, WritesLargeAnswersWhole) {
  Open();
  RawClient client(port());
  ASSERT_TRUE(client.Send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_EQ(client.Read()->body.size(), 300000u);
}

TEST_F(ListenerTest, AnAnswerMayComeFromAnotherThread) {
  Open();
  RawClient client(port());
  ASSERT_TRUE(client.Send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n"));
  std::thread([&] { echo_.WaitForOne()(Response{200, "text/plain", {}, "late", false}); }).join();
  EXPECT_EQ(client.Read()->body, "late");
}

TEST_F(ListenerTest, ARequestWhoseResponderIsDroppedGetsA500) {
  Open();
  RawClient client(port());
  ASSERT_TRUE(client.Send("GET /never HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_EQ(client.Read()->status, 500);
}

TEST_F(ListenerTest, CutsPeersThatAreTooSlow) {
  Limits limits;
  limits.header_time_max = limits.body_time_max = limits.idle_time_max = std::chrono::milliseconds(200);
  Open(limits);
  for (const char* text : {"", "POST /echo HT", "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe"}) {
    RawClient client(port());
    ASSERT_TRUE(client.Send(text));
    EXPECT_TRUE(client.IsClosed()) << text;
  }
}

TEST_F(ListenerTest, StopAnswersWhatWasAcceptedAndThenCloses) {
  Open();
  RawClient idle(port());
  ASSERT_TRUE(idle.Send(Post("/echo", "1")));
  ASSERT_TRUE(idle.Read().has_value());
  RawClient busy(port());
  ASSERT_TRUE(busy.Send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n"));
  const Responder responder = echo_.WaitForOne();
  std::thread stopper([&] { listener_->Stop(); });
  EXPECT_TRUE(idle.IsClosed());
  responder(Response{200, "text/plain", {}, "done", false});
  const auto answer = busy.Read();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body, "done");
  EXPECT_EQ(answer->headers.Get("Connection"), "close");
  EXPECT_TRUE(busy.IsClosed());
  stopper.join();
  EXPECT_EQ(listener_->connections(), 0u);
}

TEST_F(ListenerTest, StopDoesNotWaitForEverForAHandler) {
  Limits limits;
  limits.stop_time_max = std::chrono::milliseconds(100);
  Open(limits);
  RawClient client(port());
  ASSERT_TRUE(client.Send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n"));
  const Responder responder = echo_.WaitForOne();
  listener_->Stop();
  responder(Response{});  // too late, and harmless
  EXPECT_TRUE(client.IsClosed());
}

TEST_F(ListenerTest, ASecondListenerOnTheSamePortIsRefused) {
  Open();
  const auto second = Listener::Start(listener_->address(), {}, echo_);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::kBusy);
}

}  // namespace
}  // namespace outpost::http
