#include "server/core/cursor.h"

#include <algorithm>

#include "base/base64url.h"
#include "base/sha256.h"

namespace outpost::server {
namespace {

constexpr std::string_view kDomain = "outpost cursor 1";
constexpr char kFormat = 1;
constexpr std::size_t kLength = 1 + 9 * 8;  // format, eight words, checksum

void AppendWord(std::string& out, std::uint64_t word) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>((word >> shift) & 0xff));
}

std::uint64_t WordAt(std::string_view bytes, std::size_t index) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < 8; ++i) word = (word << 8) | static_cast<unsigned char>(bytes[1 + index * 8 + i]);
  return word;
}

std::uint64_t Hash(std::string_view domain, std::string_view text) {
  Sha256 hash;
  hash.Update(domain);
  hash.Update(std::string_view("\0", 1));
  hash.Update(text);
  const Digest digest = hash.Finish();
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < 8; ++i) word = (word << 8) | digest[i];
  return word;
}

std::uint64_t HashCollection(std::string_view name, std::string_view scope) {
  return Hash("outpost filter", std::string(name) + '\n' + std::string(scope));
}

}  // namespace

FilterHash HashFilter(const std::vector<CollectionName>& collections, const std::string& scope,
                      const Collections& known) {
  if (collections.empty()) return FilterHash(HashCollection("*", scope));
  std::vector<CollectionName> distinct = collections;
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  std::uint64_t sum = 0;
  for (const CollectionName& name : distinct) {
    sum += HashCollection(name.value, known.Narrows(scope, name) ? std::string_view(scope) : std::string_view());
  }
  return FilterHash(sum);
}

RightsHash HashRights(const ReadRights& rights) {
  std::string text;
  if (!rights.collections()) text = "*";
  for (const CollectionName& name : rights.collections().value_or(std::vector<CollectionName>()))
    text += name.value + '\n';
  if (rights.only_created_by()) text += "by " + rights.only_created_by()->value;
  return RightsHash(Hash("outpost rights", text));
}

std::uint64_t HashEpoch(const Epoch& epoch) { return Hash("outpost epoch", epoch.value); }

Cursor EncodeCursor(const WorkspaceId& workspace, const CursorContent& content) {
  std::string bytes(1, kFormat);
  bytes.reserve(kLength);
  AppendWord(bytes, Hash("outpost workspace", workspace.value));
  AppendWord(bytes, content.epoch);
  AppendWord(bytes, static_cast<std::uint64_t>(content.seq.value));
  AppendWord(bytes, content.tag);
  AppendWord(bytes, content.filter.value);
  AppendWord(bytes, content.rights.value);
  AppendWord(bytes, content.joined.value);
  AppendWord(bytes, static_cast<std::uint64_t>(content.began.value));
  AppendWord(bytes, Hash(kDomain, bytes));
  return Cursor(ToBase64Url(bytes));
}

Result<CursorContent> DecodeCursor(const WorkspaceId& workspace, const Cursor& cursor) {
  const Error invalid{ErrorCode::kInvalidArgument, "not a cursor of this workspace"};
  const auto decoded = FromBase64Url(cursor.value);
  if (!decoded.ok() || decoded.value().size() != kLength) return invalid;
  const std::string_view bytes = decoded.value();
  if (bytes[0] != kFormat || WordAt(bytes, 8) != Hash(kDomain, bytes.substr(0, kLength - 8))) return invalid;
  if (WordAt(bytes, 0) != Hash("outpost workspace", workspace.value)) return invalid;
  CursorContent content;
  content.epoch = WordAt(bytes, 1);
  content.seq = Sequence(static_cast<std::int64_t>(WordAt(bytes, 2)));
  content.tag = WordAt(bytes, 3);
  content.filter = FilterHash(WordAt(bytes, 4));
  content.rights = RightsHash(WordAt(bytes, 5));
  content.joined = FilterHash(WordAt(bytes, 6));
  content.began = Sequence(static_cast<std::int64_t>(WordAt(bytes, 7)));
  if (content.seq.value < 0 || content.began.value < 0) return invalid;
  return content;
}

}  // namespace outpost::server
