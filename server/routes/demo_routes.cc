#include "server/routes/demo_routes.h"

#include "server/routes/app_routes.h"
#include "server/routes/call.h"
#include "server/routes/demo_seed.h"
#include "server/routes/problem_response.h"
#include "server/routes/status_page.h"

namespace outpost::server {
namespace {

constexpr Milliseconds kDemoTokenLife{12 * 3600 * 1000};
constexpr std::string_view kStartApp = "start";
constexpr int kOrdersShown = 20;
constexpr int kTicketsShown = 200;

bool NamesLoopback(std::string_view host) {
  const std::string_view name = host.substr(0, host.front() == '[' ? host.find(']') + 1 : host.find(':'));
  return name == "localhost" || name == "[::1]" || name.substr(0, 4) == "127.";
}

Route Demo(std::string method, std::string pattern, std::string summary, std::function<void(const CallPtr&)> handle) {
  Route route;
  route.method = std::move(method);
  route.pattern = std::move(pattern);
  route.entrance = Entrance::kOpen;
  route.summary = std::move(summary);
  route.handle = [handle = std::move(handle)](const CallPtr& call) {
    const std::string_view host = call->request.headers.Get("Host");
    if (!host.empty() && NamesLoopback(host)) {
      handle(call);
    } else {
      call->Answer(ProblemResponse(ProblemCode::kForbidden, "the demo answers on loopback only"));
    }
  };
  return route;
}

Status AddList(std::string& out, const char* name, ReadTransaction& read, const char* collection, int limit) {
  OUTPOST_TRY(const DocumentList list,
              read.List(WorkspaceId(kDemoWorkspace), CollectionName(collection), "", "", "", limit));
  out += std::string(",\"") + name + "\":[";
  for (std::size_t i = 0; i < list.rows.size(); ++i) {
    if (i > 0) out += ',';
    out += list.rows[i].body;
  }
  out += ']';
  return {};
}

Status AddDevices(std::string& out, ReadTransaction& read) {
  OUTPOST_TRY(const std::vector<DeviceStatus> devices, read.Devices(WorkspaceId(kDemoWorkspace)));
  json::array items;
  for (const DeviceStatus& device : devices) {
    items.push_back({{"id", device.device.value},
                     {"waiting", device.report.waiting},
                     {"quarantined", device.report.quarantined},
                     {"acknowledged", device.acknowledged},
                     {"lastSeen", ToRfc3339(device.last_seen)}});
  }
  out += ",\"devices\":" + ToJson(json::value(std::move(items)));
  return {};
}

Result<std::string> StateText(Services& services) {
  OUTPOST_TRY(const auto read, services.store.BeginRead());
  OUTPOST_TRY(const WorkspaceHead head, read->Head(WorkspaceId(kDemoWorkspace)));
  std::string out =
      "{\"head\":" + std::to_string(head.head.value) + ",\"serverTime\":\"" + ToRfc3339(services.clock()) + "\"";
  OUTPOST_CHECK(AddList(out, "orders", *read, "orders", kOrdersShown));
  OUTPOST_CHECK(AddList(out, "tickets", *read, "tickets", kTicketsShown));
  OUTPOST_CHECK(AddDevices(out, *read));
  return out + "}";
}

http::Response PageAnswer() {
  http::Response response;
  response.content_type = "text/html; charset=utf-8";
  response.body = StatusPage();
  response.headers.Add("Content-Security-Policy",
                       "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; "
                       "base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
  return response;
}

std::variant<Caller, Problem> ReadTokenRequest(const std::string& body) {
  Caller caller{WorkspaceId(kDemoWorkspace), UserId(kDemoUser), {"staff"}, std::nullopt, {}};
  if (body.empty()) return caller;
  const auto value = ParseJson(body);
  if (!value.ok() || !value.value().is_object())
    return MakeProblem(ProblemCode::kMalformedJson, "the body must be a JSON object");
  const json::object& wish = value.value().get_object();
  caller.workspace.value = std::string(StringOr(wish, "workspace", kDemoWorkspace));
  caller.user.value = std::string(StringOr(wish, "user", kDemoUser));
  if (!IsValidId(caller.workspace.value) || !IsValidId(caller.user.value)) {
    return MakeProblem(ProblemCode::kInvalidParameter, "workspace and user must be ids");
  }
  const json::value* roles = Find(wish, "roles");
  if (roles == nullptr) return caller;
  caller.roles.clear();
  if (!roles->is_array() || roles->get_array().size() > kRolesMax)
    return MakeProblem(ProblemCode::kInvalidParameter, "roles must be a list of names");
  for (const json::value& role : roles->get_array()) {
    if (!role.is_string()) return MakeProblem(ProblemCode::kInvalidParameter, "roles must be a list of names");
    caller.roles.emplace_back(role.get_string());
  }
  return caller;
}

http::Response TokenAnswer(Services& services, const Call& call) {
  auto caller = ReadTokenRequest(call.request.body);
  if (const auto* problem = std::get_if<Problem>(&caller)) return ToResponse(*problem);
  Caller& wanted = std::get<Caller>(caller);
  wanted.expires = services.clock() + kDemoTokenLife;
  const json::value answer{{"token", services.tokens.Make(wanted)}, {"expiresAt", ToRfc3339(wanted.expires)}};
  return JsonResponse(ToJson(answer));
}

}  // namespace

std::vector<Route> DemoRoutes(Services& services, const std::shared_ptr<const WebFiles>& apps) {
  std::vector<Route> routes;
  routes.push_back(Demo("GET", "/", "The demo's start page", [apps](const CallPtr& call) {
    const WebFile* start = apps != nullptr ? apps->Find(kStartApp) : nullptr;
    call->Answer(start != nullptr ? AppAnswer(*start, call->request) : PageAnswer());
  }));
  routes.push_back(
      Demo("GET", "/demo/status", "The demo's status page", [](const CallPtr& call) { call->Answer(PageAnswer()); }));
  routes.push_back(Demo("GET", "/demo/state", "What the status page shows", [&services](const CallPtr& call) {
    AnswerOnReader(services, call, [&services](Call&) {
      auto text = StateText(services);
      return text.ok() ? JsonResponse(std::move(text).value()) : ToResponse(StoreProblem(text.error()));
    });
  }));
  routes.push_back(Demo("POST", "/auth/demo-token", "A token for the asking",
                        [&services](const CallPtr& call) { call->Answer(TokenAnswer(services, *call)); }));
  return routes;
}

}  // namespace outpost::server
