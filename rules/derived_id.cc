#include "rules/derived_id.h"

#include "base/assert.h"
#include "base/sha256.h"
#include "base/ulid.h"
#include "rules/rule.h"

namespace outpost::rules {
namespace {

constexpr std::size_t kUlidTimeLength = 10;

// The five bits of `digest` that start at bit 5 × position.
unsigned FiveBits(const Digest& digest, std::size_t position) {
  const std::size_t bit = position * 5;
  const std::size_t byte = bit / 8;
  const unsigned next = byte + 1 < digest.size() ? digest[byte + 1] : 0u;
  const unsigned window = (static_cast<unsigned>(digest[byte]) << 8) | next;
  return (window >> (11 - bit % 8)) & 31u;
}

void AppendCode(std::string& out, const Digest& digest, std::size_t length) {
  OUTPOST_ASSERT(length <= kHashCodeLengthMax);
  for (std::size_t i = 0; i < length; ++i) out.push_back(kCrockfordAlphabet[FiveBits(digest, i)]);
}

Digest DigestOf(const CommandId& command, std::string_view role) {
  Sha256 hash;
  hash.Update(command.value);
  hash.Update("/");
  hash.Update(role);
  return hash.Finish();
}

}  // namespace

std::string HashCode(std::string_view text, std::size_t length) {
  std::string code;
  code.reserve(length);
  AppendCode(code, Sha256Of(text), length);
  return code;
}

std::string DerivedCode(const CommandId& command, std::string_view role, std::size_t length) {
  std::string code;
  code.reserve(length);
  AppendCode(code, DigestOf(command, role), length);
  return code;
}

// A ULID again: the command's own time in front, because ids in time order land side by side in an index, then 80 bits
// of the hash. A command with a foreign id gives 130 bits of hash, the first character limited to 0–7 as in any ULID.
DocumentId DerivedId(const CommandId& command, std::string_view role) {
  const Digest digest = DigestOf(command, role);
  std::string id;
  id.reserve(kUlidLength);
  if (IsUlid(command.value)) {
    id.append(command.value, 0, kUlidTimeLength);
    AppendCode(id, digest, kUlidLength - kUlidTimeLength);
  } else {
    AppendCode(id, digest, kUlidLength);
    id[0] = kCrockfordAlphabet[FiveBits(digest, 0) & 7u];
  }
  return DocumentId(std::move(id));
}

}  // namespace outpost::rules
