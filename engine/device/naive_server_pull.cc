// The naive server's feed: filters, joins, departures. Its cursors are "SEQUENCE.COLLECTION-COLLECTION~EPOCH", plain to
// read.
#include <charconv>
#include <set>

#include "engine/device/naive_server.h"

namespace outpost::engine {
namespace {

HttpResponse Json(int status, const char* type, std::string body) {
  HttpResponse response;
  response.status = status;
  response.content_type = type;
  response.body = std::move(body);
  return response;
}

HttpResponse Refuse(ProblemCode code) {
  Problem problem;
  problem.code = code;
  return Json(HttpStatus(code), "application/problem+json", ToJson(ToProblemDocument(problem)));
}

std::string Unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    plain += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
    i += 2;
  }
  return plain;
}

std::string Parameter(const std::string& target, const std::string& name) {
  for (const std::string& lead : {"?" + name + "=", "&" + name + "="}) {
    const std::size_t at = target.find(lead);
    if (at == std::string::npos) continue;
    const std::size_t begin = at + lead.size();
    return Unescaped(std::string_view(target).substr(begin, target.find('&', begin) - begin));
  }
  return "";
}

// "a,b" or "a-b", in order.
std::string Names(std::string_view text) {
  std::set<std::string> names;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(",-"), text.size());
    if (end > 0) names.insert(std::string(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  std::string sorted;
  for (const std::string& name : names) sorted += (sorted.empty() ? "" : "-") + name;
  return sorted;
}

std::int64_t SequenceOf(const std::string& cursor) {
  std::int64_t seq = 0;
  std::from_chars(cursor.data(), cursor.data() + cursor.size(), seq);
  return seq;
}

std::string FilterOf(const std::string& cursor) {
  const std::size_t begin = std::min(cursor.find('.') + 1, cursor.size());
  return cursor.substr(begin, cursor.find('~') - begin);
}

std::string EpochOf(const std::string& cursor) { return cursor.substr(std::min(cursor.find('~') + 1, cursor.size())); }

}  // namespace

bool NaiveServer::Filter::Asks(const CollectionName& collection) const {
  return collections.empty() || ("-" + collections + "-").find("-" + collection.value + "-") != std::string::npos;
}

bool NaiveServer::Filter::Shows(const DocumentKey& key, std::string_view station) const {
  return scope.empty() || key.collection.value != "tickets" || scope == "station:" + std::string(station);
}

// nullopt: not shown to whoever asks so.
std::optional<Change> NaiveServer::ChangeOf(const DocumentKey& key, std::int64_t seq, const Filter& filter,
                                            bool from_start) const {
  const rules::StoredDocument& document = documents_.at(key);
  Change change{Sequence(seq), key, document.version, "", "deleted"};
  if (document.holding != rules::Holding::kFound) return from_start ? std::nullopt : std::optional<Change>(change);
  if (filter.Shows(key, StringOr(document.body, "station"))) {
    return Change{Sequence(seq), key, document.version, ToJson(document.body), ""};
  }
  const auto before = stations_left_.find(key);
  if (from_start || before == stations_left_.end() || !filter.Shows(key, before->second)) return std::nullopt;
  change.reason = "left";
  return change;
}

HttpResponse NaiveServer::Pull(const std::string& target) {
  const std::string cursor = Parameter(target, "cursor");
  const std::string join = Parameter(target, "join");
  const Filter filter{Names(Parameter(target, "collections")), Parameter(target, "scope")};
  if (!cursor.empty() && EpochOf(cursor) != epoch_.value) return Refuse(ProblemCode::kCursorExpired);
  if (!cursor.empty() && SequenceOf(cursor) < oldest_cursor_) return Refuse(ProblemCode::kCursorExpired);
  if (!cursor.empty() && FilterOf(cursor) != filter.collections) return Refuse(ProblemCode::kCursorMismatch);
  const std::int64_t after = cursor.empty() ? 0 : SequenceOf(cursor);
  const std::int64_t up_to = join.empty() ? head_ : SequenceOf(join);
  std::multimap<std::int64_t, DocumentKey> by_seq;
  for (const auto& [key, seq] : seqs_) {
    if (seq > after && seq <= up_to && filter.Asks(key.collection)) by_seq.emplace(seq, key);
  }
  ChangesPage page;
  page.epoch = epoch_;
  std::int64_t last = after;
  for (const auto& [seq, key] : by_seq) {
    if (static_cast<int>(page.changes.size()) >= page_changes && seq != last) {
      page.more = true;
      break;
    }
    if (auto change = ChangeOf(key, seq, filter, cursor.empty())) page.changes.push_back(*std::move(change));
    last = seq;
  }
  if (!page.more) last = up_to;
  for (const OwnCommand& own : log_) {
    if (own.seq.value > after && own.seq.value <= last) page.own.push_back(own);
  }
  const bool joined = !join.empty() && !page.more;
  const std::string good_for = joined ? Names(filter.collections + "-" + FilterOf(join)) : filter.collections;
  page.cursor = Cursor(std::to_string(last) + "." + good_for + "~" + epoch_.value);
  return Json(200, "application/x-ndjson", ToNdjson(page));
}

}  // namespace outpost::engine
