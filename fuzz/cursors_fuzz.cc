// Cursors: as text from anywhere, and as content that we made ourselves and somebody altered. Laws: what decodes
// encodes to the same text; one changed character is noticed; another workspace's is none of ours; no cursor makes the
// feed fail or show more than its head.
#include <cstring>

#include "fuzz/fuzz.h"
#include "server/core/command_service.h"
#include "server/core/cursor.h"
#include "server/core/feed.h"
#include "server/core/memory_store.h"

namespace outpost::fuzz {
namespace {

using namespace outpost::server;

constexpr Timestamp kNow{1'790'000'000'000};
const Caller kAnn{WorkspaceId("shop"), UserId("ann"), {"staff"}, std::nullopt, kNow + Milliseconds(1000)};

// Three products.
std::unique_ptr<MemoryStore> MakeStore() {
  auto store = std::make_unique<MemoryStore>(Epoch("01EPOCH"));
  CommandService service(*store, {});
  Submission submission{kAnn, {}};
  for (const char* sku : {"tea", "cake", "milk"}) {
    Command command;
    command.id = CommandId(sku);
    command.key = IdempotencyKey(sku);
    command.type = "PRODUCT_PUT_V1";
    command.payload = {{"sku", sku}, {"name", sku}, {"price", 300}};
    submission.request.commands.push_back(std::move(command));
  }
  service.ExecuteGroup({&submission, 1}, kNow);
  return store;
}

void CheckFeed(const Cursor& cursor, bool as_join) {
  static const std::unique_ptr<MemoryStore> store = MakeStore();
  PullRequest request;
  (as_join ? request.join : request.cursor) = cursor;
  const PullResult result = ReadChanges(*store, kAnn, request);
  if (const auto* problem = std::get_if<Problem>(&result)) {
    OUTPOST_ASSERT(problem->code == ProblemCode::kCursorInvalid || problem->code == ProblemCode::kCursorMismatch ||
                   problem->code == ProblemCode::kCursorExpired);
    return;
  }
  OUTPOST_ASSERT(std::get<ChangesPage>(result).changes.size() <= 3);
}

void CheckText(std::string_view text) {
  const Cursor cursor{std::string(text)};
  if (const auto content = DecodeCursor(kAnn.workspace, cursor); content.ok())
    OUTPOST_ASSERT(EncodeCursor(kAnn.workspace, content.value()) == cursor);
  CheckFeed(cursor, false);
  CheckFeed(cursor, true);
}

// Fills the content from the bytes as far as they reach.
CursorContent ContentFrom(std::string_view bytes) {
  std::uint64_t numbers[7] = {};
  std::memcpy(numbers, bytes.data(), std::min(bytes.size(), sizeof numbers));
  const auto sequence = [](std::uint64_t n) { return Sequence(static_cast<std::int64_t>(n & ((1ULL << 53) - 1))); };
  return {numbers[0] % 2 == 0 ? HashEpoch(Epoch("01EPOCH")) : numbers[0],
          sequence(numbers[1]),
          numbers[2],
          numbers[3] % 2 == 0 ? HashFilter({}, {}) : FilterHash(numbers[3]),
          numbers[4] % 2 == 0 ? HashRights(ReadRights(kAnn.roles, kAnn.user)) : RightsHash(numbers[4]),
          FilterHash(numbers[5]),
          sequence(numbers[6])};
}

void CheckAltered(std::string_view bytes) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const Cursor made = EncodeCursor(kAnn.workspace, ContentFrom(bytes));
  OUTPOST_ASSERT(DecodeCursor(kAnn.workspace, made).ok());
  OUTPOST_ASSERT(!DecodeCursor(WorkspaceId("other"), made).ok());
  CheckText(made.value);
  if (bytes.size() < 58) return;
  Cursor altered = made;
  char& character = altered.value[static_cast<unsigned char>(bytes[56]) % altered.value.size()];
  const char other = kAlphabet[static_cast<unsigned char>(bytes[57]) % kAlphabet.size()];
  if (std::exchange(character, other) != other) OUTPOST_ASSERT(!DecodeCursor(kAnn.workspace, altered).ok());
}

}  // namespace
}  // namespace outpost::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace outpost::fuzz;
  if (size == 0) return 0;
  const std::string_view rest = TextOf(data + 1, size - 1);
  if (data[0] % 2 == 0) {
    CheckText(rest);
  } else {
    CheckAltered(rest);
  }
  return 0;
}
