#include "server/routes/app_routes.h"

#include "http/gzip.h"
#include "server/routes/call.h"
#include "server/routes/etag.h"
#include "server/routes/problem_response.h"

namespace outpost::server {
namespace {

// WebAssembly is compiled, workers and frames are this server's own; styles come from files, never from attributes.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; font-src 'self'; img-src 'self' "
    "data:; "
    "connect-src 'self'; worker-src 'self'; frame-src 'self'; manifest-src 'self'; base-uri 'none'; form-action "
    "'none'; "
    "frame-ancestors 'self'";

// A service worker answers for its whole application: for /apps/pos too, which is above its own folder.
std::string ScopeOf(std::string_view path) { return "/apps/" + std::string(path.substr(0, path.find('/'))); }

http::Response FileAnswer(const WebFiles& files, const Call& call) {
  const std::string& path = call.Parameter("path");
  const WebFile* file = files.Find(path);
  if (file == nullptr) return ProblemResponse(ProblemCode::kNotFound, "there is nothing at this path");
  http::Response response = AppAnswer(*file, call.request);
  if (path.ends_with("/sw.js")) response.headers.Add("Service-Worker-Allowed", ScopeOf(path));
  return response;
}

}  // namespace

http::Response AppAnswer(const WebFile& file, const http::Request& request) {
  http::Response response;
  response.content_type = file.content_type;
  response.headers.Add("ETag", file.tag);
  response.headers.Add("Cache-Control", file.lasting ? "public, max-age=31536000, immutable" : "no-cache");
  response.headers.Add("Vary", "Accept-Encoding");
  response.headers.Add("Content-Security-Policy", kPolicy);
  response.headers.Add("X-Frame-Options", "SAMEORIGIN");
  if (NamesTag(request.headers.Get("If-None-Match"), file.tag)) {
    response.status = 304;
  } else if (!file.packed.empty() && http::AcceptsGzip(request.headers.Get("Accept-Encoding"))) {
    response.headers.Add("Content-Encoding", "gzip");
    response.body = file.packed;
  } else {
    response.body = file.bytes;
  }
  return response;
}

std::vector<Route> AppRoutes(std::shared_ptr<const WebFiles> files) {
  Route route;
  route.method = "GET";
  route.pattern = "/apps/{path...}";
  route.entrance = Entrance::kOpen;
  route.summary = "The web applications";
  route.handle = [files = std::move(files)](const CallPtr& call) { call->Answer(FileAnswer(*files, *call)); };
  return {route};
}

}  // namespace outpost::server
