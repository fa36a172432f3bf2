#include "protocol/pull.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "protocol/json_scan.h"
#include "protocol/json_span.h"

namespace outpost {
namespace {

constexpr std::size_t kParseMemoryMin = 4096;
constexpr std::size_t kLineMemory = 32 * 1024;  // a line of a few kilobytes is parsed without an allocation

// ---- writing ----

void AppendOwn(std::string& out, const std::vector<OwnCommand>& own) {
  out += ",\"own\":[";
  for (std::size_t i = 0; i < own.size(); ++i) {
    out += i > 0 ? ",{\"id\":" : "{\"id\":";
    AppendJsonString(out, own[i].id.value);
    out += ",\"seq\":";
    out += std::to_string(own[i].seq.value);
    out += ",\"fingerprint\":";
    AppendJsonString(out, own[i].fingerprint);
    out.push_back('}');
  }
  out.push_back(']');
}

// "cursor", "more" and "own", each with a comma before.
void AppendTail(std::string& out, const ChangesPage& page) {
  out += ",\"cursor\":";
  AppendJsonString(out, page.cursor.value);
  out += page.more ? ",\"more\":true" : ",\"more\":false";
  AppendOwn(out, page.own);
}

std::size_t SizeOf(const ChangesPage& page) {
  std::size_t size = 256 + page.own.size() * 160;
  for (const Change& change : page.changes) size += 128 + change.doc.size() + change.key.id.value.size();
  return size;
}

// ---- reading ----

Error Malformed(std::string what) { return Error{ErrorCode::kInvalidArgument, "no changes page: " + std::move(what)}; }

Status ReadOwn(const json::object& object, std::vector<OwnCommand>& own) {
  const json::value* member = Find(object, "own");
  if (member == nullptr) return {};
  if (!member->is_array()) return Malformed("own is no array");
  own.reserve(member->get_array().size());
  for (const json::value& element : member->get_array()) {
    if (!element.is_object()) return Malformed("own holds something else than objects");
    const json::object& entry = element.get_object();
    const std::string_view id = StringOr(entry, "id");
    const std::int64_t seq = IntegerOr(entry, "seq", -1);
    if (!IsValidId(id) || seq < 0) return Malformed("an own command without id or seq");
    own.push_back({CommandId(std::string(id)), Sequence(seq), std::string(StringOr(entry, "fingerprint"))});
  }
  return {};
}

// Everything of a page but its changes.
Status ReadTail(const json::object& object, ChangesPage& page) {
  const json::value* more = Find(object, "more");
  page.epoch = Epoch(std::string(StringOr(object, "epoch")));
  page.cursor = Cursor(std::string(StringOr(object, "cursor")));
  if (page.epoch.value.empty()) return Malformed("no epoch");
  if (page.cursor.value.empty()) return Malformed("no cursor");
  if (more == nullptr || !more->is_bool()) return Malformed("no more");
  page.more = more->get_bool();
  return ReadOwn(object, page.own);
}

// A text without escapes, or a whole number from 0; anything else is left to the parser.
bool ReadPlain(std::string_view value, std::string& text) {
  if (value.size() < 2 || value.front() != '"' || value.find('\\') != std::string_view::npos) return false;
  text = value.substr(1, value.size() - 2);
  return true;
}
bool ReadPlain(std::string_view value, std::int64_t& number) {
  const auto read = std::from_chars(value.data(), value.data() + value.size(), number);
  return read.ec == std::errc() && read.ptr == value.data() + value.size() && number >= 0;
}

// Nearly every line is a change in plain JSON: its document is kept as it stands, and no tree is made of it.
std::optional<Change> PlainChange(std::string_view line, std::vector<PlainMember>& members) {
  if (!ScanPlainObject(line, members)) return std::nullopt;
  Change change{.seq = Sequence(-1), .version = Version(-1)};
  bool has_doc = false;
  for (const auto& [name, value] : members) {
    bool read = true;
    if (name == "seq") read = ReadPlain(value, change.seq.value);
    if (name == "version") read = ReadPlain(value, change.version.value);
    if (name == "collection") read = ReadPlain(value, change.key.collection.value);
    if (name == "id") read = ReadPlain(value, change.key.id.value);
    if (name == "reason") read = ReadPlain(value, change.reason);
    if (name == "cursor" || !read) return std::nullopt;
    if (name != "doc") continue;
    has_doc = value.front() == '{' || value == "null";
    if (value.front() == '{') change.doc = value;
  }
  const bool whole = change.seq.value >= 0 && change.version.value >= 0 && has_doc;
  if (!whole || !IsValidId(change.key.collection.value) || !IsValidId(change.key.id.value)) return std::nullopt;
  return change;
}

// Reads one line into the page; true when it was the last line of a page.
Result<bool> ReadLine(std::string_view line, ChangesPage& page, json::storage_ptr memory) {
  OUTPOST_TRY(const json::value tree, ParseJson(line, std::move(memory)));
  if (!tree.is_object()) return Malformed("a line is no object");
  if (tree.get_object().contains("cursor")) {
    OUTPOST_CHECK(ReadTail(tree.get_object(), page));
    return true;
  }
  OUTPOST_TRY(Change change, ChangeFromJson(tree, line));
  page.changes.push_back(std::move(change));
  return false;
}

// Cuts the first line off, without its line feed.
std::string_view TakeLine(std::string_view& left) {
  const std::size_t end = left.find('\n');
  const std::string_view line = left.substr(0, end);
  left.remove_prefix(end == std::string_view::npos ? left.size() : end + 1);
  return line;
}

}  // namespace

std::string ToJson(const ChangesPage& page) {
  std::string out;
  out.reserve(SizeOf(page));
  out += "{\"epoch\":";
  AppendJsonString(out, page.epoch.value);
  out += ",\"changes\":[";
  for (std::size_t i = 0; i < page.changes.size(); ++i) {
    if (i > 0) out.push_back(',');
    AppendChangeJson(out, page.changes[i]);
  }
  out.push_back(']');
  AppendTail(out, page);
  out.push_back('}');
  return out;
}

Result<ChangesPage> ChangesPageFromJson(std::string_view text) {
  json::monotonic_resource memory(std::max(kParseMemoryMin, 3 * text.size()));
  OUTPOST_TRY(const json::value tree, ParseJson(text, &memory));
  if (!tree.is_object()) return Malformed("not an object");
  ChangesPage page;
  OUTPOST_CHECK(ReadTail(tree.get_object(), page));
  const json::value* changes = Find(tree.get_object(), "changes");
  if (changes == nullptr || !changes->is_array()) return Malformed("no changes");
  ElementTexts texts(MemberTail(text, "changes").value_or(std::string_view()));
  page.changes.reserve(changes->get_array().size());
  for (const json::value& element : changes->get_array()) {
    OUTPOST_TRY(Change change, ChangeFromJson(element, texts.Next().value_or(std::string_view())));
    page.changes.push_back(std::move(change));
  }
  return page;
}

std::string ToNdjson(const ChangesPage& page) {
  std::string out;
  out.reserve(SizeOf(page));
  for (const Change& change : page.changes) {
    AppendChangeJson(out, change);
    out.push_back('\n');
  }
  out += "{\"epoch\":";
  AppendJsonString(out, page.epoch.value);
  AppendTail(out, page);
  out += "}\n";
  return out;
}

Result<ChangesPage> ChangesPageFromNdjson(std::string_view text) {
  ChangesPage page;
  std::vector<unsigned char> buffer(kLineMemory);
  std::vector<PlainMember> members;
  while (!text.empty()) {
    const std::string_view line = TakeLine(text);
    if (auto change = PlainChange(line, members)) {
      page.changes.push_back(*std::move(change));
      continue;
    }
    // One resource per line over the same buffer: release() would keep the block size that a large line grew it to.
    json::monotonic_resource memory(buffer.data(), buffer.size());
    OUTPOST_TRY(const bool last, ReadLine(line, page, &memory));
    if (last) {
      if (!text.empty()) return Malformed("something after the last line");
      return page;
    }
  }
  return Malformed("the last line is missing");
}

}  // namespace outpost
