#include "transport/http_transport.h"

#include <curl/curl.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

namespace outpost::transport {
namespace {

struct EasyCleanup {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct MultiCleanup {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct ListFree {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct UrlFree {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

using HeaderList = std::unique_ptr<curl_slist, ListFree>;
using UrlHandle = std::unique_ptr<CURLU, UrlFree>;

// One exchange under way. Stays where it is: curl keeps pointers into it.
struct Transfer {
  std::unique_ptr<CURL, EasyCleanup> easy;
  HeaderList headers;
  std::string request_body;
  std::string response_body;
  bool oversized = false;
};

std::size_t Receive(char* bytes, std::size_t, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (count > kResponseBytesMax - transfer.response_body.size()) {
    transfer.oversized = true;
    return 0;  // curl ends the transfer with CURLE_WRITE_ERROR
  }
  transfer.response_body.append(bytes, count);
  return count;
}

void Append(HeaderList& list, const std::string& line) {
  curl_slist* head = curl_slist_append(list.get(), line.c_str());
  OUTPOST_ASSERT(head != nullptr);
  (void)list.release();
  list.reset(head);
}

// A line break in a header would start another one.
bool FitsHeader(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
}

std::string UrlPart(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return {};
  std::string copy = text;
  curl_free(text);
  return copy;
}

bool IsLoopback(std::string_view host) { return host == "localhost" || host == "[::1]" || host.starts_with("127."); }

engine::HttpOutcome OutcomeOf(Transfer& transfer, CURLcode code) {
  if (transfer.oversized) return engine::NetworkFailure{"the answer is larger than this program takes", false};
  if (code != CURLE_OK) return engine::NetworkFailure{curl_easy_strerror(code), code == CURLE_OPERATION_TIMEDOUT};
  engine::HttpResponse response;
  long status = 0;
  curl_easy_getinfo(transfer.easy.get(), CURLINFO_RESPONSE_CODE, &status);
  response.status = static_cast<int>(status);
  char* content_type = nullptr;
  curl_easy_getinfo(transfer.easy.get(), CURLINFO_CONTENT_TYPE, &content_type);
  if (content_type != nullptr) response.content_type = content_type;
  curl_header* retry_after = nullptr;
  if (curl_easy_header(transfer.easy.get(), "Retry-After", 0, CURLH_HEADER, -1, &retry_after) == CURLHE_OK) {
    curl_off_t seconds = 0;  // curl reads both forms, seconds and a date
    curl_easy_getinfo(transfer.easy.get(), CURLINFO_RETRY_AFTER, &seconds);
    response.retry_after_ms = static_cast<std::int64_t>(seconds) * 1000;
  }
  response.body = std::move(transfer.response_body);
  return response;
}

}  // namespace

struct HttpTransport::Impl {
  std::string base_url;
  bool loopback = false;
  TokenProvider token;
  std::unique_ptr<CURLM, MultiCleanup> multi;
  std::map<engine::ExchangeId, std::unique_ptr<Transfer>> transfers;
  std::vector<Finished> failed;  // never started; told by the next Poll

  ~Impl() { DropTransfers(); }

  void DropTransfers() {
    for (auto& [exchange, transfer] : transfers) curl_multi_remove_handle(multi.get(), transfer->easy.get());
    transfers.clear();
  }

  void OpenMulti() {
    multi.reset(curl_multi_init());
    OUTPOST_ASSERT(multi != nullptr);
  }

  // Nothing but an empty list when a header cannot be carried.
  std::optional<HeaderList> HeadersOf(const engine::HttpRequest& request) {
    HeaderList list;
    Append(list, "Expect:");  // no round trip to ask whether a large body is welcome
    for (const auto& [name, value] : request.headers) {
      if (!FitsHeader(name) || !FitsHeader(value)) return std::nullopt;
      Append(list, name + ": " + value);
    }
    if (const std::string bearer = token ? token() : std::string(); !bearer.empty()) {
      if (!FitsHeader(bearer)) return std::nullopt;
      Append(list, "Authorization: Bearer " + bearer);
    }
    return list;
  }

  void SetMethod(CURL* easy, Transfer& transfer, const engine::HttpRequest& request) {
    if (request.method == "GET") return;
    if (request.method == "HEAD") {
      curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
      return;
    }
    transfer.request_body = request.body;
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(transfer.request_body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, transfer.request_body.data());
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }

  void SetPolicy(CURL* easy, std::int64_t timeout_ms) {
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
    curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, 2L << 20);  // curl hands the socket one buffer per turn
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout_ms));
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::min(timeout_ms, kConnectTimeoutMs)));
    if (loopback) curl_easy_setopt(easy, CURLOPT_PROXY, "");  // whatever the environment says
  }
};

Result<std::unique_ptr<HttpTransport>> HttpTransport::Create(std::string base_url, TokenProvider token) {
  static const CURLcode global = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (global != CURLE_OK) return Error{ErrorCode::kIo, "libcurl does not start"};
  const UrlHandle url(curl_url());
  if (curl_url_set(url.get(), CURLUPART_URL, base_url.c_str(), 0) != CURLUE_OK) {
    return Error{ErrorCode::kInvalidArgument, "the server's address is no URL: " + base_url};
  }
  const std::string scheme = UrlPart(url.get(), CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") {
    return Error{ErrorCode::kInvalidArgument, "the server's address is neither http nor https"};
  }
  if (!UrlPart(url.get(), CURLUPART_USER).empty() || !UrlPart(url.get(), CURLUPART_QUERY).empty() ||
      !UrlPart(url.get(), CURLUPART_FRAGMENT).empty()) {
    return Error{ErrorCode::kInvalidArgument, "the server's address holds more than host, port and path"};
  }
  while (base_url.ends_with('/')) base_url.pop_back();
  auto impl = std::make_unique<Impl>();
  impl->base_url = std::move(base_url);
  impl->loopback = IsLoopback(UrlPart(url.get(), CURLUPART_HOST));
  impl->token = std::move(token);
  impl->OpenMulti();
  return std::unique_ptr<HttpTransport>(new HttpTransport(std::move(impl)));
}

HttpTransport::HttpTransport(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpTransport::~HttpTransport() = default;

void HttpTransport::Send(engine::ExchangeId exchange, const engine::HttpRequest& request, std::int64_t timeout_ms) {
  OUTPOST_ASSERT(!impl_->transfers.contains(exchange));
  auto headers = impl_->HeadersOf(request);
  if (!headers) {
    impl_->failed.push_back(
        {exchange, engine::NetworkFailure{"a header or the token holds a control character", false}});
    return;
  }
  auto transfer = std::make_unique<Transfer>();
  transfer->headers = std::move(*headers);
  transfer->easy.reset(curl_easy_init());
  CURL* easy = transfer->easy.get();
  OUTPOST_ASSERT(easy != nullptr);
  curl_easy_setopt(easy, CURLOPT_URL, (impl_->base_url + request.target).c_str());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers.get());
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Receive);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer.get());
  impl_->SetPolicy(easy, timeout_ms);
  impl_->SetMethod(easy, *transfer, request);
  OUTPOST_ASSERT(curl_multi_add_handle(impl_->multi.get(), easy) == CURLM_OK);
  impl_->transfers.emplace(exchange, std::move(transfer));
  // Under way at once: the caller may have much to do before its next Poll.
  int running = 0;
  curl_multi_perform(impl_->multi.get(), &running);
}

std::vector<Finished> HttpTransport::Poll(Milliseconds wait_max) {
  std::vector<Finished> finished = std::exchange(impl_->failed, {});
  CURLM* multi = impl_->multi.get();
  const auto collect = [&] {
    int running = 0;
    curl_multi_perform(multi, &running);
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const CURLcode code = message->data.result;
      CURL* easy = message->easy_handle;
      const auto at = std::find_if(impl_->transfers.begin(), impl_->transfers.end(),
                                   [easy](const auto& entry) { return entry.second->easy.get() == easy; });
      OUTPOST_ASSERT(at != impl_->transfers.end());
      finished.push_back({at->first, OutcomeOf(*at->second, code)});
      curl_multi_remove_handle(multi, easy);
      impl_->transfers.erase(at);
    }
  };
  collect();
  // One wait may end early (a connection moved on without an outcome); the caller asks again anyway.
  if (finished.empty() && wait_max.count() > 0) {
    curl_multi_poll(multi, nullptr, 0, static_cast<int>(wait_max.count()), nullptr);
    collect();
  }
  return finished;
}

void HttpTransport::CancelAll() {
  impl_->DropTransfers();
  impl_->failed.clear();
  impl_->OpenMulti();  // closes idle connections too
}

std::size_t HttpTransport::in_flight() const { return impl_->transfers.size() + impl_->failed.size(); }

}  // namespace outpost::transport
