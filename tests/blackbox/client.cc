#include "tests/blackbox/client.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "http/raw_client.h"
#include "tests/blackbox/schema_check.h"

namespace outpost::blackbox {
namespace {

const json::value* Step(const json::value& value, std::string_view name) {
  if (const json::object* object = value.if_object()) return object->if_contains(name);
  const json::array* array = value.if_array();
  const auto index = static_cast<std::size_t>(std::atoi(std::string(name).c_str()));
  return array != nullptr && index < array->size() ? &(*array)[index] : nullptr;
}

std::string Compose(const std::string& method, const std::string& path, const std::string& body,
                    const HeaderList& headers, const std::string& token) {
  std::string text = method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n";
  if (!token.empty()) text += "Authorization: Bearer " + token + "\r\n";
  bool typed = body.empty();
  for (const http::Header& header : headers) {
    text += header.name + ": " + header.value + "\r\n";
    typed = typed || http::EqualsIgnoreCase(header.name, "Content-Type");
  }
  if (!typed) text += "Content-Type: application/json\r\n";
  if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return text + "\r\n" + body;
}

}  // namespace

std::string Answer::At(std::string_view path) const {
  const json::value* value = &body;
  while (!path.empty() && value != nullptr) {
    const std::size_t dot = path.find('.');
    value = Step(*value, path.substr(0, dot));
    path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
  }
  if (value == nullptr || value->is_null()) return "";
  return value->is_string() ? std::string(value->get_string()) : json::serialize(*value);
}

Answer Client::Send(const std::string& method, const std::string& path, const std::string& body,
                    const HeaderList& headers) const {
  http::RawClient connection(port_);
  Answer answer;
  connection.Send(Compose(method, path, body, headers, token_));
  auto response = connection.Read(method == "HEAD");
  if (!response) return answer;
  answer.status = response->status;
  answer.headers = std::move(response->headers);
  answer.text = std::move(response->body);
  boost::system::error_code broken;
  answer.body = json::parse(answer.text, broken);
  const std::string mismatch = CheckAnswer(DocumentOf(port_), method, path, answer);
  EXPECT_EQ(mismatch, "") << method << " " << path << " answered " << answer.status << " "
                          << answer.text.substr(0, 2000);
  return answer;
}

Answer Client::Push(const std::vector<std::string>& commands, const std::string& more) const {
  std::string body = "{" + more + "\"commands\":[";
  for (std::size_t i = 0; i < commands.size(); ++i) body += (i > 0 ? "," : "") + commands[i];
  return Post("/sync/commands", body + "]}");
}

}  // namespace outpost::blackbox
