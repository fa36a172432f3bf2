#include "http/wire.h"

#include <algorithm>

#include "base/utf8.h"
#include "http/uri.h"

namespace outpost::http {
namespace {

namespace beast = boost::beast;

// Exactly one way to tell where the body ends, and one host.
bool IsUnambiguous(const Request& request, unsigned version) {
  const std::size_t lengths = request.headers.Count("Content-Length");
  const std::size_t encodings = request.headers.Count("Transfer-Encoding");
  if (lengths + encodings > 1) return false;
  if (encodings == 1 && (version < 11 || !EqualsIgnoreCase(request.headers.Get("Transfer-Encoding"), "chunked")))
    return false;
  const std::size_t hosts = request.headers.Count("Host");
  return hosts == 1 || (hosts == 0 && version < 11);
}

bool TakeTarget(std::string_view target, Request& request) {
  if (!IsUtf8(target)) return false;  // it is logged, in JSON
  if (const std::size_t scheme = target.find("://"); scheme != std::string_view::npos && target.front() != '/') {
    const std::size_t slash = target.find('/', scheme + 3);  // absolute form, as a proxy sends it
    target = slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
  }
  const std::size_t question = target.find('?');
  request.path = std::string(target.substr(0, question));
  if (request.path.empty() || request.path.front() != '/') return false;
  if (question == std::string_view::npos) return true;
  auto query = ParseQuery(target.substr(question + 1));
  if (!query.ok()) return false;
  request.query = std::move(query).value();
  return true;
}

// Values may echo what a peer sent: nothing in them may end the line.
void AppendHeader(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  const std::size_t start = out.size();
  out += value;
  std::replace_if(
      out.begin() + static_cast<std::ptrdiff_t>(start), out.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  out += "\r\n";
}

}  // namespace

bool TakeHead(const beast::http::request_header<>& head, Request& request) {
  request.method = std::string(head.method_string());
  for (const auto& field : head) request.headers.Add(std::string(field.name_string()), std::string(field.value()));
  const auto target = head.target();
  return !target.empty() && IsUnambiguous(request, head.version()) &&
         TakeTarget({target.data(), target.size()}, request);
}

std::string ResponseHead(const Response& response, const HeadContext& context) {
  std::string out;
  out.reserve(512 + response.body.size());
  out += "HTTP/1.1 " + std::to_string(response.status) + " ";
  const auto reason = beast::http::obsolete_reason(beast::http::int_to_status(static_cast<unsigned>(response.status)));
  out.append(reason.data(), reason.size());
  out += "\r\n";
  const bool bodiless = response.status == 204 || response.status == 304;
  if (context.live) {
    AppendHeader(out, "Content-Type", response.content_type);
  } else if (!bodiless) {
    AppendHeader(out, "Content-Length", std::to_string(response.body.size()));
    if (!response.body.empty()) AppendHeader(out, "Content-Type", response.content_type);
  }
  AppendHeader(out, "Date", context.date);
  for (const Header& header : response.headers.list()) AppendHeader(out, header.name, header.value);
  if (!context.keep_alive) {
    out += "Connection: close\r\n";
  } else if (context.version < 11) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
  return out;
}

}  // namespace outpost::http
