// Every answer that a black-box test gets is checked against the server's own OpenAPI document: path, method, status,
// content type and the shape of the body. A small validator of the JSON Schema that the document uses.
#pragma once

#include <string>

#include "tests/blackbox/client.h"

namespace outpost::blackbox {

// What of `value` is not as the schema says, by path; empty: all is well. `document` resolves references.
std::string Mismatch(const json::value& document, const json::object& schema, const json::value& value,
                     const std::string& path = "");

// The document of the server at this port, fetched once; null when it has none.
const json::value& DocumentOf(std::uint16_t port);

// Empty: the answer is as the document describes it.
std::string CheckAnswer(const json::value& document, const std::string& method, const std::string& path,
                        const Answer& answer);

}  // namespace outpost::blackbox
