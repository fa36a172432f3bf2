#include "server/routes/documents.h"

#include "base/base64url.h"
#include "server/core/rights.h"
#include "server/routes/etag.h"
#include "server/routes/parameters.h"
#include "server/routes/problem_response.h"

namespace outpost::server {
namespace {

// A list cursor carries what it was made for, so that it cannot be used in another workspace or with another list.
struct ListTag {
  std::string workspace;
  std::string filter;
};

std::string ShortHash(const std::string& text) { return ToHex(Sha256Of(text)).substr(0, 16); }

ListTag TagOf(const Caller& caller, const ListFilter& filter) {
  return {"L2" + ShortHash(caller.workspace.value),
          ShortHash(filter.collection.value + "\n" + std::string(filter.field) + "\n" + std::string(filter.value))};
}

std::string MakeListCursor(const ListTag& tag, const std::string& next) {
  return ToBase64Url(tag.workspace + tag.filter + next);
}

// The store's position; Problem when the cursor is not of this list.
std::variant<std::string, Problem> ReadListCursor(std::string_view cursor, const ListTag& tag) {
  if (cursor.empty()) return std::string();
  const auto decoded = FromBase64Url(cursor);
  const std::size_t position = tag.workspace.size() + tag.filter.size();
  if (!decoded.ok() || decoded.value().size() < position || !decoded.value().starts_with(tag.workspace)) {
    return MakeProblem(ProblemCode::kCursorInvalid, "that is no cursor of this workspace's lists");
  }
  if (decoded.value().compare(tag.workspace.size(), tag.filter.size(), tag.filter) != 0) {
    return MakeProblem(ProblemCode::kCursorMismatch, "the cursor belongs to another list or filter");
  }
  return decoded.value().substr(position);
}

std::string ListBody(const DocumentList& list, const ListTag& tag) {
  std::string out = "{\"items\":[";
  const std::size_t start = out.size();
  for (const DocumentRow& row : list.rows) {
    if (out.size() > start) out += ',';
    out += row.body;
  }
  out += "],\"cursor\":";
  if (list.next.empty()) {
    out += "null";
  } else {
    AppendJsonString(out, MakeListCursor(tag, list.next));
  }
  out += list.next.empty() ? ",\"more\":false}" : ",\"more\":true}";
  return out;
}

}  // namespace

std::optional<Problem> CheckReadable(const Caller& caller, const CollectionName& collection) {
  if (ReadRights(caller.roles, caller.user).MayRead(collection)) return std::nullopt;
  return MakeProblem(ProblemCode::kForbidden, "your roles may not read " + collection.value);
}

http::Response DocumentAnswer(Services& services, const Call& call, const DocumentKey& key) {
  const Caller& caller = call.caller;
  if (const auto problem = CheckReadable(caller, key.collection)) return ToResponse(*problem);
  auto read = services.store.BeginRead();
  if (!read.ok()) return ToResponse(StoreProblem(read.error()));
  const auto row = read.value()->Get(caller.workspace, key);
  if (!row.ok()) return ToResponse(StoreProblem(row.error()));
  const bool there = row.value() && !row.value()->deleted;
  if (!there || !ReadRights(caller.roles, caller.user).MayRead(key.collection, row.value()->body)) {
    return ProblemResponse(ProblemCode::kNotFound, "there is no such resource");
  }
  const std::string tag = "\"" + std::to_string(row.value()->version.value) + "\"";
  http::Response response;
  if (NamesTag(call.request.headers.Get("If-None-Match"), tag)) {
    response.status = 304;
  } else {
    response = JsonResponse(row.value()->body);
  }
  response.headers.Add("ETag", tag);
  // A shared cache must not keep what one person may see; the person's own may, if it asks each time.
  response.headers.Add("Cache-Control", "private, no-cache");
  return response;
}

http::Response ListAnswer(Services& services, const Call& call, const ListFilter& filter) {
  if (const auto problem = CheckReadable(call.caller, filter.collection)) return ToResponse(*problem);
  const auto limit = ReadLimit(call.Query("limit"), kListLimitDefault);
  if (const auto* problem = std::get_if<Problem>(&limit)) return ToResponse(*problem);
  const ListTag tag = TagOf(call.caller, filter);
  const auto after = ReadListCursor(call.Query("cursor"), tag);
  if (const auto* problem = std::get_if<Problem>(&after)) return ToResponse(*problem);
  auto read = services.store.BeginRead();
  if (!read.ok()) return ToResponse(StoreProblem(read.error()));
  auto list = read.value()->List(call.caller.workspace, filter.collection, filter.field, filter.value,
                                 std::get<std::string>(after), std::get<int>(limit));
  if (!list.ok() && list.error().code == ErrorCode::kInvalidArgument) {
    return ProblemResponse(ProblemCode::kCursorInvalid, "that is no cursor of this server");
  }
  if (!list.ok()) return ToResponse(StoreProblem(list.error()));
  const ReadRights rights(call.caller.roles, call.caller.user);
  if (rights.only_created_by()) {
    std::erase_if(list.value().rows,
                  [&](const DocumentRow& row) { return !rights.MayRead(filter.collection, row.body); });
  }
  return JsonResponse(ListBody(list.value(), tag));
}

}  // namespace outpost::server
