// Up to eight requests, separated by lines of two percent signs, through grammar, admission, routes, rules and store.
// Every one has exactly one answer, none of them says that the server failed, and each is what its type says it is.
#include "fuzz/conversation.h"
#include "fuzz/fuzz.h"
#include "protocol/json.h"

namespace outpost::fuzz {
namespace {

constexpr std::size_t kRequestsMax = 8;
// Later inputs do not meet what earlier ones left, but the files grow.
constexpr int kConversationsPerStore = 2000;

void CheckAnswer(const http::Response& answer) {
  OUTPOST_ASSERT(answer.status >= 100 && answer.status < 600);
  OUTPOST_ASSERT(answer.status < 500 || answer.status == 503);
  for (const http::Header& header : answer.headers.list())
    OUTPOST_ASSERT(header.name.find_first_of("\r\n: ") == std::string::npos);
  OUTPOST_ASSERT(answer.headers.Count("X-Request-Id") == 1);
  const bool problem = answer.content_type == "application/problem+json";
  OUTPOST_ASSERT(problem == (answer.status >= 400));
  if (answer.body.empty() || answer.headers.Find("Content-Encoding") != nullptr) return;
  if (!problem && answer.content_type != "application/json") return;
  const auto body = ParseJson(answer.body);
  OUTPOST_ASSERT(body.ok());
  if (!problem) return;
  const json::object& members = body.value().get_object();
  OUTPOST_ASSERT(Find(members, "status")->as_int64() == answer.status);
  OUTPOST_ASSERT(!StringOr(members, "code").empty() && StringOr(members, "type").starts_with("/problems/"));
}

}  // namespace
}  // namespace outpost::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace outpost::fuzz;
  static std::unique_ptr<Conversation> conversation;
  static int conversations = 0;
  if (conversation == nullptr || ++conversations % kConversationsPerStore == 0) {
    conversation.reset();
    conversation = std::make_unique<Conversation>();
  }
  conversation->Begin();
  for (const std::string_view request : PartsOf(TextOf(data, size), "\n%%\n", kRequestsMax)) {
    if (const auto answer = conversation->Ask(request)) CheckAnswer(*answer);
  }
  return 0;
}
