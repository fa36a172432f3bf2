#include "server/routes/live_routes.h"

#include <algorithm>
#include <functional>

#include "http/list_header.h"
#include "server/core/feed.h"
#include "server/routes/call.h"
#include "server/routes/parameters.h"
#include "server/routes/problem_response.h"

namespace outpost::server {
namespace {

// Where everybody reconnects at once after a restart, they should not come back in the same moment.
constexpr std::size_t kReconnectMsMin = 1000;
constexpr std::size_t kReconnectMsSpread = 4000;

// "a, b , c" has b.
bool ListHas(std::string_view list, std::string_view wanted) {
  const auto entries = http::ListEntries(list);
  return std::any_of(entries.begin(), entries.end(),
                     [&](std::string_view one) { return http::EqualsIgnoreCase(one, wanted); });
}

bool IsWebSocket(const http::Headers& headers) {
  return ListHas(headers.Get("Upgrade"), "websocket") && ListHas(headers.Get("Connection"), "upgrade");
}

// A browser insists on one of the subprotocols it offered.
std::string ChosenSubprotocol(std::string_view offered) {
  if (ListHas(offered, "outpost")) return "outpost";
  const std::size_t bearer = offered.find("bearer.");
  if (bearer == std::string_view::npos) return "";
  const std::string_view rest = offered.substr(bearer);
  return std::string(rest.substr(0, rest.find_first_of(", ")));
}

// `device=<deviceId>.<incarnation>`: an incarnation has no dot, a device's id may.
std::variant<std::optional<DeviceRef>, Problem> ReadDeviceParameter(const Call& call) {
  const std::string_view text = call.Query("device");
  if (text.empty()) return ReadDevice(call.request.headers.Get("Outpost-Device"));
  const std::size_t dot = text.rfind('.');
  if (dot == std::string_view::npos) {
    return MakeProblem(ProblemCode::kInvalidParameter, "device must be <deviceId>.<incarnation>");
  }
  return ReadDevice(std::string(text.substr(0, dot)) + " " + std::string(text.substr(dot + 1)));
}

std::variant<Subscription, Problem> ReadSubscription(const Services& services, const Call& call) {
  Subscription subscription;
  subscription.caller = call.caller;
  subscription.kind = IsWebSocket(call.request.headers) ? http::Live::Kind::kWebSocket : http::Live::Kind::kEvents;
  PullRequest& request = subscription.request;
  request.known = services.collections;
  auto collections = ReadCollections(call.Query("collections"), *services.collections);
  if (auto* problem = std::get_if<Problem>(&collections)) return std::move(*problem);
  auto device = ReadDeviceParameter(call);
  if (auto* problem = std::get_if<Problem>(&device)) return std::move(*problem);
  request.collections = std::get<std::vector<CollectionName>>(std::move(collections));
  request.device = std::get<std::optional<DeviceRef>>(std::move(device));
  request.scope = std::string(call.Query("scope"));
  request.limit = kLivePageLimit;
  // A browser that reconnects by itself repeats the old address and adds where it got to.
  std::string_view from = call.request.headers.Get("Last-Event-ID");
  if (from.empty()) from = call.Query("cursor");
  if (!from.empty()) request.cursor = Cursor(std::string(from));
  return subscription;
}

// What speaks against this place in the feed. Fills in the head where no cursor was given.
std::optional<Problem> FindPlace(Services& services, Subscription& subscription) {
  PullRequest probe = subscription.request;
  probe.limit = 1;
  probe.device.reset();
  if (!probe.cursor) {
    auto head = HeadCursor(services.store, subscription.caller, probe);
    if (!head.ok()) return StoreProblem(head.error());
    subscription.request.cursor = probe.cursor = std::move(head).value();
  }
  PullResult page = ReadChanges(services.store, subscription.caller, probe);
  if (auto* problem = std::get_if<Problem>(&page)) return std::move(*problem);
  return std::nullopt;
}

std::shared_ptr<const std::string> Greeting(const Subscription& subscription, const std::string& seed) {
  const std::size_t retry_ms = kReconnectMsMin + std::hash<std::string>{}(seed) % kReconnectMsSpread;
  // An id without data is no event to a browser, but it is where a reconnect goes on from.
  return std::make_shared<const std::string>(": connected\nretry: " + std::to_string(retry_ms) +
                                             "\nid: " + subscription.request.cursor->value + "\n\n");
}

http::Response LiveAnswer(Services& services, const Call& call, Subscription subscription,
                          const std::optional<Problem>& expired) {
  http::Response response;
  response.content_type = "text/event-stream; charset=utf-8";
  response.headers.Add("X-Accel-Buffering", "no");  // a proxy must not collect events
  response.live = std::make_shared<http::Live>();
  response.live->kind = subscription.kind;
  response.live->subprotocol = ChosenSubprotocol(call.request.headers.Get("Sec-WebSocket-Protocol"));
  if (subscription.kind == http::Live::Kind::kWebSocket) response.status = 101;
  response.live->opened = [&services, expired, seed = call.request_id,
                           wanted = std::move(subscription)](const std::shared_ptr<http::LiveStream>& stream) {
    if (expired) {
      stream->Close(kCloseCursorExpired, expired->detail);
      return;
    }
    if (wanted.kind == http::Live::Kind::kEvents) stream->Send(Greeting(wanted, seed));
    services.live.Add(wanted, stream);
  };
  return response;
}

http::Response Answer(Services& services, const Call& call) {
  auto read = ReadSubscription(services, call);
  if (const auto* problem = std::get_if<Problem>(&read)) return ToResponse(*problem);
  auto& subscription = std::get<Subscription>(read);
  const std::optional<Problem> problem = FindPlace(services, subscription);
  // A browser cannot see why a handshake failed: this one is told by the close code.
  const bool told_by_code =
      problem && problem->code == ProblemCode::kCursorExpired && subscription.kind == http::Live::Kind::kWebSocket;
  if (problem && !told_by_code) return ToResponse(*problem);
  return LiveAnswer(services, call, std::move(subscription), problem);
}

}  // namespace

std::vector<Route> LiveRoutes(Services& services) {
  Route route;
  route.method = "GET";
  route.pattern = "/sync/live";
  route.summary = "Changes as they happen: server-sent events, or a WebSocket";
  route.query = {"cursor", "collections", "scope", "device"};
  route.streams = true;
  route.handle = [&services](const CallPtr& call) {
    AnswerOnReader(services, call, [&services](Call& asked) { return Answer(services, asked); });
  };
  return {std::move(route)};
}

}  // namespace outpost::server
