// A body of POST /sync/commands, executed twice on an empty store. Laws: every command has its result, in order; the
// answer reads back; the second time nothing is applied and every command ends as it did the first time (law 3).
#include "fuzz/fuzz.h"
#include "server/core/command_service.h"
#include "server/core/memory_store.h"

namespace outpost::fuzz {
namespace {

using namespace outpost::server;

constexpr Timestamp kNow{1'790'000'000'000};
const WorkspaceId kShop("shop");

ServiceSettings Settings() {
  rules::CollectionCatalog catalog;
  rules::DeclaredCollection tasks;
  tasks.name = "tasks";
  tasks.scope_field = "room";
  tasks.strategy = rules::Strategy::kMerge;
  OUTPOST_ASSERT(catalog.Declare(std::move(tasks)).ok());
  ServiceSettings settings;
  settings.collections = std::make_shared<const Collections>(std::move(catalog));
  return settings;
}

std::optional<PushRequest> Read(std::string_view text) {
  auto read = PushRequestFromText(text);
  if (auto* request = std::get_if<PushRequest>(&read)) return std::move(*request);
  const int status = HttpStatus(std::get<Problem>(read).code);
  OUTPOST_ASSERT(status == 400 || status == 413);
  return std::nullopt;
}

SubmissionResult Execute(CommandService& service, PushRequest request) {
  Submission submission;
  submission.caller = {kShop, UserId("ann"), {"staff", "terminal"}, std::nullopt, kNow + Milliseconds(1000)};
  submission.request = std::move(request);
  auto results = service.ExecuteGroup({&submission, 1}, kNow);
  OUTPOST_ASSERT(results.size() == 1);
  return std::move(results.front());
}

Sequence Head(Store& store) { return store.BeginRead().value()->Head(kShop).value().head; }

void CheckResults(const PushRequest& request, const PushResponse& response) {
  OUTPOST_ASSERT(response.results.size() == request.commands.size());
  for (std::size_t i = 0; i < response.results.size(); ++i) {
    const CommandResult& result = response.results[i];
    OUTPOST_ASSERT(result.id == request.commands[i].id);
    OUTPOST_ASSERT(result.problem.has_value() == (result.status != WireStatus::kSucceeded));
    OUTPOST_ASSERT(result.status != WireStatus::kRetry);
  }
  OUTPOST_ASSERT(PushResponseFromJson(ToJson(response)).ok());
}

void CheckSecondTime(const PushResponse& first, const PushResponse& second) {
  for (std::size_t i = 0; i < first.results.size(); ++i) {
    const WireStatus before = first.results[i].status;
    const WireStatus now = second.results[i].status;
    // Of what was held back nothing is remembered: it may meet what came after it. It is not applied, all the same.
    OUTPOST_ASSERT(now == before || (before == WireStatus::kBlocked && now != WireStatus::kSucceeded));
    if (before != WireStatus::kSucceeded) continue;
    OUTPOST_ASSERT(second.results[i].replayed && second.results[i].changes.empty());
    OUTPOST_ASSERT(first.results[i].body == second.results[i].body);
  }
}

}  // namespace
}  // namespace outpost::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace outpost;
  using namespace outpost::fuzz;
  static const ServiceSettings settings = Settings();
  const std::string_view text = TextOf(data, size);
  auto request = Read(text);
  if (!request) return 0;
  MemoryStore store(Epoch("01EPOCH"));
  CommandService service(store, settings);
  const SubmissionResult first = Execute(service, *Read(text));
  const auto* answered = std::get_if<PushResponse>(&first);
  if (answered == nullptr) return 0;
  CheckResults(*request, *answered);
  const Sequence head = Head(store);
  const SubmissionResult second = Execute(service, std::move(*request));
  OUTPOST_ASSERT(Head(store) == head);
  CheckSecondTime(*answered, std::get<PushResponse>(second));
  return 0;
}
