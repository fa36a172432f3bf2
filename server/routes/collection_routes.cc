#include "server/routes/collection_routes.h"

#include "server/core/rights.h"
#include "server/routes/documents.h"
#include "server/routes/problem_response.h"

namespace outpost::server {
namespace {

using Answer = http::Response (*)(Services&, Call&);

Route Get(Services& services, std::string pattern, std::string summary, std::vector<std::string> query, Answer answer) {
  Route route;
  route.method = "GET";
  route.pattern = std::move(pattern);
  route.summary = std::move(summary);
  route.query = std::move(query);
  route.handle = [&services, answer](const CallPtr& call) {
    AnswerOnReader(services, call, [&services, answer](Call& asked) { return answer(services, asked); });
  };
  return route;
}

json::value Names(const std::vector<std::string>& names) {
  json::array list;
  for (const std::string& name : names) list.emplace_back(name);
  return list;
}

json::value StatesJson(const rules::StateRules& states) {
  if (states.empty()) return nullptr;
  json::object next;
  for (const auto& [state, followers] : states.next) next[state] = Names(followers);
  return json::object{{"field", states.field}, {"initial", Names(states.initial)}, {"next", std::move(next)}};
}

// What an application, or a device that wants to guess well, has to know of a declared collection.
json::object Describe(const rules::DeclaredCollection& collection) {
  return {{"name", collection.name},
          {"strategy", rules::Name(collection.strategy)},
          {"schema", collection.schema},
          {"states", StatesJson(collection.states)},
          {"scope", collection.scope_field.empty() ? json::value() : json::value(collection.scope_field)},
          {"sensitive", collection.sensitive},
          {"sensitiveFields", Names(collection.sensitive_fields)}};
}

http::Response Declared(Services& services, Call& call) {
  const ReadRights rights(call.caller.roles, call.caller.user);
  json::array items;
  for (const auto& [name, collection] : services.collections->declared().all()) {
    if (rights.MayRead(CollectionName(name))) items.push_back(Describe(collection));
  }
  return JsonResponse(ToJson(json::value{{"items", std::move(items)}, {"cursor", nullptr}, {"more", false}}));
}

http::Response NoCollection() { return ProblemResponse(ProblemCode::kNotFound, "there is no such collection"); }

http::Response Documents(Services& services, Call& call) {
  const CollectionName name(call.Parameter("collection"));
  if (services.collections->Find(name.value) == nullptr) return NoCollection();
  return ListAnswer(services, call, {name, "", ""});
}

http::Response Document(Services& services, Call& call) {
  const CollectionName name(call.Parameter("collection"));
  if (services.collections->Find(name.value) == nullptr) return NoCollection();
  return DocumentAnswer(services, call, {name, DocumentId(call.Parameter("id"))});
}

}  // namespace

std::vector<Route> CollectionRoutes(Services& services) {
  std::vector<Route> routes;
  routes.push_back(Get(services, "/collections", "Declared collections", {}, Declared));
  routes.push_back(Get(services, "/collections/{collection}", "Documents of a collection, newest id first",
                       {"limit", "cursor"}, Documents));
  routes.push_back(Get(services, "/collections/{collection}/{id}", "One document", {}, Document));
  return routes;
}

}  // namespace outpost::server
