// Seeded mutations of valid messages through every decoder: under the sanitizers nothing may go wrong, and what is
// accepted must read back as itself.
#include <gtest/gtest.h>

#include "base/random.h"
#include "protocol/pull.h"

namespace outpost {
namespace {

constexpr int kMutations = 4'000;

// Changes, deletes, doubles or swaps in a few bytes, most of them characters that mean something in JSON.
std::string Mutated(std::string text, Random& random) {
  constexpr std::string_view kBytes = "{}[]\",:\\u0aeE+-. \n\t1\x80\xff\xed";
  for (std::uint64_t n = 1 + random.Below(4); n > 0 && !text.empty(); --n) {
    const std::size_t at = random.Below(text.size());
    switch (random.Below(4)) {
      case 0:
        text[at] = kBytes[random.Below(kBytes.size())];
        break;
      case 1:
        text.erase(at, 1 + random.Below(8));
        break;
      case 2:
        text.insert(at, text.substr(random.Below(text.size()), random.Below(40)));
        break;
      default:
        text.insert(at, 1, kBytes[random.Below(kBytes.size())]);
        break;
    }
  }
  return text;
}

template <class Check>
void ForMutations(const std::string& text, std::uint64_t seed, Check check) {
  Random random(seed);
  for (int i = 0; i < kMutations; ++i) {
    // A copy of exactly its size, so that the address sanitizer sees one byte too far.
    const std::string mutated = Mutated(text, random);
    const std::vector<char> exact(mutated.begin(), mutated.end());
    check(std::string_view(exact.data(), exact.size()));
  }
}

const std::string kDocument =
    R"({"id":"o1","note":"a \"quoted\\ \u00e9 \ud83d\ude00","items":[{"sku":"a","price":-12.5e2},{"b":[[],{}]}],"n":null})";

std::string PageText(bool lines) {
  ChangesPage page{.epoch = Epoch("e"), .cursor = Cursor("c"), .more = true};
  page.changes = {{Sequence(1), {CollectionName("orders"), DocumentId("o1")}, Version(1), kDocument, ""},
                  {Sequence(2), {CollectionName("orders"), DocumentId("o2")}, Version(1), "", "deleted"}};
  page.own = {{CommandId("c1"), Sequence(1), "ab"}};
  return lines ? ToNdjson(page) : ToJson(page);
}

TEST(DecoderFuzz, ParserAcceptsNoMoreThanTheLibraryAndItsResultReadsBack) {
  ForMutations(kDocument, 1, [](std::string_view text) {
    const auto parsed = ParseJson(text);
    if (!parsed.ok()) return;
    json::error_code error;
    static_cast<void>(json::parse(text, error));
    ASSERT_FALSE(error) << text;
    const std::string canonical = CanonicalJson(parsed.value());
    const auto again = ParseJson(canonical);
    ASSERT_TRUE(again.ok()) << canonical;
    ASSERT_EQ(CanonicalJson(again.value()), canonical);
    ASSERT_EQ(CanonicalJson(ParseJson(ToJson(parsed.value())).value()), canonical);
  });
}

TEST(DecoderFuzz, PagesReadBackWhatWasAccepted) {
  ForMutations(PageText(false), 2, [](std::string_view text) {
    const auto page = ChangesPageFromJson(text);
    if (!page.ok()) return;
    ASSERT_EQ(ToJson(ChangesPageFromJson(ToJson(page.value())).value()), ToJson(page.value()));
  });
  ForMutations(PageText(true), 3, [](std::string_view text) {
    const auto page = ChangesPageFromNdjson(text);
    if (!page.ok()) return;
    ASSERT_EQ(ToNdjson(ChangesPageFromNdjson(ToNdjson(page.value())).value()), ToNdjson(page.value()));
  });
}

TEST(DecoderFuzz, PushResponsesReadBackWhatWasAccepted) {
  PushResponse response{.epoch = Epoch("e"), .highest_n = CommandNumber(3)};
  CommandResult conflict{
      .id = CommandId("c2"), .fingerprint = "cd", .status = WireStatus::kConflict, .http_status = 409};
  conflict.problem = Problem{.code = ProblemCode::kVersionConflict, .errors = {{"a", "b"}}};
  conflict.problem->extra["currentVersion"] = 4;
  response.results = {{.id = CommandId("c1"),
                       .fingerprint = "ab",
                       .status = WireStatus::kSucceeded,
                       .http_status = 200,
                       .body = kDocument,
                       .ids = {{"l", "s"}}},
                      conflict};
  ForMutations(ToJson(response), 4, [](std::string_view text) {
    const auto read = PushResponseFromJson(text);
    if (!read.ok()) return;
    const std::string written = ToJson(read.value());
    ASSERT_TRUE(PushResponseFromJson(written).ok()) << written;
  });
}

TEST(DecoderFuzz, PushRequestsAreAlwaysRequestsOrProblems) {
  const std::string entry = R"({"id":"c1","n":1,"author":"mia","type":"X_V1","payload":)" + kDocument +
                            R"(,"key":"k","revision":1,"expectedVersion":{"after":"c0"},"dependsOn":["a","b"]})";
  ForMutations(R"({"deviceId":"d","report":{"waiting":1},"commands":[)" + entry + "," + entry + "]}", 5,
               [](std::string_view text) {
                 const auto read = PushRequestFromText(text);
                 if (const auto* request = std::get_if<PushRequest>(&read)) {
                   for (const Command& command : request->commands) {
                     std::string written;
                     AppendCommandJson(written, command, ToJson(command.payload));
                     ASSERT_TRUE(ParseJson(written).ok()) << written;
                     static_cast<void>(FingerprintOf("X", command.payload));
                   }
                 } else {
                   ASSERT_EQ(HttpStatus(std::get<Problem>(read).code), 400);
                 }
               });
}

}  // namespace
}  // namespace outpost
