#include "fuzz/conversation.h"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>

#include "http/wire.h"

namespace outpost::fuzz {
namespace {

namespace beast = boost::beast;

constexpr const char* kSecret = "a-secret-for-fuzzing-of-more-than-32-bytes";
constexpr Timestamp kNow{1'790'000'000'000};

// As the listener has it, but the answer is put together by whoever waits for it.
class Exchange final : public http::Responder::Exchange {
 public:
  void Answer(std::function<http::Response()> make) override {
    const std::lock_guard lock(mutex_);
    OUTPOST_ASSERT(!make_);  // one answer to one request
    make_ = std::move(make);
    answered_.notify_one();
  }
  http::Response Wait() {
    std::unique_lock lock(mutex_);
    answered_.wait(lock, [&] { return make_ != nullptr; });
    return make_();
  }

 private:
  std::mutex mutex_;
  std::condition_variable answered_;
  std::function<http::Response()> make_;
};

rules::CollectionCatalog Declared() {
  rules::CollectionCatalog catalog;
  rules::DeclaredCollection tasks;
  tasks.name = "tasks";
  tasks.scope_field = "room";
  OUTPOST_ASSERT(catalog.Declare(std::move(tasks)).ok());
  return catalog;
}

bool HasHeader(std::string_view head, std::string_view name) {
  for (std::size_t at = head.find('\n'); at != std::string_view::npos; at = head.find('\n', at + 1)) {
    const std::string_view line = head.substr(at + 1);
    if (line.size() > name.size() && line[name.size()] == ':' &&
        http::EqualsIgnoreCase(line.substr(0, name.size()), name))
      return true;
  }
  return false;
}

std::string RoleIn(std::string_view head) {
  const std::size_t at = head.find("\nRole: ");
  if (at == std::string_view::npos) return "admin";
  const std::string_view rest = head.substr(at + 7);
  return std::string(rest.substr(0, rest.find_first_of("\r\n")));
}

}  // namespace

Conversation::Conversation() : tokens_(kSecret) {
  folder_ = (std::filesystem::temp_directory_path() / "outpost-fuzz-XXXXXX").string();
  OUTPOST_ASSERT(::mkdtemp(folder_.data()) != nullptr);
  server::SqliteStoreOptions options;
  options.path = folder_ + "/outpost.db";
  auto store = server::SqliteStore::Open(options, random_);
  OUTPOST_ASSERT(store.ok());
  store_ = std::move(store).value();
  server::ServerSettings settings;
  settings.service.collections = std::make_shared<const server::Collections>(Declared());
  settings.secret = kSecret;
  settings.random_seed = 1;
  const auto now = [] { return kNow; };
  application_ = std::make_unique<server::Application>(*store_, std::move(settings), now, log_, [] { return 1; });
}

Conversation::~Conversation() {
  application_.reset();
  store_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void Conversation::Begin() { ++conversations_; }

std::string Conversation::Token(const std::string& role) {
  return tokens_.Make({WorkspaceId("w" + std::to_string(conversations_)),
                       UserId("ann"),
                       {role},
                       std::nullopt,
                       kNow + Milliseconds(3'600'000)});
}

std::string Conversation::WithMissingHeaders(std::string_view head, std::string_view body) {
  std::string text(head);
  if (!text.empty() && text.back() != '\n') text += "\r\n";
  if (!HasHeader(head, "Host")) text += "Host: shop\r\n";
  if (!HasHeader(head, "Authorization")) text += "Authorization: Bearer " + Token(RoleIn(head)) + "\r\n";
  if (!HasHeader(head, "Content-Length") && !HasHeader(head, "Transfer-Encoding") && !body.empty())
    text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  if (!HasHeader(head, "Content-Type")) text += "Content-Type: application/json\r\n";
  return text + "\r\n";
}

// What http/connection.cc does with the bytes of a socket.
std::optional<http::Response> Conversation::Ask(std::string_view text) {
  const std::size_t cut = text.find("\n\n");
  const std::string_view body = cut == std::string_view::npos ? std::string_view() : text.substr(cut + 2);
  const std::string bytes = WithMissingHeaders(text.substr(0, cut), body) + std::string(body);
  beast::http::request_parser<beast::http::string_body> parser;
  parser.eager(true);
  parser.header_limit(http::Limits{}.header_bytes_max);
  parser.body_limit(boost::none);
  boost::system::error_code error;
  http::Request request;
  const std::size_t read = parser.put(boost::asio::buffer(bytes), error);
  if (error == beast::http::error::need_more) return std::nullopt;
  OUTPOST_ASSERT(read <= bytes.size());
  if (error || !parser.is_header_done() || !http::TakeHead(parser.get().base(), request))
    return application_->handler().Reject(http::Rejection::kMalformed, request);
  if (!parser.is_done()) return std::nullopt;  // the peer would be waited for
  request.has_body = parser.chunked() || parser.content_length().value_or(0) > 0;
  request.query.erase("wait");  // time does not pass here
  return Handle(std::move(request), std::move(parser.get().body()));
}

std::optional<http::Response> Conversation::Handle(http::Request request, std::string body) {
  http::Handler& handler = application_->handler();
  http::Admission admission = handler.Admit(request);
  if (admission.refusal) return std::move(*admission.refusal);
  if (body.size() > admission.body_bytes_max) return handler.Reject(http::Rejection::kBodyTooLarge, request);
  request.body = std::move(body);
  const auto exchange = std::make_shared<Exchange>();
  handler.Handle(std::move(request), http::Responder(exchange));
  return exchange->Wait();
}

}  // namespace outpost::fuzz
