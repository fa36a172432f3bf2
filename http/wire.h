// Between Beast's head of a request and ours, and from our answer to bytes. Internal to http/.
#pragma once

#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>
#include <string>
#include <string_view>

#include "http/message.h"

namespace outpost::http {

// False when the head is one that two readers could understand differently, or its target is broken.
bool TakeHead(const boost::beast::http::request_header<>& head, Request& request);

struct HeadContext {
  std::string_view date;
  bool keep_alive = true;
  unsigned version = 11;
  bool live = false;  // the length is not known
};

// Status line and headers, up to and including the empty line.
std::string ResponseHead(const Response& response, const HeadContext& context);

}  // namespace outpost::http
